"""`seed_large_course`: make a large course."""

from django.core.management.base import BaseCommand
from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

from lms_sandbox.seed.bulk import LARGE, make_large_course


class Command(BaseCommand):
    """Make a course with many attempts; do nothing where it is."""

    help = __doc__

    def add_arguments(self, parser):
        """Take the number of attempts."""
        parser.add_argument("size", type=int, help="number of attempts")

    def handle(self, *args, **options):
        """Run the command."""
        if CourseOverview.objects.filter(id=LARGE).exists():
            self.stdout.write(f"{LARGE} is there already and stays as it is.")
            return
        self.stdout.write(f"Making {LARGE} with {options['size']:,} attempts …")
        make_large_course(options["size"])
