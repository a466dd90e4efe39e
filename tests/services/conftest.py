"""A sandbox in separate processes, with the services of this machine: databases, brokers, web server and worker."""

import os
import select
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.seeded import DATABASE, REPOSITORY, copy_of
from tests.services import mariadb

REDIS = "redis://127.0.0.1:6379"
RABBITMQ = "amqp://guest:guest@127.0.0.1:5672//"
#: How long to wait at most. A busy machine is slow, but must not fail a test.
SECONDS = 180

#: The key that marks a database of Redis as taken by a test.
TAKEN = "taken-by-tests"


def eventually(check: Callable[[], Any], seconds: float = SECONDS) -> Any:
    """Call `check` until its result is true; return the result."""
    end = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < end, f"{check} is not true after {seconds} s"
        time.sleep(0.1)
    return result


@dataclass
class Sandbox:
    """A sandbox with a folder, a database, a broker and queues of its own."""

    folder: Path
    database_url: str
    broker_url: str = ""
    replica_url: str = ""
    queue: str = field(default_factory=lambda: f"tests-{uuid.uuid4().hex[:12]}")
    address: str = ""
    worker: subprocess.Popen | None = None
    processes: list[subprocess.Popen] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "CELERY_BROKER_URL": self.broker_url,
            "DATABASE_URL": self.database_url,
            "DJANGO_SETTINGS_MODULE": "tests.services.settings",
            "LMS_SANDBOX_VAR": str(self.folder),
            "PYTHONPATH": str(REPOSITORY),
            "TESTS_QUEUE": self.queue,
            "TESTS_REPLICA_URL": self.replica_url,
        }

    def run(self, *arguments: str, **options: Any) -> subprocess.CompletedProcess:
        """Run a Python module to its end; its output is text. Raises if it fails."""
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=REPOSITORY,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=SECONDS,
            check=True,
            **options,
        )

    def start(self, *arguments: str, **options: Any) -> subprocess.Popen:
        """Start a Python module as a process in its own process group."""
        command = [sys.executable, "-m", *arguments]
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=self.environment,
            start_new_session=True,
            # If the tests run in the background of a shell, children would otherwise ignore SIGINT.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - the tests have no threads
            **options,
        )
        self.processes.append(process)
        return process

    def serve(self) -> None:
        """Start the web server, and make the course."""
        server = self.start("lms_sandbox.serve", "--port", "0", "--no-seed", "--no-worker", stdout=subprocess.PIPE)
        assert select.select([server.stdout], [], [], SECONDS)[0], "the web server does not come up"
        self.address = server.stdout.readline().decode().split()[-1]
        self.run("tests.services.prepare")

    def work(self) -> subprocess.Popen:
        """Return the worker once it listens; start one if none runs."""
        if self.worker is None or self.worker.poll() is not None:
            self.worker = self._start_worker(self.worker_log)
        return self.worker

    def work_too(self) -> subprocess.Popen:
        """Start another worker; return it once it listens."""
        return self._start_worker(self.folder / "worker_too.log", "--hostname", "too@%h")

    def _start_worker(self, path: Path, *arguments: str) -> subprocess.Popen:
        with path.open("w") as log:
            worker = self.start("lms_sandbox.worker", *arguments, stdout=log, stderr=log)
        eventually(lambda: " ready." in path.read_text())
        return worker

    @property
    def worker_log(self) -> Path:
        return self.folder / "worker.log"

    @property
    def hold(self) -> Path:
        """While this file exists, the report store waits."""
        return self.folder / "hold"

    def browser(self, username: str) -> requests.Session:
        """Return a browser in which this user is logged in."""
        browser = requests.Session()
        browser.get(f"{self.address}/login", timeout=SECONDS)
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        form = {"username": username}
        answer = browser.post(f"{self.address}/log_in_as", form, timeout=SECONDS, allow_redirects=False)
        assert answer.status_code == 302
        browser.headers["X-CSRFToken"] = browser.cookies["csrftoken"]
        return browser

    def rows(self, query: str) -> list[tuple]:
        """Run a query without Django, outside the sandbox's processes; return its rows."""
        with closing(self._connect()) as connection, closing(connection.cursor()) as cursor:
            cursor.execute(query)
            rows = list(cursor.fetchall())
            connection.commit()
            return rows

    def _connect(self) -> Any:
        if self.database_url.startswith("sqlite:"):
            return sqlite3.connect(self.folder / DATABASE, timeout=SECONDS)
        return mariadb.connect(self.database_url)

    def stop(self, process: subprocess.Popen) -> None:
        """End a process and its children; kill them if the process does not end in time."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                kill(process)
        if process.stdout:
            process.stdout.close()

    def close(self) -> None:
        for process in reversed(self.processes):
            self.stop(process)


def kill(process: subprocess.Popen) -> None:
    """Kill a process and its children, as the kernel does when memory runs out."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(SECONDS)


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of a database with the sandbox's empty tables: `sqlite`, which is a file in the folder, or `mariadb`."""
    if kind == "sqlite":
        yield f"sqlite:///{copy_of('migrated', folder)}"
    else:
        with mariadb.migrated_database() as url:
            yield url


@contextmanager
def redis_broker() -> Iterator[str]:
    """The URL of a Redis database that nobody else uses; it is emptied at the end."""
    redis = pytest.importorskip("redis", reason="the client of Redis is not installed (extra: redis)")
    for number in range(15, 0, -1):
        url = f"{REDIS}/{number}"
        with closing(redis.Redis.from_url(url)) as client:
            try:
                if client.dbsize() or not client.set(TAKEN, "", nx=True, ex=3600):
                    continue
            except redis.ConnectionError as error:
                pytest.skip(f"Redis does not answer at {REDIS}: {error}")
            try:
                yield url
            finally:
                client.flushdb()
            return
    pytest.skip("Redis has no empty database")


@contextmanager
def rabbitmq_broker() -> Iterator[str]:
    from kombu import Connection

    with Connection(RABBITMQ, connect_timeout=5) as connection:
        try:
            connection.connect()
        except connection.recoverable_connection_errors as error:
            pytest.skip(f"RabbitMQ does not answer at {RABBITMQ}: {error}")
    yield RABBITMQ


def delete_queues(sandbox: Sandbox) -> None:
    from kombu import Connection

    with Connection(sandbox.broker_url) as connection:
        for name in ("default", "reports"):
            connection.default_channel.queue_delete(f"{sandbox.queue}.{name}")
