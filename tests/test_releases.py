"""The releases: what their LMS installs, which environments try it, and the table of what was tried."""

import ast
import configparser
import importlib.metadata
import re
from pathlib import Path

import pytest
from openedx_filters.learning import filters
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.conftest import OF_PROCESSES

ROOT = Path(__file__).resolve().parents[1]
RELEASES = ("teak", "ulmo", "verawood", "willow")
TABLE = ROOT / "docs" / "references" / "compatibility.rst"
CITATION = re.compile(r"``(tests/[\w/]+(?:\.py)?(?:::\w+)*)``")


def pins(release: str) -> dict[str, str]:
    """Return name -> version of what the LMS of a release installs."""
    text = (ROOT / "requirements" / f"{release}.txt").read_text("utf-8")
    lines = (line.split("==") for line in text.splitlines() if not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in lines}


def tox() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(ROOT / "tox.ini", "utf-8")
    return parser


def is_run_in(release: str, path: str) -> bool:
    """Return whether the environment of a release runs the tests of a file or folder."""
    [commands] = [line for line in tox()["testenv"]["commands"].splitlines() if release in line]
    [selection] = [name for name in tox()["selection"] if f"[selection]{name}" in commands]
    selected = tox()["selection"][selection]
    if selected.startswith("-m "):
        return not starts_processes(path)
    return any(Path(path).is_relative_to(each) for each in selected.split())


def starts_processes(path: str) -> bool:
    """Return whether all tests of a file or folder are marked as starting processes."""
    place = ROOT / path
    if any(place.is_relative_to(folder) for folder in OF_PROCESSES):
        return True
    marks = re.compile(r"^pytestmark = [^)]*pytest\.mark\.processes", re.MULTILINE)
    files = [place] if place.is_file() else place.rglob("test_*.py")
    return all(marks.search(file.read_text("utf-8")) for file in files)


def names_in(path: Path) -> set[str]:
    """Return the tests of a file: functions, classes, and Class::method."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def table() -> list[list[str]]:
    """Return the cells of every row of the tables in the documentation."""
    found = re.findall(r"^   \* - (.*(?:\n     .*)*)", TABLE.read_text("utf-8"), re.MULTILINE)
    return [[" ".join(cell.split()) for cell in row.split("\n     - ")] for row in found]


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_has_an_environment_and_pins_whatever_the_plugin_needs(release: str) -> None:
    assert release in tox()["tox"]["envlist"]
    needed = [Requirement(line) for line in importlib.metadata.requires("proctored-results") or []]
    for requirement in needed:
        if requirement.marker is None:
            assert pins(release)[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_openedx_filters_has_the_filter_of_dashboard_tabs_from_the_version_of_verawood_on() -> None:
    there = hasattr(filters, "InstructorDashboardTabsRequested")
    assert there == (Version(importlib.metadata.version("openedx-filters")) >= Version("3.4"))
    later = [release for release in RELEASES if Version(pins(release)["openedx-filters"]) >= Version("3.4")]
    assert later == ["verawood", "willow"]


def test_the_table_names_the_versions_that_the_releases_pin() -> None:
    versions = [row for row in table() if len(row) == 1 + len(RELEASES) and canonicalize_name(row[0]) in pins("teak")]
    assert versions
    for name, *cells in versions:
        assert cells == [pins(release)[canonicalize_name(name)] for release in RELEASES], name


def test_every_test_that_the_table_names_exists() -> None:
    cited = CITATION.findall(TABLE.read_text("utf-8"))
    assert cited
    for citation in cited:
        path, _, name = citation.partition("::")
        assert (ROOT / path).exists(), citation
        assert not name or name in names_in(ROOT / path), citation


def test_every_cell_of_the_table_says_how_it_was_tried() -> None:
    features = [row for row in table() if len(row) == 2 + len(RELEASES)]
    assert features
    for feature, tests, *cells in features:
        if feature == "Feature":
            assert [cell.lower() for cell in cells] == list(RELEASES)
            continue
        paths = [citation.partition("::")[0] for citation in CITATION.findall(tests)]
        for release, cell in zip(RELEASES, cells, strict=True):
            assert cell.startswith(("run", "read", "not tried", "none")), (feature, cell)
            if cell == "run":
                assert any(is_run_in(release, path) for path in paths), (feature, release)
