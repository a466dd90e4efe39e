"""The celery app: the web server sends tasks through it, and the worker takes them."""

from celery import Celery

app = Celery("lms_sandbox")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
