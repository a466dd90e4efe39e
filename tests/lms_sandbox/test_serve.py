"""Web server and worker as processes: they start, answer, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(tmp_path):
    """A running sandbox without data, in a folder of its own, and its address."""
    env = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CELERY_BROKER_URL")}
    process = subprocess.Popen(
        [sys.executable, "-m", "lms_sandbox.serve", "--port", "0", "--no-seed"],
        cwd=ROOT,
        env={**env, "LMS_SANDBOX_VAR": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    process.address = process.stdout.readline().split()[-1]
    yield process
    if process.poll() is None:
        process.terminate()
    process.wait(timeout=30)
    process.stdout.close()


def descendants(pid):
    """Return the ids of a process's children, and of theirs."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def is_running(pid):
    """Return whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids, seconds=30):
    """Return those of the processes that still run after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and any(map(is_running, pids)):
        time.sleep(0.1)
    return [pid for pid in pids if is_running(pid)]


def wait_for_worker(server, tmp_path, seconds=30):
    """Return the ids of the worker's processes once it takes tasks."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and "ready." not in (tmp_path / "logs" / "worker.log").read_text():
        time.sleep(0.1)
    workers = descendants(server.pid)
    assert workers
    return workers


def test_the_printed_address_answers(server):
    with urllib.request.urlopen(server.address) as answer:
        assert answer.status == 200
    assert server.address.startswith("http://127.0.0.1:")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_web_server_and_worker(server, tmp_path, number):
    workers = wait_for_worker(server, tmp_path)
    server.send_signal(number)
    assert server.wait(timeout=30) == 0
    assert wait_until_gone(workers, seconds=2) == []


def test_the_worker_does_not_outlive_a_killed_web_server(server, tmp_path):
    workers = wait_for_worker(server, tmp_path)
    server.kill()
    assert wait_until_gone(workers) == []


def test_the_worker_leads_a_process_group_of_its_own(server, tmp_path):
    worker, *_children = wait_for_worker(server, tmp_path)
    assert os.getpgid(worker) == worker


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
