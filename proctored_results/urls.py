"""The URLs of the plugin: the API below ``/api/proctored_results/``, the page below ``/proctored_results/``."""

from django.urls import path

from proctored_results.instructor import page
from proctored_results.instructor.api.dashboard_button import DashboardButtonView
from proctored_results.instructor.api.downloads import DownloadView
from proctored_results.instructor.api.reports import ReportListView
from proctored_results.instructor.api.tasks import TaskListView, TaskView
from proctored_results.learner.api import ResultView

# Old course ids contain slashes. For a text that is no course id, the view answers 404.
API = "api/proctored_results/v1/courses/<path:course_id>"
PAGES = "proctored_results/courses/<path:course_id>"

urlpatterns = [
    path(f"{API}/reports/", ReportListView.as_view(), name="reports"),
    path(f"{API}/reports/<str:name>/download/", DownloadView.as_view(), name="report-download"),
    path(f"{API}/tasks/", TaskListView.as_view(), name="tasks"),
    path(f"{API}/tasks/<str:task_id>/", TaskView.as_view(), name="task"),
    path(f"{API}/dashboard-button/", DashboardButtonView.as_view(), name="dashboard-button"),
    path(f"{API}/exams/<path:usage_key>/result/", ResultView.as_view(), name="exam-result"),
    path(f"{PAGES}/", page.panel_page, name="panel"),
]
