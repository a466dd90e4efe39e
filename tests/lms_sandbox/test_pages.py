"""Logging in, and the pages for everybody."""

import pytest

pytestmark = pytest.mark.django_db


def test_anybody_can_become_any_user_on_the_start_page(client, course, make_user):
    user = make_user("learner")
    assert client.post("/log_in_as", {"username": user.username}).url == "/"
    assert f"<strong>{user.username}</strong>" in client.get("/").content.decode()


def test_an_unknown_user_name_is_not_found(client):
    assert client.post("/log_in_as", {"username": "nobody"}).status_code == 404


def test_the_login_form_takes_the_password_and_leads_on(client, make_user):
    form = {"username": make_user("learner").username, "password": "edx", "next": "/courses"}
    assert client.post("/login", form).url == "/courses"


def test_the_login_form_refuses_a_wrong_password(client, make_user):
    answer = client.post("/login", {"username": make_user("learner").username, "password": "wrong"})
    assert answer.status_code == 403
    assert b"No account has this user name" in answer.content


def test_the_login_form_leads_nowhere_else(client, make_user):
    form = {"username": make_user("learner").username, "password": "edx", "next": "https://example.com/"}
    assert client.post("/login", form).url == "/"


def test_logging_out_needs_a_post(client, make_user):
    client.force_login(make_user("learner"))
    assert client.get("/logout").status_code == 405
    assert client.post("/logout").url == "/"


def test_the_page_of_a_course_is_for_those_who_are_logged_in(client, course, make_user):
    address = f"/courses/{course.id}/course/"
    assert client.get(address).url.startswith("/login")
    client.force_login(make_user("learner"))
    assert b"This course has no exams yet." in client.get(address).content


def test_the_start_page_escapes_names(client, course):
    course.display_name = "<b>bold</b>"
    course.save()
    assert b"&lt;b&gt;bold" in client.get("/").content


def test_no_file_outside_of_the_media_folder_is_served(client, public_report_store):
    public_report_store.mkdir(parents=True)
    (public_report_store.parent.parent / "secret.txt").write_text("secret")
    assert client.get("/media/../secret.txt").status_code == 400
    assert client.get("/media/%2e%2e/secret.txt").status_code == 400
    assert client.get("/media/grades/").status_code == 404
