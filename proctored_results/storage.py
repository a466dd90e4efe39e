"""The name by which ``GRADES_DOWNLOAD`` in a site's settings knows the private report store."""

from proctored_results.edx_platform.private_storage import PrivateReportStorage

__all__ = ["PrivateReportStorage"]
