"""
Reports: which kinds and columns there are, what can be asked for, how a cell is written, and in which formats.

A report is a kind, a choice (columns, format and options) and an iterator of rows. `building` puts them together. This
package knows nothing of celery, HTTP or the platform. Who asked for a report and how it went is in
`proctored_results.runs`.
"""
