"""
`python -m benchmarks.writer`: whether a report that is being made slows down changes of the attempts that it reads.

Changes the status of attempts at the exams of a large course, as edx-proctoring does while learners take an exam, and
measures each change in phases that take turns: while nothing else runs; while another process makes the report of this
course repeatedly, without and with a snapshot; and while another process only computes, which shows the share of the
processors. Meanwhile, it counts what the reports lock.
"""

import argparse
import contextlib
import io
import itertools
import logging
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

from benchmarks import figures, sites, tables

QUIET, REPORT, SNAPSHOT, COMPUTING = "nothing else", "a report", "a report in a snapshot", "a computation"
PHASES = (QUIET, REPORT, SNAPSHOT, COMPUTING)
COLUMNS = ("meanwhile", "changes", "median ms", "p95 ms", "p99 ms", "median ÷ nothing else, by round")
CODE, ATTEMPTS = "WRITER-", 200
STATUSES = ("created", "download_software_clicked", "ready_to_start")
#: The pause after each change, so that the measuring process itself does not slow down the database.
PAUSE_SECONDS = 0.005


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writer", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000, help="users of the site")
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=10, help="of each phase")
    parser.add_argument("--meanwhile", choices=PHASES, help="do this for ever; for processes of the benchmark itself")
    options = parser.parse_args()
    if options.meanwhile is not None:
        _run_background_work(options.meanwhile)
    os.environ.update(sites.environment("users", options.users))
    import django

    django.setup()
    logging.getLogger("edx_proctoring").setLevel(logging.ERROR)
    found = {"users": options.users, "machine": figures.machine(), **measure(options.rounds, options.seconds)}
    figures.save(f"writer-{options.users}", found)
    print("\n".join(lines(found)))


def measure(rounds: int, seconds: float) -> dict[str, Any]:
    """Return {"rounds": [{phase: milliseconds of each change}], "locked": most rows and tables locked at once}."""
    measured, locked = [], []
    with _attempts() as attempt_ids:
        changes = itertools.cycle([(attempt_id, status) for status in STATUSES for attempt_id in attempt_ids])
        for number in range(rounds):
            phases = PHASES if number % 2 else PHASES[::-1]
            measured.append({phase: _phase(phase, changes, seconds, locked) for phase in phases})
            print(f"Round {number + 1} of {rounds} is done.", file=sys.stderr, flush=True)
    return {"rounds": measured, "locked": max(locked, default=0)}


def _phase(phase: str, changes: Iterator[tuple[int, str]], seconds: float, locked: list[int]) -> list[float]:
    from edx_proctoring.api import update_attempt_status

    took = []
    with _background(phase):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            start = time.perf_counter()
            update_attempt_status(*next(changes))
            took.append(1000 * (time.perf_counter() - start))
            if len(took) % 20 == 0:
                locked.append(_locked_by_others())
            time.sleep(PAUSE_SECONDS)
    return took


@contextlib.contextmanager
def _background(phase: str) -> Iterator[None]:
    """Run the work of the phase in another process."""
    if phase == QUIET:
        yield
        return
    command = [sys.executable, "-m", "benchmarks.writer", "--meanwhile", phase]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        yield
        if process.poll() is not None:
            sys.exit(f"The process that had to do {phase} has ended.")
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _run_background_work(phase: str) -> None:
    """Do the work of a phase until killed; print a line once it has begun."""
    import django

    django.setup()
    from django.conf import settings

    from lms_sandbox.seed import bulk
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    threading.Thread(target=_exit_after, args=[os.getppid()], daemon=True).start()
    settings.PROCTORED_RESULTS_SNAPSHOT = phase == SNAPSHOT
    print("begun", flush=True)
    while True:
        if phase == COMPUTING:
            sum(range(1_000_000))
        else:
            making.write(bulk.LARGE, choose(), NullFile())


def _exit_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


class NullFile(io.RawIOBase):
    """A file that keeps nothing."""

    def write(self, data: Any) -> int:
        """Take the data."""
        return len(data)


@contextlib.contextmanager
def _attempts() -> Iterator[list[int]]:
    """Yield the ids of attempts at exams of the large course that exist only during the benchmark."""
    from edx_proctoring.models import ProctoredExam, ProctoredExamStudentAttempt

    from lms_sandbox.seed import bulk

    exams = list(ProctoredExam.objects.filter(course_id=str(bulk.LARGE)).values_list("id", flat=True))
    learners = ProctoredExamStudentAttempt.objects.filter(proctored_exam_id=exams[0]).values_list("user_id", flat=True)
    ours = ProctoredExamStudentAttempt.objects.filter(attempt_code__startswith=CODE)
    ours.delete()
    ProctoredExamStudentAttempt.objects.bulk_create(
        ProctoredExamStudentAttempt(
            proctored_exam_id=exams[number % len(exams)],
            user_id=learner,
            attempt_code=f"{CODE}{number}",
            allowed_time_limit_mins=90,
            status="created",
            taking_as_proctored=True,
        )
        for number, learner in enumerate(random.Random(1).sample(list(learners), min(ATTEMPTS, len(learners))))
    )
    try:
        yield list(ours.values_list("id", flat=True))
    finally:
        ours.delete()


def _locked_by_others() -> int:
    """Return how many rows and tables the transactions of other connections to this database have locked."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(trx_rows_locked + trx_tables_locked), 0) FROM information_schema.innodb_trx "
            "JOIN information_schema.processlist process ON process.id = trx_mysql_thread_id "
            "WHERE process.db = DATABASE() AND process.id <> CONNECTION_ID()"
        )
        return int(cursor.fetchone()[0])


def table(found: dict[str, Any]) -> list[list[str]]:
    """Return the table: its header, and a row for each phase."""
    rows = [list(COLUMNS)]
    for phase in PHASES:
        took = sorted(ms for each in found["rounds"] for ms in each[phase])
        quantiles = statistics.quantiles(took, n=100)
        ratios = [statistics.median(each[phase]) / statistics.median(each[QUIET]) for each in found["rounds"]]
        shown = (f"{each:.2f}" for each in (statistics.median(took), quantiles[94], quantiles[98]))
        rows.append([phase, f"{len(took):,}", *shown, figures.spread(ratios, 2)])
    return rows


def summary(found: dict[str, Any]) -> str:
    """Return sentences that sum up the table."""
    medians = {phase: statistics.median(ms for each in found["rounds"] for ms in each[phase]) for phase in PHASES}
    report, snapshot, computing = (medians[phase] / medians[QUIET] for phase in (REPORT, SNAPSHOT, COMPUTING))
    return (
        f"Rows and tables locked by reports at any time: {found['locked']}. "
        f"A change of a status takes {report:.2f} times as long while a report is made, {snapshot:.2f} times with a "
        f"snapshot, and {computing:.2f} times while another process only computes."
    )


def lines(found: dict[str, Any]) -> list[str]:
    """Return the lines of the table."""
    return [
        "",
        f"{found['users']:,} users; {figures.describe(found['machine'])}",
        *tables.aligned(table(found)),
        summary(found),
    ]


if __name__ == "__main__":
    main()
