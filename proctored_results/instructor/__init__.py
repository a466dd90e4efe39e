"""The course team's side: the panel in Data Download, its own page, the tab, and the REST API."""
