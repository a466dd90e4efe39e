"""The import path of the private report store for the site setting ``GRADES_DOWNLOAD``."""

from proctored_results.edx_platform.private_storage import PrivateReportStorage

__all__ = ["PrivateReportStorage"]
