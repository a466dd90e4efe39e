"""The init task that Tutor runs, with the sandbox in the place of the LMS in its container."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tutor.conftest import MAJORS
from tests.tutor.site import REPOSITORY, Site

REPORT = "0123456789abcdef0123456789abcdef01234567/grades_2026.csv"
LONG_AGO = 1_700_000_000
SWITCHED_ON = "XBlock asides are switched on: learners see their result on the page of the exam."
STAY_OFF = "XBlock asides stay switched off, as the newest row of LMS XBlock > X block asides configs says."

#: What Tutor calls: it says that nothing runs, and runs a job's command where the LMS is.
DOCKER = """#!{python}
import os, sys
if "ls" in sys.argv:
    print("[]")
else:
    os.chdir({lms!r})
    command = sys.argv[sys.argv.index("lms-job") + 1:]
    os.execvp(command[0], command)
"""

#: The platform's command, with paths in the container below a folder of the test's.
MANAGE = """#!{python}
import os, subprocess, sys
os.environ |= {env!r}
arguments = [{lms!r} + argument if argument.startswith("/openedx/") else argument for argument in sys.argv[2:]]
sys.exit(subprocess.run([{python!r}, "-m", "lms_sandbox", *arguments], cwd={repository!r}).returncode)
"""

STATE = """
from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
from waffle import get_waffle_flag_model
flags = get_waffle_flag_model().objects.filter(name="grades.rejected_exam_overrides_grade")
print("state:", list(XBlockAsidesConfig.objects.values_list("enabled", flat=True)), [flag.everyone for flag in flags])
"""


class Lms:
    """The sandbox, with an empty database, behind the programs that Tutor calls."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        services = ("DATABASE_URL", "CELERY_BROKER_URL")
        env = {"LMS_SANDBOX_VAR": str(folder / "var"), "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings"}
        self._env = {name: value for name, value in os.environ.items() if name not in services} | env
        words = {"python": sys.executable, "lms": str(folder), "env": env, "repository": str(REPOSITORY)}
        self._program(self.programs / "docker", DOCKER.format(**words))
        self._program(folder / "manage.py", MANAGE.format(**words))
        self.manage("migrate", "--verbosity=0")

    def _program(self, path: Path, text: str) -> None:
        path.write_text(text)
        path.chmod(0o755)

    def manage(self, *arguments: str) -> str:
        """Run a management command and return what it printed."""
        command = [sys.executable, "-m", "lms_sandbox", *arguments]
        run = subprocess.run(command, cwd=REPOSITORY, env=self._env, capture_output=True, text=True, check=True)
        return run.stdout

    def state(self) -> str:
        """Return whether asides are enabled, row by row, and whether the flag for rejected exams is on."""
        return self.manage("shell", "-c", STATE).partition("state: ")[2].strip()


@pytest.fixture
def lms(tmp_path: Path) -> Lms:
    return Lms(tmp_path)


def init(site: Site, lms: Lms) -> list[str]:
    """Run the task and return the lines that it printed, among them those of Tutor, which shows the task."""
    return site.tutor("local", "do", "init", "--limit=proctored-results", path=lms.programs).splitlines()


def test_the_init_task_makes_everything_ready_and_can_run_again(make_site: Callable[..., Site], lms: Lms) -> None:
    public, private = lms.folder / "openedx" / "media" / "grades" / REPORT, lms.folder / "var" / "grades" / REPORT
    public.parent.mkdir(parents=True)
    public.write_text("a,b\n")
    os.utime(public, (LONG_AGO, LONG_AGO))
    lms.manage("migrate", "proctored_results", "zero", "--verbosity=0")
    site = make_site(22, PROCTORED_RESULTS_REJECTED_EXAMS_SCORE_ZERO=True)

    said = init(site, lms)
    assert SWITCHED_ON in said
    assert "Files moved into the report store: 1." in said
    assert "[X] 0001_initial" in lms.manage("showmigrations", "proctored_results")
    assert lms.state() == "[True] [True]"
    assert not public.exists()
    assert (private.read_text(), private.stat().st_mtime) == ("a,b\n", LONG_AGO)

    assert "Files moved into the report store: 0." in init(site, lms)
    assert lms.state() == "[True] [True]"


def test_by_default_no_score_changes(make_site: Callable[..., Site], lms: Lms) -> None:
    init(make_site(22), lms)
    assert lms.state() == "[True] []"


def test_what_the_site_has_decided_about_asides_stays(make_site: Callable[..., Site], lms: Lms) -> None:
    decide = "from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig as C; C.objects.create(enabled={})"
    lms.manage("shell", "-c", decide.format(False))
    site = make_site(22)
    assert STAY_OFF in init(site, lms)
    assert lms.state() == "[False] []"
    lms.manage("shell", "-c", decide.format(True))
    said = init(site, lms)
    assert SWITCHED_ON not in said
    assert STAY_OFF not in said
    assert lms.state() == "[True, False] []"


def test_every_tutor_runs_the_same_task(make_site: Callable[..., Site], tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text(
        '#!/bin/sh\ncase " $* " in *" ls "*) echo "[]" ;; *) printf "%s" "$*" | sed "s/.*lms-job//" ;; esac\n'
    )
    docker.chmod(0o755)
    tasks = set()
    for major in MAJORS:
        said = make_site(major).tutor("local", "do", "init", "--limit=proctored-results", path=tmp_path)
        tasks.add(said[said.index("sh -e -c") : said.index("All services initialised")].strip())
    (task,) = tasks
    assert "manage.py lms migrate proctored_results" in task
