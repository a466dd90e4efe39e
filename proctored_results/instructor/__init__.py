"""The course team's side: the Data Download panel, its REST API, and the links to report files."""
