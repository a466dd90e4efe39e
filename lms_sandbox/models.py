"""The content of courses, and what follows from proctoring: credit, grades, certificates."""

from django.conf import settings
from django.db import models
from opaque_keys.edx.django.models import CourseKeyField, UsageKeyField


class Block(models.Model):
    """A block of a course's content: a sequence, a unit of one, or something in a unit. `settings` are its fields."""

    usage_key = UsageKeyField(max_length=255, unique=True)
    course_id = CourseKeyField(max_length=255, db_index=True)
    parent = models.ForeignKey("self", null=True, related_name="children", on_delete=models.CASCADE)
    settings = models.JSONField(default=dict)

    class Meta:
        ordering = ("id",)

    def __str__(self):
        return str(self.usage_key)


class CreditRequirement(models.Model):
    """Whether a learner met one requirement of a course for academic credit."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    namespace = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    status = models.CharField(max_length=32)
    reason = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course_id", "namespace", "name"], name="lms_sandbox_one_credit")
        ]

    def __str__(self):
        return f"{self.user_id}: {self.name} {self.status}"


class GradeOverride(models.Model):
    """The points that replace a learner's own in one subsection."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)
    usage_key = UsageKeyField(max_length=255)
    earned_all = models.FloatField(null=True)
    earned_graded = models.FloatField(null=True)
    comment = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "course_id", "usage_key"], name="lms_sandbox_one_override")
        ]

    def __str__(self):
        return f"{self.user_id}: {self.earned_graded} in {self.usage_key}"


class InvalidCertificate(models.Model):
    """A learner whose certificate of a course is not valid."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    course_id = CourseKeyField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "course_id"], name="lms_sandbox_one_certificate")]

    def __str__(self):
        return f"{self.user_id} in {self.course_id}"
