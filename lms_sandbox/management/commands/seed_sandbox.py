"""`seed_sandbox`: make the demonstration data."""

from django.core.management.base import BaseCommand

from lms_sandbox.seed import is_seeded, seed


class Command(BaseCommand):
    """Make courses, exams, learners, attempts and reviews; do nothing where they are."""

    help = __doc__

    def handle(self, *args, **options):
        """Run the command."""
        if not is_seeded():
            self.stdout.write("Making the demonstration data; this takes half a minute …")
            seed()
