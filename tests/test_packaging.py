"""The wheel, built through the source distribution and installed where nothing else is."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import proctored_results

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "proctored_results"
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc", ".*", "var", "build", "dist", "*.egg-info", "node_modules")

INSPECT = """
import json
from importlib import metadata
distribution = metadata.distribution("proctored-results")
print(json.dumps({
    "files": [str(file) for file in distribution.files],
    "missing": [str(file) for file in distribution.files if not file.locate().is_file()],
    "metadata": distribution.metadata.json,
    "entry_points": [[entry.group, entry.name, entry.value] for entry in distribution.entry_points],
}))
"""


def run(*command: Any, **options: Any) -> str:
    command = tuple(map(str, command))
    result = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the source distribution, and the wheel that was made from it."""
    for tool in ("build", "setuptools"):
        pytest.importorskip(tool, reason=f"{tool} is not installed (extra: test)")
    folder = tmp_path_factory.mktemp("packaging")
    source = folder / "source"
    # A copy, so that nothing is left in the source tree and nothing in it gets in the way.
    shutil.copytree(REPOSITORY, source, ignore=NOT_SHIPPED, symlinks=True)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", source)
    return folder / "dist"


@pytest.fixture(scope="module")
def installed(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What an empty virtual environment knows of the wheel that was installed in it."""
    (wheel,) = built.glob("*.whl")
    environment = tmp_path_factory.mktemp("venv")
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    run(python, "-m", "pip", "install", "--no-deps", "--no-index", "--disable-pip-version-check", wheel)
    return json.loads(run(python, "-c", INSPECT, cwd=environment))


def source_files() -> set[str]:
    """Every file of the package in the source tree that git would keep."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGE, cwd=REPOSITORY)
    return {path for path in listed.splitlines() if (REPOSITORY / path).is_file()}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(installed: dict[str, Any]) -> None:
    shipped = {file for file in installed["files"] if ".dist-info/" not in file and "__pycache__" not in file}
    assert shipped == source_files()
    assert installed["missing"] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "proctored_results/templates/proctored_results/*.html",
        "proctored_results/mako_templates/proctored_results/*.html",
        "proctored_results/static/proctored_results/*.js",
        "proctored_results/static/proctored_results/*.css",
        "proctored_results/migrations/0*.py",
        "proctored_results/management/commands/*.py",
    ],
)
def test_nothing_is_left_out_of_what_a_site_needs(pattern: str, installed: dict[str, Any]) -> None:
    in_source = {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob(pattern)}
    assert in_source
    assert in_source <= set(installed["files"])


def test_catalogues_of_translations_are_shipped(installed: dict[str, Any]) -> None:
    catalogues = {str(path.relative_to(REPOSITORY)) for path in (PACKAGE / "conf").rglob("*.[mp]o")}
    assert catalogues <= set(installed["files"])


def test_the_package_is_all_there_is_at_the_top(installed: dict[str, Any]) -> None:
    tops = {Path(file).parts[0] for file in installed["files"]}
    assert tops == {"proctored_results", f"proctored_results-{proctored_results.__version__}.dist-info"}


def test_the_metadata(installed: dict[str, Any]) -> None:
    about = installed["metadata"]
    assert (about["name"], about["version"]) == ("proctored-results", proctored_results.__version__)
    assert about["requires_python"] == ">=3.11"
    assert "AGPL-3.0" in about.get("license", "") + about.get("license_expression", "")
    assert about["description_content_type"] == "text/x-rst"
    assert set(about["provides_extra"]) >= {"sandbox", "mysql", "redis", "test", "quality"}
    supported = [text.removeprefix("Framework :: Django :: ") for text in about["classifier"] if "Django ::" in text]
    assert supported == ["4.2", "5.2"]
    assert installed["entry_points"] == [
        ["lms.djangoapp", "proctored_results", "proctored_results.apps:ProctoredResultsConfig"],
        ["xblock_asides.v1", "proctored_exam_result", "proctored_results.learner.aside:ProctoredExamResultAside"],
    ]


def test_everything_that_is_imported_is_required_or_the_platforms(installed: dict[str, Any]) -> None:
    required = {
        re.split(r"[^\w.-]", line, maxsplit=1)[0].lower()
        for line in installed["metadata"]["requires_dist"]
        if "extra ==" not in line
    }
    allowed = {*sys.stdlib_module_names, "proctored_results", "lms", "common", "openedx"}
    distributions = metadata.packages_distributions()
    for path in PACKAGE.rglob("*.py"):
        for name in _imports(path) - allowed:
            assert {each.lower() for each in distributions[name]} & required, f"{path.name} imports {name}"


def _imports(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_the_source_distribution_can_be_built_again(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"setup.py", "pyproject.toml", "MANIFEST.in", "README.rst", "LICENSE", "CHANGELOG.rst"} <= names
    assert not [name for name in names if name.startswith(("lms_sandbox", "tutor"))]


def test_the_tutor_plugin_is_a_distribution_of_its_own(tmp_path: Path) -> None:
    source = tmp_path / "source"
    # With the licence, which the folder has as a link.
    shutil.copytree(REPOSITORY / "tutor", source, ignore=NOT_SHIPPED)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "dist", source)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        about = f"tutor_contrib_proctored_results-{proctored_results.__version__}.dist-info"
        entry_points = files.read(f"{about}/entry_points.txt").decode()
        required = [line for line in files.read(f"{about}/METADATA").decode().splitlines() if "Requires-Dist" in line]
    package = {
        str(path.relative_to(source)) for path in (source / "tutorproctoredresults").rglob("*") if path.is_file()
    }
    assert package | {f"{about}/licenses/LICENSE"} <= names
    assert {Path(name).parts[0] for name in names} == {"tutorproctoredresults", about}
    assert "[tutor.plugin.v1]\nproctored-results = tutorproctoredresults.plugin" in entry_points
    assert required == ["Requires-Dist: tutor<23,>=20", 'Requires-Dist: tutor-mfe<23,>=20; extra == "mfe"']
