"""Who sees whose result, on the page of an exam, on that of a unit and in the API."""

import pytest

from tests import factories
from tests.learner.reading import result_on

pytestmark = pytest.mark.django_db

SENTENCE = "You are viewing the course as learner: this is their result."

# Who looks -> (role and learner that they view the course as, None for no choice; whose result they see).
TABLE = {
    "the learner": (None, "their own"),
    "another learner": (None, None),
    "staff": (None, None),
    "staff as staff": (("staff", None), None),
    "staff as a learner in general": (("student", None), None),
    "staff as the learner": (("student", "learner"), "the learner's"),
    "staff as another learner": (("student", "another"), None),
    "global staff": (None, None),
    "global staff as the learner": (("student", "learner"), "the learner's"),
    "a learner who tries to view as the learner": (("student", "learner"), None),
}


@pytest.fixture
def people(learner, attempt, exam):
    """Everybody in the table. The staff have results of their own, which they do not see."""
    attempt("rejected")
    another = factories.user("another")
    factories.enrollment(another, "verified")
    found = {
        "the learner": learner,
        "another learner": another,
        "a learner": another,
        "staff": factories.team_member("staff", username="staff"),
        "global staff": factories.user("global", is_staff=True),
    }
    for name in ("staff", "global staff"):
        factories.attempt(exam.exam, user=found[name], status="verified")
    return found


@pytest.fixture(params=TABLE)
def looking(request, people, look):
    """The client of a person in the table, with the choice of whom to view as made; and whose result they see."""
    choice, whose = TABLE[request.param]
    client = look(people[request.param.split(" who ")[0].split(" as ")[0]])
    if choice is not None:
        role, username = choice
        client.post(
            f"/courses/{factories.COURSE_KEY}/masquerade",
            {"role": role, "user_name": username},
            content_type="application/json",
        )
    return client, whose


@pytest.mark.parametrize("path", ["path", "unit_path"])
def test_the_page_follows_the_table(looking, path, exam):
    client, whose = looking
    response = client.get(getattr(exam, path), follow=True)
    assert response.status_code == 200
    shown = result_on(response.content.decode())
    assert (shown is not None) == (whose is not None)
    if shown is not None:
        assert shown.kind == "unsatisfactory"
        assert (SENTENCE in shown.texts) == (whose == "the learner's")


def test_the_api_follows_the_table(looking, exam):
    client, whose = looking
    found = client.get(exam.api).json()
    assert found["result"] == (None if whose is None else "unsatisfactory")
    assert (SENTENCE in found["remarks"]) == (whose == "the learner's")
    if whose is not None:
        assert found["viewing_as"] == ("learner" if whose == "the learner's" else None)


def test_a_visitor_is_sent_away(exam, look, people):
    assert look().get(exam.path)["Location"].startswith("/login")
    assert look().get(exam.api).status_code == 401


def test_a_learner_who_left_the_course_cannot_be_viewed_as_any_more(exam, look, people, learner, view_as):
    client = look(people["staff"])
    view_as(client, "student", "learner")
    learner.courseenrollment_set.update(is_active=False)
    assert client.get(exam.api).json()["viewing_as"] is None
    assert result_on(client.get(exam.path).content.decode()) is None


def test_viewing_one_course_as_somebody_changes_nothing_in_another(make_exam, exam, look, people, view_as):
    client = look(people["staff"])
    view_as(client, "student", "learner")
    other = factories.course("course-v1:TestX+OTHER+2026")
    elsewhere = factories.exam(course_key=other.id)
    factories.attempt(elsewhere, user=people["staff"], status="verified")
    url = f"/api/proctored_results/v1/courses/{other.id}/exams/{elsewhere.content_id}/result/"
    # They are not in the team there, so they see their own result, like any learner.
    found = client.get(url).json()
    assert (found["result"], found["viewing_as"]) == ("satisfactory", None)
