"""Settings of the sandbox, with a second alias of its database that stands in for a read replica."""

from lms_sandbox.settings import *  # noqa: F403
from lms_sandbox.settings import DATABASES

DATABASES["read_replica"] = dict(DATABASES["default"])
PROCTORED_RESULTS_DATABASE = "default"
