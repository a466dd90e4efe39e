"""Whether XBlock asides are shown."""

from django.conf import settings
from django.db import models


class XBlockAsidesConfig(models.Model):
    """A configuration. Its newest row applies; without a row, asides are off."""

    change_date = models.DateTimeField(auto_now_add=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT)
    enabled = models.BooleanField(default=False)
    disabled_blocks = models.TextField(default="about course_info static_tab")

    class Meta:
        ordering = ("-change_date",)

    def __str__(self):
        return f"asides {'on' if self.enabled else 'off'}"

    @classmethod
    def current(cls):
        """Return the configuration that applies."""
        return cls.objects.order_by("-change_date", "-id").first() or cls()
