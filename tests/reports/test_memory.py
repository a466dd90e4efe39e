"""How much memory a report takes, measured in processes of their own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from tests import seeded
from tests.reports import seed_and_measure

SMALL, LARGE = 1_000, 100_000
ALLOWED_KIB = 15 * 1024
MIB = 1024 * 1024
#: The client of S3 sends parts of 8 MiB with ten threads, and holds at most ten more parts.
S3_PARTS_KIB = 2 * 10 * 8 * 1024 + ALLOWED_KIB

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(not seed_and_measure.STATUS.exists(), reason="The peak of a process's memory is read in /proc."),
]


@pytest.fixture
def run(tmp_path):
    """A function that runs `seed_and_measure` on a database of this test's own and returns what it printed."""
    root = Path(__file__).parents[2]
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{seeded.copy_of('migrated', tmp_path)}",
        "LMS_SANDBOX_VAR": str(tmp_path),
        "PYTHONPATH": str(root),
    }

    def run_it(*arguments):
        result = subprocess.run(
            [sys.executable, "-m", "tests.reports.seed_and_measure", *map(str, arguments)],
            check=True,
            cwd=root,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=300,
        )
        return [int(word) for word in result.stdout.split()]

    return run_it


@pytest.fixture
def s3():
    """The URL of a server that imitates S3 in a process of its own, with a bucket `reports`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + 60
        while True:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert time.monotonic() < end
            time.sleep(0.1)
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket="reports")
        yield url
    finally:
        server.terminate()
        server.wait(30)


def test_a_report_of_any_size_takes_15_mib_at_most(run):
    run("seed", SMALL, LARGE)

    small_rows, _, small_growth = run("measure", SMALL)
    large_rows, large_bytes, large_growth = run("measure", LARGE)

    assert (small_rows, large_rows) == (SMALL, LARGE)
    # A report that held its file in memory would not pass.
    assert large_bytes > ALLOWED_KIB * 1024
    assert small_growth < ALLOWED_KIB
    assert large_growth < ALLOWED_KIB


def test_what_the_client_of_s3_takes_does_not_grow_with_the_file(run, s3):
    small_bytes, small_growth = run("store", 50, s3, "alone")
    large_bytes, large_growth = run("store", 300, s3, "alone")

    assert (small_bytes, large_bytes) == (50 * MIB, 300 * MIB)
    assert large_growth - small_growth < ALLOWED_KIB


def test_the_threads_of_the_client_of_s3_hold_some_parts_of_the_file_and_not_the_file(run, s3):
    size, growth = run("store", 300, s3, "threads")

    assert size == 300 * MIB
    # How many parts are in memory at a time depends on the speed of the machine, up to this bound.
    assert growth < S3_PARTS_KIB < size // 1024
