"""Configuration of Sphinx."""

project = "proctored-results"
author = "the contributors of proctored-results"
extensions: list[str] = []
html_theme = "sphinx_book_theme"
html_title = project
html_theme_options = {
    "repository_url": "https://github.com/proctored-results/proctored-results",
    "repository_branch": "main",
    "path_to_docs": "docs",
    "use_repository_button": True,
    "use_issues_button": True,
    "use_edit_page_button": True,
    # The search is beside the pages.
    "navbar_persistent": [],
}
exclude_patterns = ["_build"]
nitpicky = True
