"""Loading: the platform finds the plugin by its entry point and takes what it brings."""

from celery import current_app
from django.apps import apps
from django.conf import settings
from django.template.loader import get_template
from openedx_filters.learning.filters import InstructorDashboardRenderStarted

from proctored_results.settings.common import FILTER_STEPS, MAKO_TEMPLATES
from tests.edx_platform.base import ContractTestCase


class PluginLoading(ContractTestCase):
    def test_the_app_is_installed(self):
        assert apps.is_installed("proctored_results")

    def test_the_urls_are_there(self):
        assert self.url("reports") == f"/api/proctored_results/v1/courses/{self.course_key}/reports/"

    def test_the_filter_step_is_configured_once(self):
        step = FILTER_STEPS[InstructorDashboardRenderStarted.filter_type]
        configured = settings.OPEN_EDX_FILTERS_CONFIG[InstructorDashboardRenderStarted.filter_type]
        assert configured["pipeline"].count(step) == 1
        assert configured["fail_silently"] is True

    def test_the_templates_are_found(self):
        get_template("proctored_results/panel.html")
        assert settings.MAKO_TEMPLATE_DIRS_BASE.count(MAKO_TEMPLATES) == 1

    def test_celery_knows_the_task_and_its_queue(self):
        from lms.djangoapps.instructor_task.tasks_base import BaseInstructorTask

        current_app.loader.import_default_modules()
        task = current_app.tasks["proctored_results.tasks.generate_report"]
        assert isinstance(task, BaseInstructorTask)
        assert task.queue == settings.GRADES_DOWNLOAD_ROUTING_KEY

    def test_the_defaults_of_the_settings_are_there(self):
        assert settings.PROCTORED_RESULTS_EXTRA_COLUMNS == []
        assert settings.PROCTORED_RESULTS_ESCAPE_FORMULAS is True
