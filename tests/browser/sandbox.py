"""The sandbox LMS in separate processes, in a folder that nobody else uses."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from urllib.parse import quote

from tests import seeded

ROOT = Path(__file__).resolve().parents[2]

COURSE = "course-v1:SandboxX+PR101+2026"
EMPTY_COURSE = "course-v1:SandboxX+NEW100+2026"
LARGE_COURSE = "course-v1:SandboxX+LARGE+2026"


class Sandbox:
    """
    A web server with seeded data, and a worker that can be paused: a report stays in progress while a test looks.

    Use it as a context manager. It takes arguments of `python -m lms_sandbox.serve`, and origins whose pages may call
    its APIs with cookies.
    """

    def __init__(self, folder: Path, *arguments: str, origins: str = "") -> None:
        self._arguments = arguments
        self.grades = folder / "grades"
        services = ("DATABASE_URL", "CELERY_BROKER_URL")
        own = {"LMS_SANDBOX_VAR": str(folder), "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings"}
        own["LMS_SANDBOX_ORIGINS"] = origins
        self._env = {name: value for name, value in os.environ.items() if name not in services} | own
        self._folder = folder
        self._log = folder / "processes.log"

    def __enter__(self) -> "Sandbox":
        seeded.copy_of("seeded", self._folder)
        arguments = ("--port", "0", "--no-worker", *self._arguments)
        self._server = self._start("lms_sandbox.serve", *arguments, stdout=subprocess.PIPE)
        first_line = self._server.stdout.readline()
        if not first_line:
            raise RuntimeError(self._log.read_text())
        self.address = first_line.split()[-1]
        self._worker = self._start("lms_sandbox.worker")
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.release_worker()
        for process in (self._worker, self._server):
            process.terminate()
        for process in (self._worker, self._server):
            process.wait(timeout=30)
        self._server.stdout.close()

    def dashboard(self, course_id: str = COURSE) -> str:
        """Return the address of the Data Download section of a course."""
        return f"{self.address}/courses/{quote(course_id)}/instructor"

    def page(self, course_id: str = COURSE) -> str:
        """Return the address of the panel's own page of a course."""
        return f"{self.address}/proctored_results/courses/{quote(course_id)}/"

    def hold_worker(self) -> None:
        """Pause the worker."""
        os.killpg(self._worker.pid, signal.SIGSTOP)

    def release_worker(self) -> None:
        """Let the worker continue."""
        os.killpg(self._worker.pid, signal.SIGCONT)

    def manage(self, *arguments: str) -> None:
        """Run a management command."""
        self.run("-m", "lms_sandbox", *arguments)

    def run(self, *arguments: str) -> str:
        """Run Python with these arguments, in the sandbox's environment; return what it prints."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._env, check=True, capture_output=True, text=True).stdout

    def _start(self, module: str, *arguments: str, stdout: int | None = None) -> "subprocess.Popen[str]":
        with self._log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=ROOT,
                env=self._env,
                text=True,
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                start_new_session=True,
            )
