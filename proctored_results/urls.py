"""The URLs of the plugin, below ``/api/proctored_results/``."""

from django.urls import path

from proctored_results.instructor import downloads, views
from proctored_results.learner.views import ResultView

# Old course ids have slashes in them. What is no course id gets a 404 from the views.
COURSE = "v1/courses/<path:course_id>"

urlpatterns = [
    path(f"{COURSE}/reports/", views.ReportListView.as_view(), name="reports"),
    path(f"{COURSE}/reports/<str:name>/download/", downloads.DownloadView.as_view(), name="report-download"),
    path(f"{COURSE}/tasks/", views.TaskListView.as_view(), name="tasks"),
    path(f"{COURSE}/tasks/<str:task_id>/", views.TaskView.as_view(), name="task"),
    path(f"{COURSE}/dashboard-button/", views.DashboardButtonView.as_view(), name="dashboard-button"),
    path(f"{COURSE}/exams/<path:usage_key>/result/", ResultView.as_view(), name="exam-result"),
]
