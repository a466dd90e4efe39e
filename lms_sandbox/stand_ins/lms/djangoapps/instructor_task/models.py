"""Background tasks of course teams, and the place where their files go."""

import csv
import hashlib
import io
import json
import os.path
from uuid import uuid4

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils.translation import gettext as _
from opaque_keys.edx.django.models import CourseKeyField
from openedx.core.storage import get_storage

try:
    from botocore.exceptions import ClientError
except ImportError:

    class ClientError(Exception):
        """What S3 storages raise. If their library is not installed, nothing raises it."""


QUEUING = "QUEUING"
PROGRESS = "PROGRESS"
SCHEDULED = "SCHEDULED"
TASK_INPUT_LENGTH = 10000
TASK_OUTPUT_LENGTH = 1023
CUT = "..."


class InstructorTask(models.Model):
    """
    One background task: what was asked for, by whom, and how far it is.

    `task_input` and `task_output` are JSON texts; `task_id` is celery's, `task_state` is one of celery's states or of
    the three above.
    """

    task_type = models.CharField(max_length=50, db_index=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    task_key = models.CharField(max_length=255, db_index=True)
    task_input = models.TextField()
    task_id = models.CharField(max_length=255, db_index=True)
    task_state = models.CharField(max_length=50, null=True, db_index=True)
    task_output = models.CharField(max_length=1024, null=True)
    requester = models.ForeignKey(get_user_model(), db_index=True, on_delete=models.CASCADE)
    created = models.DateTimeField(auto_now_add=True, null=True)
    updated = models.DateTimeField(auto_now=True)
    subtasks = models.TextField(blank=True)

    def __str__(self):
        return f"{self.task_type} of {self.course_id} ({self.task_state})"

    @classmethod
    def create(cls, course_id, task_type, task_key, task_input, requester):
        """Store and return a new task in state QUEUING; AttributeError if the input is too long."""
        json_input = json.dumps(task_input)
        if len(json_input) > TASK_INPUT_LENGTH:
            raise AttributeError(_("The task was not created: its input is too long."))
        task = cls(
            course_id=course_id,
            task_type=task_type,
            task_key=task_key,
            task_id=str(uuid4()),
            task_input=json_input,
            task_state=QUEUING,
            requester=requester,
        )
        task.save_now()
        return task

    @transaction.atomic
    def save_now(self):
        """Save in a transaction of its own (if none is open)."""
        self.save()

    @staticmethod
    def create_output_for_success(returned_result):
        """Return the JSON text of what a task returned; ValueError if it does not fit the column."""
        output = json.dumps(returned_result)
        if len(output) > TASK_OUTPUT_LENGTH:
            raise ValueError(f"The output of the task is too long: {output}")
        return output

    @staticmethod
    def create_output_for_failure(exception, traceback_string):
        """Return the JSON text of an exception with the end of its traceback, cut from the front until it fits."""
        output = {"exception": type(exception).__name__, "message": str(exception)}
        if traceback_string is not None:
            output["traceback"] = traceback_string
        for key in ("traceback", "message"):
            surplus = len(json.dumps(output)) - TASK_OUTPUT_LENGTH
            if surplus > 0 and key in output:
                kept = output[key][surplus + len(CUT) :]
                if kept or key == "message":
                    output[key] = kept + CUT
                else:
                    del output[key]
        return json.dumps(output)


class ReportStore:
    """Where the files of reports are; get it by `from_config`."""

    @classmethod
    def from_config(cls, config_name):
        """
        Return the store that the settings of this name (for example GRADES_DOWNLOAD) describe.

        `STORAGE_TYPE` is `s3`, `localfs` or empty; if empty, `STORAGE_CLASS` (a dotted path; the default storage's
        class if absent) is called with `STORAGE_KWARGS`. AttributeError if there are no such settings.
        """
        config = getattr(settings, config_name)
        storage_type = config.get("STORAGE_TYPE", "").lower()
        if storage_type == "s3":
            return DjangoStorageReportStore(
                "storages.backends.s3boto3.S3Boto3Storage",
                {
                    "bucket_name": config["BUCKET"],
                    "location": config["ROOT_PATH"],
                    "custom_domain": config.get("CUSTOM_DOMAIN"),
                    "querystring_expire": 300,
                    "gzip": True,
                },
            )
        if storage_type == "localfs":
            return DjangoStorageReportStore(
                "django.core.files.storage.FileSystemStorage", {"location": config["ROOT_PATH"]}
            )
        return DjangoStorageReportStore(config.get("STORAGE_CLASS"), config.get("STORAGE_KWARGS"))


class DjangoStorageReportStore(ReportStore):
    """A report store on a Django storage, one folder per course."""

    def __init__(self, storage_class=None, storage_kwargs=None):
        self.storage = get_storage(storage_class, **(storage_kwargs or {}))

    def store(self, course_id, filename, buff, parent_dir=""):
        """Store what a file object (text or bytes) holds, after reading all of it into memory."""
        content = buff.read()
        if not isinstance(content, bytes):
            content = content.encode("utf-8")
        self.storage.save(self.path_to(course_id, filename, parent_dir), ContentFile(content))

    def store_rows(self, course_id, filename, rows, parent_dir=""):
        """Store rows (iterables of values) as a CSV file, after collecting all rows in memory."""
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows([str(value) for value in row] for row in rows)
        buffer.seek(0)
        self.store(course_id, filename, buffer, parent_dir)

    def links_for(self, course_id):
        """Return a list of (file name, URL) of the course's files, the newest first; empty if there is no folder."""
        folder = self.path_to(course_id)
        try:
            _folders, names = self.storage.listdir(folder)
        except (OSError, ClientError):
            return []
        files = [(name, os.path.join(folder, name)) for name in names]
        files.sort(key=lambda file: self.storage.get_modified_time(file[1]), reverse=True)
        return [(name, self.storage.url(path)) for name, path in files]

    def path_to(self, course_id, filename="", parent_dir=""):
        """Return the path of a course's file in the storage."""
        folder = parent_dir or hashlib.sha1(str(course_id).encode("utf-8")).hexdigest()
        return os.path.join(folder, filename)
