"""
Reading proctored exam attempts with their reviews. No other code of the plugin reads edx-proctoring's tables.

`stream` reads the tables and never calls edx-proctoring's own read functions, because most of those check an attempt's
timer and may submit the attempt while they read it. It uses keyset pagination and holds one page of attempts at a time.
Each page takes the same number of queries: one for the attempts with their users and reviews, and one for the
reviewers' comments. If the learners' results are asked for, one more reads all attempts of the page's users at the
exam.

The course id of an exam, and the attempt code that joins a review to its attempt, are compared in Python and not in
SQL, because MySQL's usual collation ignores letter case.
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
