"""`python -m lms_sandbox`: the management commands of the sandbox."""

from lms_sandbox.manage import main

main()
