"""The table of who may do what, as it was measured in a real platform."""

import pytest
from django.urls import reverse

from tests.lms_sandbox.conftest import COURSE

pytestmark = pytest.mark.django_db

#: Role -> dashboard, Data Download tab, built-in report, list of downloads, list of tasks. The built-in report answers
#: 400 to those who may ask for it: the sandbox does not have it.
TABLE = {
    "admin": (200, True, 400, 200, 200),
    "staff": (200, False, 400, 403, 200),
    "instructor": (200, False, 400, 403, 200),
    "data_researcher": (200, True, 403, 200, 200),
    "staff+data_researcher": (200, True, 400, 200, 200),
    "instructor+data_researcher": (200, True, 400, 200, 200),
    "learner": (404, False, 403, 403, 403),
    None: (404, False, 401, 401, 401),
}


def address(name, course_id=COURSE):
    return reverse(name, kwargs={"course_id": str(course_id)})


@pytest.mark.parametrize("role", TABLE)
def test_every_role_may_do_what_it_may_in_the_platform(client, course, make_user, role):
    if role:
        client.force_login(make_user(role))
    dashboard = client.get(address("instructor_dashboard"))
    endpoints = ("get_proctored_exam_results", "list_report_downloads", "list_instructor_tasks")
    assert (
        dashboard.status_code,
        b'data-section="data_download"' in dashboard.content,
        *(client.post(address(name)).status_code for name in endpoints),
    ) == TABLE[role]


def test_a_role_in_one_course_gives_nothing_in_another(client, course, make_user):
    from openedx.core.djangoapps.content.course_overviews.models import CourseOverview

    other = CourseOverview.objects.create(id="course-v1:TestX+Other+2026", org="TestX")
    client.force_login(make_user("staff+data_researcher"))
    assert client.get(address("instructor_dashboard", other.id)).status_code == 404


def test_a_role_in_an_organisation_counts_in_all_of_its_courses(client, course, make_user):
    from common.djangoapps.student.models import CourseAccessRole

    researcher = make_user("learner")
    CourseAccessRole.objects.create(user=researcher, org="TestX", role="data_researcher")
    client.force_login(researcher)
    assert client.post(address("list_report_downloads")).status_code == 200


def test_an_unknown_permission_is_refused_even_to_global_staff(course, make_user):
    assert not make_user("admin").has_perm("instructor.unheard_of", course.id)


@pytest.mark.parametrize("course_id", ["course-v1:TestX+Unknown+2026", "a/b/c", "not+a+key"])
def test_an_unknown_course_is_not_found(client, course, make_user, course_id):
    client.force_login(make_user("admin"))
    assert client.get(f"/courses/{course_id}/instructor").status_code == 404
    assert client.post(f"/courses/{course_id}/instructor/api/list_instructor_tasks").status_code == 404
