"""
`python -m benchmarks.pages`: what the plugin adds to the pages of learners, and what answers of its API cost.

Runs in one process, on a site of a million users with a course of 100,000 attempts and 10,000 old reports. It requests
each page with and without the plugin's part, and each answer in a small course and in the large one, in turn. It prints
numbers of queries, and medians of the CPU time of the process. Exits with 1 if the plugin adds more than 2 queries or
2 ms to a page.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from benchmarks import figures, sites, tables

MAX_QUERIES, MAX_MS = 2, 2.0
ASIDE = "proctored_exam_result"
UNIT_FILTER = "org.openedx.learning.vertical_block.render.completed.v1"
ADDED = ("page", "queries without", "with", "added", "CPU ms without", "with", "added")
ANSWERS = (
    "answer",
    "queries in the small course",
    "in the large one",
    "CPU ms in the small course",
    "in the large one",
)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages", description=__doc__)
    parser.add_argument("--users", type=int, default=1_000_000, help="users of the site")
    parser.add_argument("--rounds", type=int, default=300, help="how often each page is asked for")
    options = parser.parse_args()
    os.environ.update(sites.environment("users", options.users))
    import django

    django.setup()
    from lms_sandbox.seed import bulk

    small, large = Course(sites.course_key(0)), Course(bulk.LARGE)
    added = {
        "exam, satisfactory": large.exam("verified"),
        "exam, unsatisfactory": large.exam("rejected"),
        "exam, no attempt": large.exam(None),
        "unit, exam begun": large.unit("started"),
    }
    platform = {"exam, asides switched on": large.exam_and_asides("verified")}
    answers = {
        "result of an exam": (small.result("verified"), large.result("verified")),
        "list of reports": (small.of_team("reports/"), large.of_team("reports/")),
        "list of tasks": (small.of_team("tasks/"), large.of_team("tasks/")),
    }
    found = {
        "users": options.users,
        "machine": figures.machine(),
        "added": {name: _compare(*pair, options.rounds) for name, pair in added.items()},
        "platform": {name: _compare(*pair, options.rounds) for name, pair in platform.items()},
        "answers": {name: _compare(*pair, options.rounds) for name, pair in answers.items()},
    }
    figures.save(f"pages-{options.users}", found)
    print("\n".join(lines(found)))
    sys.exit(any(queries > MAX_QUERIES or ms > MAX_MS for queries, ms in map(_added, found["added"].values())))


class Course:
    """A course with its team, an exam that has a page, and learners with attempts in any status."""

    def __init__(self, key: Any) -> None:
        from edx_proctoring.models import ProctoredExam
        from opaque_keys.edx.keys import UsageKey

        from lms_sandbox.models import Block
        from lms_sandbox.seed.courses import make_sequence

        self.key = key
        self._exam = ProctoredExam.objects.filter(course_id=str(key)).earliest("id")
        # This provider shows the content of an exam without extra software.
        ProctoredExam.objects.filter(pk=self._exam.pk).update(backend="null")
        self._usage_key = UsageKey.from_string(self._exam.content_id)
        if not Block.objects.filter(usage_key=self._usage_key).exists():
            make_sequence(
                self._usage_key,
                display_name=self._exam.exam_name,
                is_time_limited=True,
                is_proctored_enabled=True,
                default_time_limit_minutes=self._exam.time_limit_mins,
            )

    def exam(self, status: str | None) -> "tuple[Request, Request]":
        """Return the page of the exam without and with the plugin's aside, for a learner with such an attempt."""
        client, path = self._learner(status), f"/xblock/{self._usage_key}"
        return Request(client, path, lambda: _show_aside(False)), Request(client, path, lambda: _show_aside(True))

    def exam_and_asides(self, status: str) -> "tuple[Request, Request]":
        """Return the page of the exam with asides switched off, and with asides switched on but none installed."""
        client, path = self._learner(status), f"/xblock/{self._usage_key}"
        return (
            Request(client, path, lambda: _show_aside(False, others=False)),
            Request(client, path, lambda: _show_aside(False)),
        )

    def unit(self, status: str) -> "tuple[Request, Request]":
        """Return the page of a unit of the exam without and with the result."""
        unit = self.key.make_usage_key("vertical", f"{self._usage_key.block_id}_1")
        client, path = self._learner(status), f"/xblock/{unit}"
        return Request(client, path, lambda: _filter_units(False)), Request(client, path, lambda: _filter_units(True))

    def result(self, status: str) -> "Request":
        """Return the request for the result of the exam in the API."""
        return Request(self._learner(status), f"{self._api}/exams/{self._usage_key}/result/")

    def of_team(self, path: str) -> "Request":
        """Return a request of the course team to the API."""
        from django.contrib.auth import get_user_model

        admin, _made = get_user_model().objects.get_or_create(username="admin", defaults={"is_staff": True})
        return Request(_client(admin), f"{self._api}/{path}")

    @property
    def _api(self) -> str:
        return f"/api/proctored_results/v1/courses/{self.key}"

    def _learner(self, status: str | None) -> Any:
        """Return a client of a learner whose attempt at the exam has this status; without an attempt for None."""
        from common.djangoapps.student.models import CourseEnrollment
        from django.contrib.auth import get_user_model
        from django.utils import timezone
        from edx_proctoring.models import ProctoredExamStudentAttempt

        learner, _made = get_user_model().objects.get_or_create(username=f"{status}_{self._exam.pk}")
        CourseEnrollment.objects.get_or_create(user=learner, course_id=self.key, defaults={"mode": "verified"})
        if status is not None:
            ProctoredExamStudentAttempt.objects.update_or_create(
                user=learner,
                proctored_exam=self._exam,
                defaults={
                    "attempt_code": f"{status}-{self._exam.pk}",
                    "allowed_time_limit_mins": 90,
                    "started_at": timezone.now(),
                    "status": status,
                    "taking_as_proctored": True,
                },
            )
        return _client(learner)


@dataclass(frozen=True)
class Request:
    """A request that can be sent repeatedly, and a function to call before each time."""

    client: Any
    path: str
    prepare: Callable[[], None] = lambda: None

    def send(self) -> float:
        """Send the request and return the CPU time of the answer in milliseconds."""
        self.prepare()
        start = time.process_time()
        response = self.client.get(self.path)
        took = time.process_time() - start
        if response.status_code != HTTPStatus.OK:
            sys.exit(f"{self.path} is answered with {response.status_code}.")
        return 1000 * took

    def queries(self) -> int:
        """Send the request and return how many queries it runs."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        self.prepare()
        with CaptureQueriesContext(connection) as captured:
            self.client.get(self.path)
        return len(captured)


def _client(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def _show_aside(ours: bool, *, others: bool = True) -> None:
    """Switch the plugin's aside on or off; if both are False, the platform does not look for asides at all."""
    from lms.djangoapps.lms_xblock.models import XBlockAsidesConfig
    from xblock.core import XBlockAside

    config = XBlockAsidesConfig.objects.first() or XBlockAsidesConfig()
    config.enabled = ours or others
    config.save()
    installed = super(XBlockAside, XBlockAside).load_classes
    XBlockAside.load_classes = lambda: (each for each in installed() if ours or each[0] != ASIDE)


def _filter_units(enabled: bool) -> None:
    from django.conf import settings

    from proctored_results.settings.common import FILTER_STEPS

    pipeline = [FILTER_STEPS[UNIT_FILTER]] if enabled else []
    settings.OPEN_EDX_FILTERS_CONFIG[UNIT_FILTER] = {"pipeline": pipeline, "fail_silently": True}


def _compare(one: Request, other: Request, rounds: int) -> dict[str, Any]:
    """
    Return {"queries": [one, other], "ms": [median of one, of other], "more_ms": median of other minus one}.

    The two take turns at being first. The difference is measured between requests of the same round, because the speed
    of a machine varies over time.
    """
    for request in (one, other):
        request.send()  # warm up
    queries = [one.queries(), other.queries()]
    took: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds):
        for index in (0, 1) if number % 2 else (1, 0):
            took[index].append((one, other)[index].send())
    more = [second - first for first, second in zip(*took, strict=True)]
    return {"queries": queries, "ms": [*map(statistics.median, took)], "more_ms": statistics.median(more)}


def _added(pair: dict[str, Any]) -> tuple[int, float]:
    """Return how many more queries and milliseconds the second of two takes."""
    return pair["queries"][1] - pair["queries"][0], pair["more_ms"]


def added_table(found: dict[str, Any], by: str) -> list[list[str]]:
    """Return what the plugin (added) or the platform adds to pages: a header, and a row for each page."""
    rows = [list(ADDED)]
    for name, pair in found[by].items():
        queries, ms = _added(pair)
        rows.append(
            [name, *map(str, pair["queries"]), f"{queries:+}", *(f"{each:.2f}" for each in pair["ms"]), f"{ms:+.2f}"]
        )
    return rows


def answers_table(found: dict[str, Any]) -> list[list[str]]:
    """Return what answers of the API cost: a header, and a row for each."""
    rows = [list(ANSWERS)]
    for name, pair in found["answers"].items():
        rows.append([name, *map(str, pair["queries"]), *(f"{each:.2f}" for each in pair["ms"])])
    return rows


def lines(found: dict[str, Any]) -> list[str]:
    """Return the lines of both tables."""
    largest = [max(each) for each in zip(*map(_added, found["added"].values()), strict=True)]
    return [
        "",
        f"{found['users']:,} users; {figures.describe(found['machine'])}",
        *tables.aligned(added_table(found, "added")),
        "The platform itself, to look for asides among all installed packages:",
        *tables.aligned(added_table(found, "platform")),
        *tables.aligned(answers_table(found)),
        f"The plugin adds at most {largest[0]} queries and {largest[1]:.2f} ms of CPU to a page.",
    ]


if __name__ == "__main__":
    main()
