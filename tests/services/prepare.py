"""
`python -m tests.services.prepare [COURSES]`: make a course with three attempts and an instructor; delete all runs.

With COURSES, make this number of courses with one attempt each instead.
"""

import os
import sys

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.services.settings")


def main() -> None:
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from lms.djangoapps.instructor_task.models import InstructorTask

    from proctored_results.models import ReportRun
    from tests import factories

    if sys.argv[1:]:
        for number in range(int(sys.argv[1])):
            key = factories.course(factories.COURSE_KEY.replace(run=f"course{number}")).id
            factories.attempt(factories.exam(course_key=key))
        return
    InstructorTask.objects.all().delete()
    ReportRun.objects.all().delete()
    if get_user_model().objects.filter(username="instructor").exists():
        return
    factories.course()
    factories.team_member("staff", "data_researcher", username="instructor")
    exam = factories.exam()
    for number in range(3):
        learner = factories.user(f"confidential{number}", email=f"confidential{number}@example.com")
        attempt = factories.attempt(exam, user=learner)
        factories.comment(factories.review(attempt.attempt_code, "Suspicious"), "confidential comment")


if __name__ == "__main__":
    main()
