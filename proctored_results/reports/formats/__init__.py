"""
The file formats of reports. Any iterator of rows of cells streams through any of them.

A new format is a file in this folder and an entry in `FORMATS`.
"""

from proctored_results.reports.formats.base import Format, Row
from proctored_results.reports.formats.csv import CSV

#: Key in requests -> the format.
FORMATS = {report_format.key: report_format for report_format in (CSV,)}

__all__ = ["CSV", "FORMATS", "Format", "Row"]
