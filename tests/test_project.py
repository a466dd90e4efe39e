"""Files for contributors name only what exists, and workflows run nothing that somebody else can change."""

import configparser
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
WITH_COMMANDS = [
    *REPOSITORY.glob("*.rst"),
    *REPOSITORY.glob("*.md"),
    *REPOSITORY.glob("docs/**/*.rst"),
    *REPOSITORY.glob(".github/**/*.*"),
    REPOSITORY / ".ci" / "run",
    REPOSITORY / ".pre-commit-config.yaml",
]
WITH_LINKS = [*REPOSITORY.glob("*.rst"), *REPOSITORY.glob("*.md"), REPOSITORY / "tutor" / "README.rst"]


def read(name: str) -> str:
    return (REPOSITORY / name).read_text("utf-8")


def workflow(name: str) -> Any:
    return yaml.safe_load(read(f".github/workflows/{name}"))


def tox_environments() -> tuple[set[str], set[str]]:
    """Return the environments that "tox" alone runs, and all that it knows."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(REPOSITORY / "tox.ini", "utf-8")
    default = set(re.split(r"[,\s]+", parser["tox"]["envlist"].strip()))
    return default, default | {name.removeprefix("testenv:") for name in parser.sections() if ":" in name}


def used(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each action that a workflow uses, and the comment next to it."""
    for line in path.read_text("utf-8").splitlines():
        if match := re.match(r"[\s-]*uses:\s*([^\s#]+)\s*(.*)", line):
            yield match[1], match[2]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_uses_actions_by_the_hash_of_a_commit(path: Path) -> None:
    for action, comment in used(path):
        if action.startswith("./"):
            assert (REPOSITORY / action).is_file()
        else:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", action), action
            assert re.fullmatch(r"# v\d+\.\d+\.\d+", comment), f"{action} has no version beside it"


def test_an_action_has_one_version_in_all_workflows() -> None:
    versions: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, comment in used(path):
            name, _, commit = action.partition("@")
            versions.setdefault(name, set()).add(f"{commit} {comment}")
    assert versions
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def named_after(pattern: str) -> dict[str, str]:
    """Return what a pattern finds in the files that name commands -> one file in which it is found."""
    return {
        name: path.name for path in WITH_COMMANDS for name in re.findall(pattern, path.read_text("utf-8"), re.MULTILINE)
    }


def test_every_target_of_make_that_is_named_exists() -> None:
    rules = re.findall(r"^([\w -]+):(?!=)", read("Makefile"), re.MULTILINE)
    targets = {target for rule in rules for target in rule.split()}
    named = named_after(r"(?:^ {4,}|`|run: )make ([a-z][\w-]*)")
    assert {"demo", "test"} <= named.keys()
    assert {target: where for target, where in named.items() if target not in targets} == {}


def test_every_environment_of_tox_that_is_named_exists() -> None:
    _, known = tox_environments()
    named = named_after(r"\btox -e ([a-z]\w*)")
    assert "quality" in named
    assert {name: where for name, where in named.items() if name not in known} == {}


def test_ci_runs_every_environment_that_tox_runs() -> None:
    default, _ = tox_environments()
    assert set(workflow("ci.yml")["jobs"]["release"]["strategy"]["matrix"]["environment"]) == default


def test_ci_runs_every_supported_python() -> None:
    supported = set(re.findall(r'"Programming Language :: Python :: (3\.\d+)"', read("setup.py")))
    jobs = workflow("ci.yml")["jobs"]
    (setup,) = (step for step in jobs["release"]["steps"] if "setup-python" in step.get("uses", ""))
    assert set(setup["with"]["python-version"].split()) == supported
    assert set(jobs["test"]["strategy"]["matrix"]["python"]) == supported


def test_what_is_published_is_what_is_built() -> None:
    published = workflow("publish.yml")["jobs"]["publish"]["strategy"]["matrix"]["distribution"]
    built = re.findall(r"-m build --outdir dist/(\S+)", read("Makefile"))
    assert published == built
    assert f'name="{built[0]}"' in read("setup.py")
    assert f'name = "{built[1]}"' in read("tutor/pyproject.toml")


@pytest.mark.parametrize("path", WITH_LINKS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_every_relative_link_leads_to_a_file(path: Path) -> None:
    found = re.findall(r"`[^`<]*<([^>]+)>`_|image:: (\S+)|\]\(([^)]+)\)", path.read_text("utf-8"))
    targets = {target for groups in found for target in groups if target}
    # A target that begins with "../../" is a page of GitHub, not a file.
    relative = {target for target in targets if not re.match(r"\w+:|\.\./\.\./", target)}
    assert {target for target in relative if not (path.parent / target).exists()} == set()


def test_the_readme_begins_with_the_two_commands() -> None:
    title, underline, _, literal, _, demo, test = read("README.rst").splitlines()[:7]
    assert (title, set(underline), literal) == ("proctored-results", {"#"}, "::")
    assert demo.startswith("    make demo ")
    assert test.startswith("    make test ")
