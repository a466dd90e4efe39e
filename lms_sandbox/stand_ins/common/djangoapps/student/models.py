"""Who is enrolled in a course, who has a role in it, and what learners are called."""

from django.contrib.auth import get_user_model
from django.db import models
from opaque_keys.edx.django.models import CourseKeyField
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

User = get_user_model()


class CourseEnrollment(models.Model):
    """An enrolment; `mode` is the track (audit, honor, verified, credit …)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    course = models.ForeignKey(CourseOverview, db_constraint=False, on_delete=models.DO_NOTHING)
    created = models.DateTimeField(auto_now_add=True, null=True, db_index=True)
    is_active = models.BooleanField(default=True)
    mode = models.CharField(default="audit", max_length=100)

    class Meta:
        unique_together = (("user", "course"),)

    def __str__(self):
        return f"{self.user_id} in {self.course_id} ({self.mode})"


class CourseAccessRole(models.Model):
    """A role (staff, instructor, data_researcher …) in one course, or without `course_id` in all of an organisation."""

    user = models.ForeignKey(User, on_delete=models.CASCADE)
    org = models.CharField(max_length=64, db_index=True, blank=True)
    course_id = CourseKeyField(max_length=255, db_index=True, blank=True)
    role = models.CharField(max_length=64, db_index=True)

    class Meta:
        unique_together = (("user", "org", "course_id", "role"),)

    def __str__(self):
        return f"{self.user_id}: {self.role} of {self.course_id or self.org}"


class UserProfile(models.Model):
    """What a user is called, in full."""

    user = models.OneToOneField(User, unique=True, db_index=True, related_name="profile", on_delete=models.CASCADE)
    name = models.CharField(blank=True, max_length=255, db_index=True)

    class Meta:
        db_table = "auth_userprofile"

    def __str__(self):
        return self.name
