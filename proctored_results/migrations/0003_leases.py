from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("proctored_results", "0002_batches")]

    operations = [
        migrations.RenameField("reportbatch", "in_flight", "concurrency"),
        migrations.RenameField("reportbatch", "generation", "fencing_token"),
        migrations.RenameField("reportbatch", "open_key", "request_key"),
        migrations.RenameField("reportbatch", "began_at", "started_at"),
        migrations.RenameField("reportbatch", "moved_at", "heartbeat_at"),
        migrations.RenameField("reportrun", "open_key", "lease_key"),
        migrations.RenameField("reportrun", "tries", "attempt_count"),
        migrations.RenameField("reportrun", "alive_at", "heartbeat_at"),
        migrations.AlterField(
            "reportbatch",
            "concurrency",
            models.PositiveIntegerField(help_text="How many tasks of the batch may exist at a time."),
        ),
        migrations.AlterField(
            "reportbatch",
            "courses",
            models.PositiveIntegerField(help_text="How many courses the batch began with."),
        ),
        migrations.AlterField(
            "reportbatch",
            "fencing_token",
            models.PositiveIntegerField(
                default=0, help_text="How many times tasks were sent. Tasks that were sent earlier make nothing."
            ),
        ),
        migrations.AlterField(
            "reportbatch",
            "heartbeat_at",
            models.DateTimeField(auto_now_add=True, help_text="When a task last asked for a run to make."),
        ),
        migrations.AlterField(
            "reportrun",
            "heartbeat_at",
            models.DateTimeField(null=True, help_text="When a worker last sent a heartbeat."),
        ),
    ]
