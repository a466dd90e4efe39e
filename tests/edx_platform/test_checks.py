"""The checks: the platform has what they use, and they name what is really wrong."""

from io import StringIO
from unittest import mock

from django.conf import settings
from django.core.cache import cache
from django.core.checks import registry
from django.core.management import call_command
from django.test import override_settings
from edx_proctoring import runtime
from openedx.core.djangoapps.waffle_utils.models import WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel
from waffle import get_waffle_flag_model

from proctored_results import checks
from proctored_results.edx_platform import proctoring
from proctored_results.storage import PrivateReportStorage
from tests.edx_platform.base import ContractTestCase, enable_asides, proctoring_services

FLAG = "grades.rejected_exam_overrides_grade"


class Checks(ContractTestCase):
    def setUp(self):
        super().setUp()
        given = mock.patch.dict(runtime._RUNTIME_SERVICES, proctoring_services(), clear=True)
        given.start()
        self.addCleanup(given.stop)

    def found(self):
        """Return the ids of the messages of the plugin's checks, including those for a deployment."""
        every = registry.registry.get_checks(include_deployment_checks=True)
        ours = [check for check in every if check.__module__ == checks.__name__]
        assert len(ours) == 7
        return sorted(issue.id.partition(".")[2] for check in ours for issue in check(app_configs=None))

    def score_nothing(self, **flag):
        get_waffle_flag_model().objects.create(name=FLAG, **flag)

    def test_a_site_as_it_is_installed_lacks_asides_and_the_score_of_0(self):
        assert self.found() == ["I007", "W001"]

    def test_a_site_that_is_set_up_lacks_nothing(self):
        enable_asides()
        self.score_nothing(everyone=True)
        assert self.found() == []

    def test_manage_py_check_prints_them(self):
        said = StringIO()
        call_command("check", "proctored_results", fail_level="CRITICAL", stdout=StringIO(), stderr=said)
        assert "(proctored_results.W001) Learners do not see their result" in said.getvalue()

    def test_the_score_is_switched_on_as_the_platform_reads_it(self):
        for switch_on in (
            lambda: self.score_nothing(everyone=True),
            lambda: WaffleFlagCourseOverrideModel.objects.create(
                waffle_flag=FLAG, course_id=self.course_key, enabled=True, override_choice="on"
            ),
            lambda: WaffleFlagOrgOverrideModel.objects.create(
                waffle_flag=FLAG, org=self.course_key.org, enabled=True, override_choice="on"
            ),
        ):
            for model in (get_waffle_flag_model(), WaffleFlagCourseOverrideModel, WaffleFlagOrgOverrideModel):
                model.objects.all().delete()
            self.forget_requests()
            assert not proctoring.rejected_exams_score_zero(self.course_key)
            assert not proctoring.rejected_exams_score_zero_anywhere()
            switch_on()
            self.forget_requests()
            assert proctoring.rejected_exams_score_zero(self.course_key)
            assert proctoring.rejected_exams_score_zero_anywhere()

    def forget_requests(self):
        from edx_django_utils.cache import RequestCache

        RequestCache.clear_all_namespaces()
        cache.clear()
        get_waffle_flag_model()(name=FLAG).flush()

    def test_the_report_store_is_judged_as_the_platform_makes_it(self):
        enable_asides()
        self.score_nothing(everyone=True)
        local = "django.core.files.storage.FileSystemStorage"
        private = f"{PrivateReportStorage.__module__}.{PrivateReportStorage.__qualname__}"
        media = str(self.report_directory / "media")
        grades = f"{media}/grades"
        elsewhere = str(self.report_directory / "grades")
        for store, expected in [
            ({"STORAGE_CLASS": private, "STORAGE_KWARGS": {"location": elsewhere}}, []),
            ({"STORAGE_CLASS": private, "STORAGE_KWARGS": {"location": grades}}, ["W004"]),
            ({"STORAGE_KWARGS": {"location": grades, "base_url": "/media/grades/"}}, ["W004"]),
            ({"STORAGE_CLASS": local, "STORAGE_KWARGS": {"location": elsewhere, "base_url": "/grades/"}}, ["W004"]),
            ({"STORAGE_TYPE": "localfs", "ROOT_PATH": elsewhere}, []),
            ({"STORAGE_TYPE": "s3"}, ["W003"]),
            ({"STORAGE_TYPE": None}, ["W003"]),
            ({"STORAGE_CLASS": "nowhere.Storage"}, ["W003"]),
            ({}, ["W003"]),
        ]:
            with override_settings(MEDIA_ROOT=media, GRADES_DOWNLOAD=store):
                assert self.found() == expected, store

    def test_a_site_without_special_exams_is_told_so(self):
        enable_asides()
        with override_settings(FEATURES={**settings.FEATURES, "ENABLE_SPECIAL_EXAMS": False}):
            assert self.found() == ["W005"]

    def test_a_service_that_is_missing_is_named(self):
        assert proctoring.missing_proctoring_services() == []
        for name in proctoring.PROCTORING_SERVICES:
            with mock.patch.dict(runtime._RUNTIME_SERVICES):
                del runtime._RUNTIME_SERVICES[name]
                assert proctoring.missing_proctoring_services() == [name]
                assert "W006" in self.found()
