"""What tests of several folders share. It knows nothing of the sandbox: contract tests also run in a real platform."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

TESTS = Path(__file__).parent
#: Every test in these folders starts its own processes. Elsewhere, files or tests are marked one by one.
OF_PROCESSES = [TESTS / name for name in ("browser", "services", "tutor")]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests that start processes, and run them first: quick tests fill the gaps that they leave."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in OF_PROCESSES):
            item.add_marker("processes")
    items.sort(key=lambda item: item.get_closest_marker("processes") is None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    """Give every worker of pytest-xdist its own folder for what the sandbox writes."""
    for spec in specs:
        spec.env["LMS_SANDBOX_VAR"] = str(TESTS.parent / "var" / "tests" / spec.id)


def pytest_configure() -> None:
    """Do not measure coverage in processes that a worker starts: they would take twice the time."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.pop("COVERAGE_PROCESS_CONFIG", None)


def pytest_sessionfinish() -> None:
    """Save the coverage that a worker measured, before pytest-xdist ends it."""
    if "PYTEST_XDIST_WORKER" in os.environ and (measuring := _coverage()):
        measuring.stop()
        measuring.save()


@pytest.fixture(scope="module")
def without_coverage() -> Iterator[None]:
    """Stop measuring coverage, which takes time and memory."""
    if measuring := _coverage():
        measuring.stop()
    yield
    if measuring:
        measuring.start()
        pytest_configure()


def _coverage() -> Any:
    """Return the running coverage measurement, or None. A real platform may not have the coverage package."""
    measures = sys.modules.get("coverage")
    return measures and measures.Coverage.current()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """If FAIL_ON_SKIP is set, a test may only be skipped if a service does not answer."""
    report = yield
    if report.skipped and os.environ.get("FAIL_ON_SKIP") and "does not answer" not in str(report.longrepr):
        report.outcome = "failed"
    return report


@pytest.fixture(scope="session", autouse=True)
def _passwords_cost_nothing() -> Iterator[None]:
    """Hash passwords with a fast hasher. Those of the demonstration data can still be checked."""
    hashers = ("MD5PasswordHasher", "PBKDF2PasswordHasher")
    with override_settings(PASSWORD_HASHERS=[f"django.contrib.auth.hashers.{name}" for name in hashers]):
        yield


@pytest.fixture(autouse=True)
def _no_process_without_the_mark(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail a test that starts a process without its mark."""

    def refuse(*_arguments: Any, **_options: Any) -> None:
        pytest.fail("This test starts a process: mark it with `processes`.")

    if request.node.get_closest_marker("processes") is None:
        monkeypatch.setattr(subprocess.Popen, "__init__", refuse)


@pytest.fixture(autouse=True)
def report_store(settings: Any, tmp_path: Path) -> Path:
    """The folder of an empty private report store, for this test alone."""
    folder = tmp_path / "grades"
    settings.GRADES_DOWNLOAD = {
        "STORAGE_TYPE": "",
        "STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage",
        "STORAGE_KWARGS": {"location": str(folder)},
    }
    return folder


@pytest.fixture
def public_report_store(settings: Any, tmp_path: Path) -> Path:
    """The folder of a report store on the local disk as Tutor has it: below the folder that the web server serves."""
    settings.MEDIA_ROOT = str(tmp_path / "media")
    folder = tmp_path / "media" / "grades"
    settings.GRADES_DOWNLOAD = {
        "STORAGE_TYPE": "",
        "STORAGE_CLASS": "django.core.files.storage.FileSystemStorage",
        "STORAGE_KWARGS": {"location": str(folder), "base_url": "/media/grades/"},
    }
    return folder


@pytest.fixture(autouse=True)
def _reports_see_what_a_test_has_not_committed(settings: Any) -> None:
    """Read without a snapshot: it uses another connection, which does not see a test's own transaction."""
    settings.PROCTORED_RESULTS_SNAPSHOT = False


@pytest.fixture
def stored_files(report_store: Path) -> Callable[[], dict[str, bytes]]:
    """A function that returns name -> content of all files of the local report store, unfinished ones too."""
    return lambda: {path.name: path.read_bytes() for path in report_store.rglob("*") if path.is_file()}


@pytest.fixture
def s3_bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The bucket of a report store on S3, which moto imitates in this process."""
    import boto3
    from moto import mock_aws
    from openedx.core.storage import get_storage

    keys = {"access_key": "testing", "secret_key": "testing", "region_name": "us-east-1"}
    settings.GRADES_DOWNLOAD = {
        "STORAGE_TYPE": "",
        "STORAGE_CLASS": "storages.backends.s3.S3Storage",
        "STORAGE_KWARGS": {"bucket_name": "reports", "location": "grades", "querystring_expire": 300, **keys},
    }
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    # The platform caches its storages, and each storage keeps its connection.
    get_storage.cache_clear()
    with mock_aws():
        bucket = boto3.resource(
            "s3", aws_access_key_id="testing", aws_secret_access_key="testing", region_name="us-east-1"
        ).Bucket("reports")
        bucket.create()
        yield bucket


@pytest.fixture(autouse=True)
def _cache_of_its_own(settings: Any, request: pytest.FixtureRequest) -> None:
    """Give every test its own cache, in which throttles start at zero."""
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": request.node.nodeid}
    }


@dataclass
class Queue:
    """Celery's queue in memory. A message waits until the test runs it, in this process."""

    messages: list[dict[str, Any]] = field(default_factory=list)
    error: Exception | None = None

    def accept(self, args: list[Any], task_id: str) -> None:
        """Take a message, or raise what the queue was told to raise."""
        if self.error is not None:
            raise self.error
        self.messages.append({"args": args, "task_id": task_id})

    def work(self) -> list[Any]:
        """Run the waiting messages in order; return celery's results."""
        from proctored_results.tasks import generate_report

        waiting, self.messages = self.messages, []
        return [generate_report.apply(**message) for message in waiting]


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Queue:
    """The queue that instructor tasks are submitted to."""
    from proctored_results.tasks import generate_report

    in_memory = Queue()
    monkeypatch.setattr(generate_report, "apply_async", in_memory.accept)
    return in_memory
