"""
What a report costs, counted: figures that are the same on every machine.

A limit is about a quarter above what was counted when it was set. `benchmarks` has the seconds.
"""

import gc
import io
import os
import sys
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from opaque_keys.edx.keys import CourseKey

import proctored_results
from lms_sandbox.seed import bulk
from proctored_results import attempts
from proctored_results.reports.choice import choose
from proctored_results.reports.columns import EXTRA_COLUMN_NAMES
from proctored_results.runs import making

pytestmark = pytest.mark.django_db

PAGES = 4
#: Functions of the package that are called for a row, and bytes that are held for each row of a page.
CALLS_PER_ROW, CALLS_PER_ROW_WITH_ALL_COLUMNS = 52, 60
BYTES_HELD_PER_ROW_OF_A_PAGE = 2_700


@pytest.fixture
def course():
    """A function that makes a course of one exam with this number of attempts and returns its key."""

    def make(size):
        key = CourseKey.from_string(f"course-v1:CostX+PR{size}+2026")
        bulk.make_courses([key], size, exams=1)
        return key

    return make


class Nowhere(io.RawIOBase):
    """An output that keeps nothing."""

    def write(self, data):
        return len(data)


def report(course_key, **options):
    return making.write(course_key, choose(**options), Nowhere())


def counted_calls(function):
    """How often functions of the package are called while this function runs."""
    calls, package = 0, os.path.dirname(proctored_results.__file__)

    def count(frame, event, _argument):
        nonlocal calls
        calls += event == "call" and frame.f_code.co_filename.startswith(package)

    sys.setprofile(count)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    ("extra_columns", "per_page"),
    [
        ((), 2),
        (("provider", "reviewed_at", "reviewed_by"), 2),
        (("track",), 3),
        (("result",), 3),
        (EXTRA_COLUMN_NAMES, 4),
    ],
)
def test_queries_grow_with_pages_and_not_with_rows(course, extra_columns, per_page):
    for size, pages in ((1, 1), (attempts.PAGE_SIZE, 1), (3 * attempts.PAGE_SIZE, 3), (3 * attempts.PAGE_SIZE + 1, 4)):
        key = course(size)
        with CaptureQueriesContext(connection) as captured:
            assert report(key, extra_columns=extra_columns) == size
        assert len(captured) == 1 + pages * per_page


@pytest.mark.parametrize(
    ("extra_columns", "limit"), [((), CALLS_PER_ROW), (EXTRA_COLUMN_NAMES, CALLS_PER_ROW_WITH_ALL_COLUMNS)]
)
def test_a_row_costs_few_calls_however_many_there_are(course, extra_columns, limit):
    small, large = course(attempts.PAGE_SIZE), course(PAGES * attempts.PAGE_SIZE)
    report(small, extra_columns=extra_columns)

    of_small, of_large = (
        counted_calls(lambda key=key: report(key, extra_columns=extra_columns)) for key in (small, large)
    )

    per_row = (of_large - of_small) / ((PAGES - 1) * attempts.PAGE_SIZE)
    assert per_row < limit
    assert of_large < limit * PAGES * attempts.PAGE_SIZE


def test_one_page_is_held_at_once_and_nothing_afterwards(course, without_coverage):
    sizes = [pages * attempts.PAGE_SIZE for pages in (1, 2, PAGES)]
    keys = [course(size) for size in sizes]
    report(keys[0], extra_columns=EXTRA_COLUMN_NAMES)
    left, peaks = [], []
    for key in keys:
        gc.collect()
        tracemalloc.start()
        report(key, extra_columns=EXTRA_COLUMN_NAMES)
        gc.collect()
        now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        left.append(now)
        peaks.append(peak)

    assert max(peaks) < BYTES_HELD_PER_ROW_OF_A_PAGE * attempts.PAGE_SIZE
    # Two pages are held at a time at most: the finished one, and the next one while it is read.
    assert peaks[2] < 1.1 * peaks[1]
    # A driver may hold what it read last. Rows that were kept would take more than this.
    assert left[2] - left[0] < 16 * (sizes[2] - sizes[0])


def test_attempts_are_not_held_once_their_rows_are_written(course):
    key, held = course(2 * attempts.PAGE_SIZE), []

    def look(rows):
        if rows % (attempts.PAGE_SIZE // 3) == 0:
            held.append(sum(type(found) is attempts.Attempt for found in gc.get_objects()))

    making.write(key, choose(), Nowhere(), on_row=look)

    assert held == [1] * 6


def test_statements_are_few_however_many_reviews_a_page_has(course):
    """SQLite's driver caches a statement for each different text, and such a statement is large."""
    key, texts = course(1000), set()

    def note(execute, sql, *arguments):
        texts.add(sql)
        return execute(sql, *arguments)

    with connection.execute_wrapper(note):
        assert sum(1 for _ in attempts.stream(key, results=True, page_size=73)) == 1000

    # The exams, a page, its comments, its learners' histories. The last page is smaller, and has the same texts.
    assert len(texts) == 4
