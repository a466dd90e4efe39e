"""The management commands of the sandbox."""

import os
import sys

from django.core.management import execute_from_command_line


def main():
    """Run the command that is named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms_sandbox.settings")
    execute_from_command_line(["python -m lms_sandbox", *sys.argv[1:]])


if __name__ == "__main__":
    main()
