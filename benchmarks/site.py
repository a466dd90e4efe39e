"""
`python -m benchmarks.site`: the reports of all courses of a site, on each broker, with more and more worker processes.

Runs ``proctored_results_report --all-courses`` as an operator does, from its start to its end. Then checks that each
course has one report in the report store, with a row for each attempt, and removes the files and runs.
"""

import argparse
import csv
import io
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import figures, sites, tables

REDIS, RABBITMQ = "redis://127.0.0.1:6379", "amqp://guest:guest@127.0.0.1:5672//"
COLUMNS = ("broker", "worker processes", "seconds", "courses a minute", "attempts a second", "CPU s of the workers")
TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.site", description=__doc__)
    parser.add_argument("--courses", type=int, default=1000)
    parser.add_argument("--attempts", type=int, default=1000, help="of each course")
    parser.add_argument("--brokers", nargs="+", default=["redis", "rabbitmq"], choices=["redis", "rabbitmq"])
    parser.add_argument("--processes", type=int, nargs="+", default=sorted({1, 2, os.cpu_count() or 1}))
    options = parser.parse_args()
    os.environ.update(sites.environment("courses", options.courses, options.attempts))
    import django

    django.setup()
    rows = []
    for broker in options.brokers:
        for processes in options.processes:
            rows.append(measure(broker, processes, options.courses, options.attempts))
            print(f"{broker}, {processes} processes: {rows[-1]['seconds']:.1f} s", file=sys.stderr, flush=True)
    found = {"courses": options.courses, "attempts": options.attempts, "machine": figures.machine(), "rows": rows}
    figures.save(f"site-{options.courses}x{options.attempts}", found)
    print("\n".join(lines(found)))


def measure(broker: str, processes: int, courses: int, attempts: int) -> dict[str, Any]:
    """Make all reports once; return the broker, the processes, and the seconds of wall and CPU time."""
    _remove_reports()
    queue = f"bench-{uuid.uuid4().hex[:12]}"
    with {"redis": _redis, "rabbitmq": _rabbitmq}[broker](queue) as broker_url:
        environment = {
            **os.environ,
            "BENCH_QUEUE": queue,
            "CELERY_BROKER_URL": broker_url,
            "DJANGO_SETTINGS_MODULE": "benchmarks.site_settings",
        }
        with _workers(environment, processes) as worker:
            command = [
                "lms_sandbox",
                "proctored_results_report",
                "--all-courses",
                "--concurrency",
                str(max(8, 2 * processes)),
            ]
            cpu, start = _cpu(worker.pid), time.monotonic()
            subprocess.run([sys.executable, "-m", *command], env=environment, check=True, stdout=sys.stderr)
            seconds, cpu = time.monotonic() - start, _cpu(worker.pid) - cpu
    _check(courses, attempts)
    _remove_reports()
    return {"broker": broker, "processes": processes, "seconds": seconds, "cpu": cpu}


def _check(courses: int, attempts: int) -> None:
    """Exit unless each course has one report with a row for each of its attempts."""
    from proctored_results.edx_platform import report_store
    from proctored_results.runs import records

    for number in range(1, courses + 1):
        key = sites.course_key(number)
        (run,) = records.stored(key)
        with io.TextIOWrapper(report_store.ReportFile.of(key, run.file_name).open(), "utf-8", newline="") as file:
            rows = sum(1 for _row in csv.reader(file)) - 1
        if rows != attempts or run.rows != attempts:
            sys.exit(f"{run.file_name} has {rows} rows instead of {attempts}.")


def _remove_reports() -> None:
    from proctored_results.edx_platform import report_store
    from proctored_results.models import ReportBatch, ReportRun

    for run in ReportRun.objects.filter(file_name__isnull=False):
        report_store.ReportFile.of(run.course_key, run.file_name).delete()
    ReportRun.objects.all().delete()
    ReportBatch.objects.all().delete()


def lines(found: dict[str, Any]) -> list[str]:
    """Return the lines of the table."""
    return [
        "",
        f"{found['courses']:,} courses of {found['attempts']:,} attempts. {figures.describe(found['machine'])}",
        *tables.aligned(table(found)),
    ]


def table(found: dict[str, Any]) -> list[list[str]]:
    """Return the table: its header, and a row for each broker and number of processes."""
    courses, attempts = found["courses"], found["courses"] * found["attempts"]
    return [
        list(COLUMNS),
        *(
            [
                {"redis": "Redis", "rabbitmq": "RabbitMQ"}[row["broker"]],
                str(row["processes"]),
                f"{row['seconds']:,.0f}",
                f"{60 * courses / row['seconds']:,.0f}",
                f"{attempts / row['seconds']:,.0f}",
                f"{row['cpu']:,.0f}",
            ]
            for row in found["rows"]
        ),
    ]


@contextmanager
def _redis(_queue: str) -> Iterator[str]:
    """Yield the URL of an empty database of Redis, and empty it again at the end."""
    import redis

    for number in range(15, 0, -1):
        with closing(redis.Redis.from_url(f"{REDIS}/{number}")) as client:
            if not client.dbsize():
                yield f"{REDIS}/{number}"
                client.flushdb()
                return
    sys.exit("Redis has no empty database.")


@contextmanager
def _rabbitmq(queue: str) -> Iterator[str]:
    from kombu import Connection

    yield RABBITMQ
    with Connection(RABBITMQ) as connection:
        for name in ("default", "reports"):
            connection.default_channel.queue_delete(f"{queue}.{name}")


@contextmanager
def _workers(environment: dict[str, str], processes: int) -> Iterator[subprocess.Popen]:
    """Yield a running celery worker with this number of processes."""
    path = figures.FOLDER / "worker.log"
    with path.open("w") as log:
        command = [sys.executable, "-m", "lms_sandbox.worker", "--concurrency", str(processes)]
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        while " ready." not in path.read_text("utf-8"):
            if worker.poll() is not None:
                sys.exit(f"The worker does not start: see {path}")
            time.sleep(0.1)
        yield worker
    finally:
        worker.terminate()
        worker.wait(60)


def _cpu(pid: int) -> float:
    """Return the seconds of CPU that a process and its living children have used."""
    processes = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split())]
    stats = [Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split() for process in processes]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / TICKS


if __name__ == "__main__":
    main()
