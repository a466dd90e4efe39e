"""
The demonstration data of the sandbox.

Attempts come from edx-proctoring's own API (`attempts.py`) and reviews from its callback (`reviews.py`). `by_models.py`
makes what these two cannot. `bulk.py` makes large courses with rows like theirs.
"""

from django.db import transaction
from edx_proctoring.models import ProctoredExam

from lms_sandbox.seed import attempts, by_models, courses, people


def is_seeded():
    """Return whether the demonstration data is there."""
    return ProctoredExam.objects.filter(course_id=str(courses.MAIN)).exists()


def seed():
    """Make the demonstration data: the same data every time."""
    with transaction.atomic():
        courses.make_courses()
        learners = people.make_people()
        exams = courses.make_exams()
        attempts.make_attempts(exams, learners)
        courses.retire_exam(exams)
        courses.make_content()
        by_models.make_odd_rows(exams, learners)
        by_models.spread_times(exams)
