"""The celery app: web server and worker send and take tasks through it."""

from celery import Celery

app = Celery("lms_sandbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
