"""The content of courses."""

import django.db.models.deletion
import opaque_keys.edx.django.models
from django.db import migrations, models


class Migration(migrations.Migration):
    """Sequences, units, and what is in them."""

    dependencies = [
        ("lms_sandbox", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.AutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("usage_key", opaque_keys.edx.django.models.UsageKeyField(max_length=255, unique=True)),
                ("course_id", opaque_keys.edx.django.models.CourseKeyField(db_index=True, max_length=255)),
                ("settings", models.JSONField(default=dict)),
                (
                    "parent",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="children",
                        to="lms_sandbox.block",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
    ]
