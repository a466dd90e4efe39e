"""The init task that Tutor runs, with the sandbox in place of the LMS in its container."""

import os
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.seeded import DATABASE, copy_of
from tests.tutor.conftest import MAJORS
from tests.tutor.site import REPOSITORY, Site

REPORT = "0123456789abcdef0123456789abcdef01234567/grades_2026.csv"
LONG_AGO = 1_700_000_000
SWITCHED_ON = "XBlock asides are switched on: learners see their result on the page of the exam."
STAY_OFF = "XBlock asides stay switched off, as the newest row of LMS XBlock > X block asides configs says."

#: The `docker` that Tutor calls: it says that no container runs, and runs a job's command in the LMS's folder.
DOCKER = """#!{python}
import os, sys
if "ls" in sys.argv:
    print("[]")
else:
    os.chdir({lms!r})
    command = sys.argv[sys.argv.index("lms-job") + 1:]
    os.execvp(command[0], command)
"""

#: The platform's `manage.py`: it maps paths of the container to paths below the test's folder.
MANAGE = """#!{python}
import os, sys
os.environ |= {env!r}
os.chdir({repository!r})
arguments = [{lms!r} + argument if argument.startswith("/openedx/") else argument for argument in sys.argv[2:]]
os.execv({python!r}, [{python!r}, "-m", "lms_sandbox", *arguments])
"""

DECIDE = """
INSERT INTO lms_xblock_xblockasidesconfig (enabled, disabled_blocks, change_date)
VALUES ({}, '', strftime('%Y-%m-%d %H:%M:%f', 'now'))
"""
ASIDES = "SELECT enabled FROM lms_xblock_xblockasidesconfig ORDER BY change_date DESC"
FLAG = "SELECT everyone FROM waffle_flag WHERE name = 'grades.rejected_exam_overrides_grade'"
MIGRATIONS = "SELECT name FROM django_migrations WHERE app = 'proctored_results' ORDER BY id"
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'proctored_results%' ORDER BY name"


class Lms:
    """The sandbox, with empty tables, behind the programs that Tutor calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        env = {
            "LMS_SANDBOX_VAR": str(folder / "var"),
            "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings",
            "DATABASE_URL": "",
            "CELERY_BROKER_URL": "",
        }
        words = {"python": sys.executable, "lms": str(folder), "env": env, "repository": str(REPOSITORY)}
        self._program(self.programs / "docker", DOCKER.format(**words))
        self._program(folder / "manage.py", MANAGE.format(**words))
        copy_of("migrated", folder / "var")

    def _program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def values(self, query: str) -> list[Any]:
        """Run a query without Django and return its only column."""
        with closing(sqlite3.connect(self.folder / "var" / DATABASE)) as connection, connection:
            return [value for (value,) in connection.execute(query)]

    def state(self) -> tuple[list[int], list[int]]:
        """Return whether asides are enabled, the newest row first, and whether the flag for rejected exams is on."""
        return self.values(ASIDES), self.values(FLAG)


@pytest.fixture
def lms(tmp_path: Path) -> Lms:
    return Lms(tmp_path)


def init(site: Site, lms: Lms) -> list[str]:
    """Run the task and return all printed lines. Tutor prints some of them: it shows the task."""
    return site.tutor("local", "do", "init", "--limit=proctored-results", path=lms.programs).splitlines()


def test_the_init_task_makes_everything_ready_and_can_run_again(
    default_site: Callable[[int], Site], lms: Lms, tmp_path: Path
) -> None:
    public, private = lms.folder / "openedx" / "media" / "grades" / REPORT, lms.folder / "var" / "grades" / REPORT
    public.parent.mkdir(parents=True)
    public.write_text("a,b\n")
    os.utime(public, (LONG_AGO, LONG_AGO))
    migrations, tables = lms.values(MIGRATIONS), lms.values(TABLES)
    for table in tables:
        lms.values(f"DROP TABLE {table}")
    lms.values("DELETE FROM django_migrations WHERE app = 'proctored_results'")
    site = default_site(22).copy(tmp_path / "site")
    site.set(PROCTORED_RESULTS_REJECTED_EXAMS_SCORE_ZERO=True)

    said = init(site, lms)
    assert SWITCHED_ON in said
    assert "Files moved into the report store: 1." in said
    assert migrations
    assert (lms.values(MIGRATIONS), lms.values(TABLES)) == (migrations, tables)
    assert lms.state() == ([True], [True])
    assert not public.exists()
    assert (private.read_text(), private.stat().st_mtime) == ("a,b\n", LONG_AGO)

    assert "Files moved into the report store: 0." in init(site, lms)
    assert lms.state() == ([True], [True])


def test_by_default_no_score_changes(default_site: Callable[[int], Site], lms: Lms) -> None:
    init(default_site(22), lms)
    assert lms.state() == ([True], [])


def test_what_the_site_has_decided_about_asides_stays(default_site: Callable[[int], Site], lms: Lms) -> None:
    lms.values(DECIDE.format(False))
    assert STAY_OFF in init(default_site(22), lms)
    assert lms.state() == ([False], [])
    lms.values(DECIDE.format(True))
    said = init(default_site(22), lms)
    assert SWITCHED_ON not in said
    assert STAY_OFF not in said
    assert lms.state() == ([True, False], [])


def test_every_tutor_runs_the_same_task(default_site: Callable[[int], Site], tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(
        '#!/bin/sh\ncase " $* " in *" ls "*) echo "[]" ;; *) printf "%s" "$*" | sed "s/.*lms-job//" ;; esac\n'
    )
    docker.chmod(0o755)
    tasks = set()
    for major in MAJORS:
        said = default_site(major).tutor("local", "do", "init", "--limit=proctored-results", path=tmp_path)
        tasks.add(said[said.index("sh -e -c") : said.index("All services initialised")].strip())
    (task,) = tasks
    assert "manage.py lms migrate proctored_results" in task
