"""
`python -m tests.services.race PROCESSES ROUNDS`: in each round, all processes press the button at the same moment.

Each round has its own course. Prints, as JSON, for each round: the status codes, and how many instructor tasks and runs
exist afterwards.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.services.settings")

WAIT_SECONDS = 180


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    processes, rounds = map(int, sys.argv[1:])
    course_keys = list(_courses(rounds))
    connections.close_all()

    fork = multiprocessing.get_context("fork")
    barrier, results = fork.Barrier(processes), fork.Queue()
    workers = [fork.Process(target=_press, args=[course_keys, barrier, results]) for _ in range(processes)]
    for worker in workers:
        worker.start()
    statuses = [results.get(timeout=WAIT_SECONDS) for _ in workers]
    for worker in workers:
        worker.join(WAIT_SECONDS)
    print(json.dumps([_outcome(*each) for each in zip(course_keys, zip(*statuses, strict=True), strict=True)]))  # noqa: T201


def _courses(number: int) -> Iterator[Any]:
    from tests import factories

    factories.user("racer", is_staff=True)
    for each in range(number):
        yield factories.course(factories.COURSE_KEY.replace(run=f"race{each}")).id


def _press(course_keys: list[Any], barrier: Any, results: Any) -> None:
    from django.contrib.auth import get_user_model
    from django.test import Client

    client = Client()
    client.force_login(get_user_model().objects.get(username="racer"), "django.contrib.auth.backends.ModelBackend")
    statuses = []
    for course_key in course_keys:
        barrier.wait(WAIT_SECONDS)
        response = client.post(f"/api/proctored_results/v1/courses/{course_key}/reports/")
        statuses.append(response.status_code)
    results.put(statuses)


def _outcome(course_key: Any, statuses: tuple[int, ...]) -> dict[str, Any]:
    from lms.djangoapps.instructor_task.models import InstructorTask

    from proctored_results.models import ReportRun

    return {
        "statuses": sorted(statuses),
        "tasks": InstructorTask.objects.filter(course_id=course_key).count(),
        "runs": ReportRun.objects.filter(course_key=course_key).count(),
    }


if __name__ == "__main__":
    main()
