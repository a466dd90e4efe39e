"""
Reports: which columns there are, how a cell is written, which formats there are, and the run that makes a file.

A report is a kind, a choice (columns, format and options) and an iterator of rows; `building` puts them together and
knows nothing of celery, HTTP or the platform. `runs` keeps the account of who asked for what and how it went.
"""
