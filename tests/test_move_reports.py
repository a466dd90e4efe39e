"""The command that moves report files into the present report store."""

import os
import stat
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from proctored_results.edx_platform.report_store import UNFINISHED_FILE_PREFIX

FOLDER = "0123456789abcdef0123456789abcdef01234567"
LONG_AGO = 1_700_000_000


@pytest.fixture
def public(tmp_path: Path) -> Path:
    return tmp_path / "media" / "grades"


@pytest.fixture
def put(public: Path) -> Callable[..., Path]:
    """A function that puts a file into the former directory of reports."""

    def put(name: str, content: str = "a,b\r\n", *, modified: float = LONG_AGO) -> Path:
        file = public / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, newline="")
        os.utime(file, (modified, modified))
        return file

    return put


def moved_from(directory: Path, *options: str) -> str:
    output = StringIO()
    call_command("proctored_results_move_reports", str(directory), *options, stdout=output)
    return output.getvalue()


def files(directory: Path) -> dict[str, str]:
    return {str(file.relative_to(directory)): file.read_text() for file in directory.rglob("*") if file.is_file()}


def test_files_keep_their_names_contents_and_times(put: Callable[..., Path], public: Path, report_store: Path) -> None:
    put("grades.csv", "1\n", modified=LONG_AGO)
    put("problems/answers.csv", "2\n", modified=LONG_AGO + 1.5)
    assert moved_from(public) == "Files moved into the report store: 2.\n"
    assert files(public) == {}
    assert files(report_store) == {f"{FOLDER}/grades.csv": "1\n", f"{FOLDER}/problems/answers.csv": "2\n"}
    assert (report_store / FOLDER / "grades.csv").stat().st_mtime == LONG_AGO
    assert (report_store / FOLDER / "problems" / "answers.csv").stat().st_mtime == LONG_AGO + 1.5


def test_a_second_run_has_nothing_to_do(put: Callable[..., Path], public: Path, report_store: Path) -> None:
    put("grades.csv")
    moved_from(public)
    before = files(report_store)
    assert moved_from(public) == "Files moved into the report store: 0.\n"
    assert files(report_store) == before


def test_a_site_that_never_had_reports_has_nothing_to_do(public: Path) -> None:
    assert moved_from(public) == f"There is no directory {public}: nothing to move.\n"


def test_a_directory_that_cannot_be_read_is_said_and_nothing_is_moved(
    put: Callable[..., Path], public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put("grades.csv")
    scandir = os.scandir

    def refusing(path: Any) -> Any:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    (public / "closed").mkdir()
    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(CommandError, match=r"closed cannot be read: Permission denied\. No file was moved\."):
        moved_from(public)
    assert file.exists()


def test_a_store_that_is_not_the_private_one_can_be_left_alone(
    put: Callable[..., Path], public: Path, s3_bucket: object
) -> None:
    file = put("grades.csv")
    said = moved_from(public, "--if-private")
    assert said == "The report store is not the private one: nothing is moved.\n"
    assert file.exists()


def test_the_private_store_takes_what_only_it_shall_take(
    put: Callable[..., Path], public: Path, report_store: Path
) -> None:
    put("grades.csv")
    assert moved_from(public, "--if-private") == "Files moved into the report store: 1.\n"


def test_what_a_killed_run_left_in_both_places_is_in_one_again(
    put: Callable[..., Path], public: Path, report_store: Path
) -> None:
    put("grades.csv", "1\n")
    moved_from(public)
    put("grades.csv", "1\n")
    moved_from(public)
    assert files(public) == {}
    assert files(report_store) == {f"{FOLDER}/grades.csv": "1\n"}


def test_another_file_of_the_same_name_is_kept_beside_it(
    put: Callable[..., Path], public: Path, report_store: Path
) -> None:
    put("grades.csv", "old\n")
    moved_from(public)
    put("grades.csv", "new\n")
    moved_from(public)
    assert files(public) == {}
    assert sorted(files(report_store).values()) == ["new\n", "old\n"]
    assert files(report_store)[f"{FOLDER}/grades.csv"] == "old\n"


def test_a_file_that_may_still_be_written_is_left_for_the_next_run(
    put: Callable[..., Path], public: Path, report_store: Path
) -> None:
    put("finished.csv")
    fresh = put("unfinished.csv")
    fresh.touch()
    assert "Files left where they are, because they may still be written: 1. Run this again." in moved_from(public)
    assert fresh.exists()
    assert list(files(report_store)) == [f"{FOLDER}/finished.csv"]


def test_hidden_files_and_links_are_not_the_stores_own(
    put: Callable[..., Path], public: Path, report_store: Path, tmp_path: Path
) -> None:
    put(f"../{UNFINISHED_FILE_PREFIX}abc")
    secret = tmp_path / "secret"
    secret.write_text("secret")
    os.utime(secret, (LONG_AGO, LONG_AGO))
    (public / "link.csv").symlink_to(secret)
    moved_from(public)
    assert not report_store.exists()
    assert secret.exists()


@pytest.mark.parametrize("where", ["grades", "grades/inside", "."])
def test_nothing_is_moved_within_the_report_store_itself(where: str, report_store: Path) -> None:
    file = report_store / FOLDER / "grades.csv"
    file.parent.mkdir(parents=True)
    file.write_text("1\n")
    os.utime(file, (LONG_AGO, LONG_AGO))
    assert moved_from(report_store.parent / where).endswith("itself: nothing to move.\n")
    assert files(report_store) == {f"{FOLDER}/grades.csv": "1\n"}


def test_a_store_on_s3_takes_the_files_too(put: Callable[..., Path], public: Path, s3_bucket: object) -> None:
    put("grades.csv", "1\n")
    assert moved_from(public) == "Files moved into the report store: 1.\n"
    assert files(public) == {}
    (stored,) = s3_bucket.objects.all()
    assert stored.key == f"grades/{FOLDER}/grades.csv"
    assert stored.get()["Body"].read() == b"1\n"


def test_a_store_that_refuses_leaves_the_file_where_it_was(
    put: Callable[..., Path], public: Path, report_store: Path
) -> None:
    file = put("grades.csv")
    report_store.write_text("no directory")
    with pytest.raises(
        CommandError, match=r"grades\.csv could not be moved into the report store: File exists\. 0 files"
    ):
        moved_from(public)
    assert file.read_bytes() == b"a,b\r\n"


def test_without_a_report_store_the_files_stay(put: Callable[..., Path], public: Path, settings: Any) -> None:
    file = put("grades.csv")
    settings.GRADES_DOWNLOAD = {"STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage"}
    with pytest.raises(CommandError, match="There is no report store to move files into"):
        moved_from(public)
    assert file.exists()


def test_a_way_back_makes_the_files_public_again(
    put: Callable[..., Path], public: Path, report_store: Path, settings: Any
) -> None:
    file = put("grades.csv")
    moved_from(public)
    stored = report_store / FOLDER / "grades.csv"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    settings.GRADES_DOWNLOAD = {
        "STORAGE_CLASS": "django.core.files.storage.FileSystemStorage",
        "STORAGE_KWARGS": {"location": str(public), "base_url": "/media/grades/"},
    }
    moved_from(report_store)
    assert not stored.exists()
    assert (stat.S_IMODE(file.stat().st_mode), file.stat().st_mtime) == (0o644, LONG_AGO)
