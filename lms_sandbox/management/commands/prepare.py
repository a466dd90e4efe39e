"""`prepare`: bring the database up to date and make the data that is missing."""

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, make the demonstration data, and with --size a large course; what is there already stays."""

    help = __doc__

    def add_arguments(self, parser):
        """Take the size of the large course."""
        parser.add_argument("--size", type=int, help="make a large course with so many attempts")

    def handle(self, *args, **options):
        """Run the command; all its messages go to standard error."""
        call_command("migrate", verbosity=0, stdout=self.stderr, stderr=self.stderr)
        call_command("seed_sandbox", stdout=self.stderr, stderr=self.stderr)
        if options["size"]:
            call_command("seed_large_course", options["size"], stdout=self.stderr, stderr=self.stderr)
