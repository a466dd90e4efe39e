"""What course teams meet: the panel in Data Download, its own page, the tab, and the REST API."""
