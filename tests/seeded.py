"""
Databases of the sandbox that are made once. Every test, process and worker of pytest-xdist uses copies.

They are kept in ``var/tests``, in a folder for each Python environment. Their names change with the code and the
packages that make them.
"""

import functools
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

REPOSITORY = Path(__file__).resolve().parents[1]
KEPT_IN = REPOSITORY / "var" / "tests" / Path(sys.prefix).name

#: What the sandbox calls its database in the folder that ``LMS_SANDBOX_VAR`` names.
DATABASE = "lms.sqlite3"

#: What a database holds -> the management command that makes it.
COMMANDS = {"migrated": ("migrate", "--verbosity", "0"), "seeded": ("prepare",)}


def copy_of(kind: str, folder: Path) -> Path:
    """
    Put a database into a folder where the sandbox looks for it, and return its path.

    Arguments:
        kind: ``migrated``, with empty tables, or ``seeded``, with the demonstration data.
        folder: the folder that ``LMS_SANDBOX_VAR`` will name; made if it is missing.

    """
    folder.mkdir(parents=True, exist_ok=True)
    with kept(f"{kind}.sqlite3", functools.partial(_make, kind)) as made:
        return Path(shutil.copyfile(made, folder / DATABASE))


@contextmanager
def kept(name: str, make: Callable[[Path], None]) -> Iterator[Path]:
    """
    Yield the path of a file that is made once. Until the block ends, no other process deletes it.

    Arguments:
        name: the name of the file without its digest.
        make: makes the file at a path; called by the first process that asks, while all others wait.

    """
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    stem, suffix = os.path.splitext(name)
    path = KEPT_IN / f"{stem}-{_digest()}{suffix}"
    with FileLock(KEPT_IN / f"{name}.lock"):
        if not path.exists():
            for outdated in KEPT_IN.glob(f"{stem}-*{suffix}"):
                outdated.unlink()
            unfinished = KEPT_IN / f"{name}.unfinished"
            make(unfinished)
            unfinished.rename(path)
        yield path


def _make(kind: str, path: Path) -> None:
    folder = KEPT_IN / f"{kind}.var"
    shutil.rmtree(folder, ignore_errors=True)
    env = {"LMS_SANDBOX_VAR": str(folder), "DATABASE_URL": "", "CELERY_BROKER_URL": ""}
    manage(*COMMANDS[kind], **env)
    (folder / DATABASE).rename(path)
    shutil.rmtree(folder)


def manage(*arguments: str, **env: str) -> None:
    """Run a management command of the sandbox with these variables."""
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings", **env}
    command = [sys.executable, "-m", "lms_sandbox", *arguments]
    made = subprocess.run(command, cwd=REPOSITORY, env=env, check=False, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(made.stderr)


@functools.cache
def _digest() -> str:
    """Return a digest of the code that makes the databases, and of the packages that it uses."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.read_bytes())
    # A set: how often a package is found depends on how the process was started.
    packages = {(each.name, each.version) for each in importlib.metadata.distributions()}
    digest.update(repr(sorted(packages)).encode())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    yield from (REPOSITORY / "lms_sandbox").rglob("*.py")
    yield from (REPOSITORY / "proctored_results" / "migrations").glob("*.py")
