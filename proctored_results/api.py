"""
The Python door for other code on the platform. Nothing else of the plugin is public.

    from proctored_results import api

    choice = api.choose(extra_columns=["track"])
    run = api.start_report(request, course_key, choice)
"""

from proctored_results.models import ReportRun
from proctored_results.reports.building import Choice
from proctored_results.runs import AlreadyRunning, ReportFailed, choose
from proctored_results.runs import start as start_report
from proctored_results.runs import store as store_report
from proctored_results.runs import write as write_report

__all__ = [
    "AlreadyRunning",
    "Choice",
    "ReportFailed",
    "ReportRun",
    "choose",
    "start_report",
    "store_report",
    "write_report",
]
