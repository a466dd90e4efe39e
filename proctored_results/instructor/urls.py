"""The URLs of the course team's API, below ``/api/proctored_results/``."""
from django.urls import include, path

from proctored_results.instructor import downloads, views

course_urls = [
    path("reports/", views.ReportListView.as_view(), name="reports"),
    path("reports/<str:name>/download/", downloads.DownloadView.as_view(), name="report-download"),
    path("tasks/", views.TaskListView.as_view(), name="tasks"),
    path("tasks/<str:task_id>/", views.TaskView.as_view(), name="task"),
    path("dashboard-button/", views.DashboardButtonView.as_view(), name="dashboard-button"),
]

urlpatterns = [
    path("v1/courses/<path:course_id>/", include(course_urls)),
]
