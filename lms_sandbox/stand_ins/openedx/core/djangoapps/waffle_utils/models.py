"""Flags of waffle that are on or off in one course, or in the courses of one organization."""

from django.conf import settings
from django.db import models
from opaque_keys.edx.django.models import CourseKeyField


class Override(models.Model):
    """A row that applies if it is enabled, and the newest one for its flag and place."""

    change_date = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT)
    enabled = models.BooleanField(default=False)
    waffle_flag = models.CharField(max_length=255, db_index=True)
    override_choice = models.CharField(max_length=3, choices=[("on", "Force On"), ("off", "Force Off")], default="on")
    note = models.TextField(blank=True)

    class Meta:
        abstract = True
        ordering = ("-change_date",)

    def __str__(self):
        return f"{self.waffle_flag}: {self.override_choice if self.enabled else 'unset'}"

    @classmethod
    def override_value(cls, waffle_flag, place):
        """Return `on`, `off` or `unset` for a flag, and a course or an organization."""
        newest = (
            cls.objects.filter(waffle_flag=waffle_flag, **{cls.PLACE: place}).order_by("-change_date", "-id").first()
        )
        return newest.override_choice if newest is not None and newest.enabled else "unset"


class WaffleFlagCourseOverrideModel(Override):
    """An override in one course."""

    PLACE = "course_id"

    course_id = CourseKeyField(max_length=255, db_index=True)

    class Meta(Override.Meta):
        verbose_name = "Waffle flag course override"


class WaffleFlagOrgOverrideModel(Override):
    """An override in the courses of one organization."""

    PLACE = "org"

    org = models.CharField(max_length=255, db_index=True)

    class Meta(Override.Meta):
        verbose_name = "Waffle flag org override"
