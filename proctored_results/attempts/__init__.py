"""
Reading proctored exam attempts with their reviews: the one door to edx-proctoring's tables.

`stream` reads the tables and never edx-proctoring's own read functions, because most of those check an attempt's timer
and may submit the attempt while they read it. It holds one page of attempts at a time and asks a constant number of
queries per page: attempts with their users and reviews, reviewers' comments; and where what learners see is asked for,
all attempts of the page's users at the exam.

Two things are compared in Python and not in SQL, because MySQL's usual collation takes upper and lower case for the
same: the course id of an exam, and the attempt code that ties a review to its attempt.
"""

from proctored_results.attempts.courses import course_ids
from proctored_results.attempts.databases import report_database
from proctored_results.attempts.exams import exam, exams
from proctored_results.attempts.learner import of_learner
from proctored_results.attempts.records import Attempt, Exam, Incident, Review
from proctored_results.attempts.snapshots import snapshot
from proctored_results.attempts.streaming import PAGE_SIZE, count, stream

__all__ = [
    "PAGE_SIZE",
    "Attempt",
    "Exam",
    "Incident",
    "Review",
    "count",
    "course_ids",
    "exam",
    "exams",
    "of_learner",
    "report_database",
    "snapshot",
    "stream",
]
