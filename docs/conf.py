"""Configuration of Sphinx."""

project = "proctored-results"
extensions: list[str] = []
html_theme = "alabaster"
exclude_patterns = ["_build"]
nitpicky = True
