"""
SQLite databases of the sandbox that are made once and copied: by every test, process and worker of pytest-xdist.

They are kept in ``var/tests``, under a name that changes with what they are made of.
"""

import functools
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock

REPOSITORY = Path(__file__).resolve().parents[1]
KEPT_IN = REPOSITORY / "var" / "tests"

#: What the sandbox calls its database in the folder that ``LMS_SANDBOX_VAR`` names.
DATABASE = "lms.sqlite3"

#: What a database holds -> the management command that makes it.
COMMANDS = {"migrated": ("migrate", "--verbosity", "0"), "seeded": ("prepare",)}


def copy_of(kind: str, folder: Path) -> Path:
    """
    Put a database into a folder where the sandbox looks for it, and return its path.

    Arguments:
        kind: ``migrated``, with empty tables, or ``seeded``, with the demonstration data.
        folder: what ``LMS_SANDBOX_VAR`` is going to name; made where it is missing.

    """
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copyfile(_made(kind), folder / DATABASE))


def _made(kind: str) -> Path:
    """Return the database of a kind; the first process that asks makes it, and all others wait."""
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    made = KEPT_IN / f"{kind}-{_digest()}.sqlite3"
    with FileLock(KEPT_IN / f"{kind}.lock"):
        if not made.exists():
            for outdated in KEPT_IN.glob(f"{kind}-*.sqlite3"):
                outdated.unlink()
            _make(kind, made)
    return made


def _make(kind: str, path: Path) -> None:
    folder = KEPT_IN / f"{kind}.var"
    shutil.rmtree(folder, ignore_errors=True)
    own = {"LMS_SANDBOX_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings"}
    services = ("DATABASE_URL", "CELERY_BROKER_URL")
    env = {name: value for name, value in os.environ.items() if name not in services} | own
    command = [sys.executable, "-m", "lms_sandbox", *COMMANDS[kind]]
    made = subprocess.run(command, cwd=REPOSITORY, env=env, check=False, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(made.stderr)
    (folder / DATABASE).rename(path)
    shutil.rmtree(folder)


@functools.cache
def _digest() -> str:
    """Return a digest of the code that makes the databases, and of the packages that it uses."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.read_bytes())
    digest.update(repr(sorted((each.name, each.version) for each in importlib.metadata.distributions())).encode())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from (REPOSITORY / "lms_sandbox").rglob("*.py")
    yield from (REPOSITORY / "proctored_results" / "migrations").glob("*.py")
