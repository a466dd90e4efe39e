"""Web server and worker as processes: they start, answer, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.seeded import copy_of

pytestmark = pytest.mark.processes

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60


@contextmanager
def serving(folder):
    """A running sandbox without data, in this folder, and its address."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "lms_sandbox.serve", "--port", "0", "--no-seed"],
        cwd=ROOT,
        env={**env, "LMS_SANDBOX_VAR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    process.folder = folder
    process.address = process.stdout.readline().split()[-1]
    yield process
    if process.poll() is None:
        process.terminate()
    process.wait(timeout=SECONDS)
    process.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A sandbox that was started without a database; leave it running."""
    with serving(tmp_path_factory.mktemp("sandbox")) as server:
        yield server


@pytest.fixture
def own_server(tmp_path):
    """A sandbox of this test's own."""
    copy_of("migrated", tmp_path)
    with serving(tmp_path) as server:
        yield server


def descendants(pid):
    """Return the ids of a process's descendants."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def is_running(pid):
    """Return whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids):
    """Wait for the processes to end; return those that do not."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and any(map(is_running, pids)):
        time.sleep(0.1)
    return [pid for pid in pids if is_running(pid)]


def wait_for_worker(server):
    """Wait until the worker takes tasks; return the ids of its processes, the main one first."""
    end = time.monotonic() + SECONDS
    while time.monotonic() < end and "ready." not in (server.folder / "logs" / "worker.log").read_text():
        time.sleep(0.1)
    workers = descendants(server.pid)
    assert workers
    return workers


def test_the_printed_address_answers(server):
    with urllib.request.urlopen(server.address) as answer:
        assert answer.status == 200
    assert server.address.startswith("http://127.0.0.1:")


def test_a_port_in_use_is_told_in_a_sentence(server, tmp_path):
    port = server.address.rpartition(":")[2]
    second = subprocess.run(
        [sys.executable, "-m", "lms_sandbox.serve", "--port", port, "--no-seed"],
        cwd=ROOT,
        env={**os.environ, "LMS_SANDBOX_VAR": str(tmp_path)},
        capture_output=True,
        check=False,
        text=True,
    )
    assert second.returncode == 1
    assert second.stderr.startswith(f"Port {port} cannot be used")
    assert "Traceback" not in second.stderr


def test_the_worker_leads_a_process_group_of_its_own(server):
    worker, *_children = wait_for_worker(server)
    assert os.getpgid(worker) == worker


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_web_server_and_worker(own_server, number):
    worker, *children = wait_for_worker(own_server)
    own_server.send_signal(number)
    assert own_server.wait(timeout=SECONDS) == 0
    assert not is_running(worker), "the web server ends after its worker"
    assert wait_until_gone(children) == []


def test_the_worker_does_not_outlive_a_killed_web_server(own_server):
    workers = wait_for_worker(own_server)
    own_server.kill()
    assert wait_until_gone(workers) == []
