"""The words of the result in the e-mails that edx-proctoring sends."""

from html.parser import HTMLParser
from unittest import mock

import pytest
from django.core import mail
from django.template import engines
from django.template.loader import select_template
from django.test import override_settings
from django.utils import translation
from edx_proctoring import api

from proctored_results.settings import common, production
from tests import factories

pytestmark = pytest.mark.django_db

STATUSES = {"submitted": "Pending", "verified": "Satisfactory", "rejected": "Unsatisfactory"}
FILES = {"submitted": "submitted", "verified": "satisfactory", "rejected": "unsatisfactory"}
BACKENDS = ["software_secure", "rpnow4", "null", "mock", "a_backend_of_tomorrow", None]
OURS = "The result of\n    the proctoring review is:"
CONTEXT = {
    "course_url": "https://learning.example.com/course",
    "course_name": "A course & more",
    "exam_name": "Final <exam>",
    "status": "verified",
    "platform": "Example",
    "contact_url": "mailto:proctoring@example.com",
    "contact_url_text": "proctoring@example.com",
}


def names(backend, status):
    """The names that edx-proctoring asks for, in its order."""
    return api._get_email_template_paths(f"proctoring_attempt_{FILES[status]}_email.html", backend)


def rendered(backend, status="verified", **context):
    return select_template(names(backend, status)).render({**CONTEXT, "status": status, **context})


def is_ours(text):
    return "proctoring review is:" in text


@pytest.fixture(autouse=True)
def _fresh_engines():
    """Drop Django's cached template engine after each test, because its loaders have read the test's settings."""
    yield
    engines._engines = {}
    engines.__dict__.pop("templates", None)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("status", STATUSES)
def test_every_backend_and_none_gets_the_words(backend, status):
    text = rendered(backend, status)
    assert is_ours(text)
    assert f"<strong>{STATUSES[status]}</strong>" in text
    for word in set(STATUSES.values()) - {STATUSES[status]}:
        assert f"<strong>{word}</strong>" not in text


def test_names_are_escaped():
    text = rendered("null")
    assert "Final &lt;exam&gt;" in text
    assert "A course &amp; more" in text
    assert "<exam>" not in text


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def tags_of(html):
    parser = _Tags()
    parser.feed(html)
    return parser.tags


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("he", "rtl"), ("pt-br", "ltr")])
@pytest.mark.parametrize("status", STATUSES)
def test_the_html_has_a_language_and_a_direction_and_needs_no_images(language, direction, status):
    with translation.override(language):
        text = rendered("null", status)
    tags = tags_of(text)
    assert text.startswith("<!DOCTYPE html>")
    assert tags[0] == ("html", {"lang": language, "dir": direction})
    assert not {"img", "script", "link", "style", "picture"} & {tag for tag, _ in tags}


def test_a_mail_that_is_pending_does_not_say_that_the_result_appears_in_it():
    assert "appears on the exam" in rendered("null", "submitted")


# Whose template wins


@pytest.fixture
def theme(tmp_path, settings):
    """A function that puts a template into the site's theme."""
    settings.THEME_TEMPLATE_DIRS = [str(tmp_path)]

    def put(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    return put


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_themes_template_for_all_backends_wins(backend, theme):
    theme("emails/proctoring_attempt_satisfactory_email.html", "the theme says {{ exam_name }}")
    assert rendered(backend) == "the theme says Final &lt;exam&gt;"
    assert is_ours(rendered(backend, "rejected"))


def test_a_themes_template_for_one_backend_wins_for_that_one(theme):
    theme("emails/proctoring/rpnow4/proctoring_attempt_satisfactory_email.html", "the theme says hello")
    assert rendered("rpnow4") == "the theme says hello"
    for backend in set(BACKENDS) - {"rpnow4"}:
        assert is_ours(rendered(backend))


def test_ours_wins_over_every_app_wherever_it_stands(settings):
    apps_without = [app for app in settings.INSTALLED_APPS if "proctored_results" not in app]
    ours = next(app for app in settings.INSTALLED_APPS if "proctored_results" in app)
    for installed in ([ours, *apps_without], [*apps_without, ours]):
        with override_settings(INSTALLED_APPS=installed):
            engines._engines = {}
            assert is_ours(rendered("software_secure"))
            assert is_ours(rendered(None))


# Switched off


def test_switched_off_whole_the_mails_are_edx_proctorings():
    for backend in BACKENDS:
        with override_settings(PROCTORED_RESULTS_MAILS=False):
            assert not is_ours(rendered(backend))
        assert is_ours(rendered(backend))


@pytest.mark.parametrize("excluded", BACKENDS)
def test_switched_off_for_one_backend_the_mails_of_that_one_are_edx_proctorings(excluded):
    with override_settings(PROCTORED_RESULTS_MAILS=False):
        stock = rendered(excluded)
    with override_settings(PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS=[excluded]):
        assert rendered(excluded) == stock
        for backend in set(BACKENDS) - {excluded}:
            assert is_ours(rendered(backend))


def test_switched_off_for_a_backend_a_theme_still_wins(theme):
    theme("emails/proctoring_attempt_satisfactory_email.html", "the theme says hello")
    with override_settings(PROCTORED_RESULTS_MAIL_EXCLUDED_BACKENDS=["null"]):
        assert rendered("null") == "the theme says hello"


def test_no_other_template_is_touched():
    [loader] = [
        loader for loader in engines["django"].engine.template_loaders if type(loader).__name__ == "MailTemplateLoader"
    ]
    for name in ("emails/other.html", "emails/proctoring_attempt_submitted_email.txt", "proctored_exam/submitted.html"):
        assert list(loader.get_template_sources(name)) == []
        assert list(loader._candidates(name)) == []


def test_the_loader_is_put_once_before_the_loader_of_the_apps():
    platform = mock.Mock(
        spec_set=["TEMPLATES"],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {
                    "loaders": ["theming.ThemeTemplateLoader", "MakoFilesystemLoader", "x.MakoAppDirectoriesLoader"]
                },
            },
            {"BACKEND": "common.djangoapps.edxmako.backend.Mako", "OPTIONS": {"loaders": ["untouched"]}},
        ],
    )
    for _ in range(2):
        common.add_mail_loader(platform)
        production.add_mail_loader(platform)
    assert platform.TEMPLATES[0]["OPTIONS"]["loaders"] == [
        "theming.ThemeTemplateLoader",
        "MakoFilesystemLoader",
        common.MAIL_LOADER,
        "x.MakoAppDirectoriesLoader",
    ]
    assert platform.TEMPLATES[1]["OPTIONS"]["loaders"] == ["untouched"]


# Sent


@pytest.mark.parametrize("backend", ["null", None])
@pytest.mark.parametrize("status", STATUSES)
def test_one_mail_is_sent_to_the_learner_as_html(backend, status, make_exam, learner):
    exam = make_exam(backend=backend)
    before = "started" if status == "submitted" else "submitted"
    made = factories.attempt(exam.exam, user=learner, status=before, started_at="2026-01-01T00:00Z")
    mail.outbox.clear()
    api.update_attempt_status(made.id, status)
    [sent] = mail.outbox
    assert sent.to == ["learner@example.com"]
    assert sent.content_subtype == "html"
    assert f"<strong>{STATUSES[status]}</strong>" in sent.body
    assert "A course" in sent.body


def test_a_mail_for_a_course_without_a_name_or_a_site_without_one(make_exam, learner, monkeypatch):
    monkeypatch.setattr("edx_proctoring.constants.SITE_NAME", None)
    monkeypatch.setattr("edx_proctoring.constants.PLATFORM_NAME", "")
    exam = make_exam(backend="null")
    stranger = factories.user("stranger")
    made = factories.attempt(exam.exam, user=stranger, status="submitted", started_at="2026-01-01T00:00Z")
    mail.outbox.clear()
    api.update_attempt_status(made.id, "verified")
    [sent] = mail.outbox
    assert "your course" in sent.body
    assert "<strong>Satisfactory</strong>" in sent.body
