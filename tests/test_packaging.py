"""The wheels, built from the source distributions and installed into an empty environment."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

import proctored_results

pytestmark = pytest.mark.processes

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "proctored_results"
NOT_SHIPPED = shutil.ignore_patterns(
    "__pycache__", "*.py[co]", "*.mo", ".*", "var", "build", "dist", "*.egg-info", "node_modules"
)

#: A language that the plugin does not have, put into the catalogues before the build.
LANGUAGE = "eo"
CATALOGUE = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Proctored exam results"
msgstr "Rezultoj de kontrolitaj ekzamenoj"
"""

INSPECT = """
import importlib
import json
import sys
from importlib import metadata
name, package = sys.argv[1:]
distribution = metadata.distribution(name)
print(json.dumps({
    "version": importlib.import_module(package).__version__,
    "files": [str(file) for file in distribution.files],
    "missing": [str(file) for file in distribution.files if not file.locate().is_file()],
    "metadata": distribution.metadata.json,
    "entry_points": [[entry.group, entry.name, entry.value] for entry in distribution.entry_points],
}))
"""

TRANSLATE = f"""
import json
import django
import proctored_results
from django.utils import translation
django.setup()
with translation.override("{LANGUAGE}"):
    print(json.dumps([proctored_results.__file__, translation.gettext("Proctored exam results")]))
"""


def run(*command: Any, **options: Any) -> str:
    command = tuple(map(str, command))
    result = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False, **options)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree, in which the language has been compiled."""
    if not shutil.which("msgfmt"):
        pytest.skip("the Debian package gettext is not installed")
    # A build in a copy leaves nothing in the source tree, and finds no leftovers there.
    source = tmp_path_factory.mktemp("packaging") / "source"
    shutil.copytree(REPOSITORY, source, ignore=NOT_SHIPPED, symlinks=True)
    catalogue = source / "proctored_results" / "conf" / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text(CATALOGUE, "utf-8")
    run("msgfmt", "--output-file", catalogue.with_suffix(".mo"), catalogue)
    return source


@pytest.fixture(scope="module")
def built(source: Path) -> Path:
    """The folder with both source distributions, and the wheels that were made from them."""
    for tool in ("build", "setuptools", "twine"):
        pytest.importorskip(tool, reason=f"{tool} is not installed (extra: test)")
    for project in (source, source / "tutor"):
        run(sys.executable, "-m", "build", "--no-isolation", "--outdir", source.parent / "dist", project)
    return source.parent / "dist"


@pytest.fixture(scope="module")
def environment(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with nothing in it but both wheels."""
    environment = tmp_path_factory.mktemp("venv")
    venv.create(environment)
    wheels = sorted(built.glob("*.whl"))
    python = environment / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", *wheels)
    return environment


@pytest.fixture(scope="module")
def installed(environment: Path) -> dict[str, Any]:
    """What the environment knows about the plugin."""
    return inspect(environment, "proctored-results", "proctored_results")


def inspect(environment: Path, distribution: str, package: str) -> dict[str, Any]:
    """Return what an environment knows about a distribution, after an import of its package."""
    return json.loads(run(environment / "bin" / "python", "-c", INSPECT, distribution, package, cwd=environment))


def source_files() -> set[str]:
    """Every file of the package that git does not ignore, with catalogues at the path where Django looks for them."""
    listed = run("git", "ls-files", "--cached", "--others", "--exclude-standard", PACKAGE, cwd=REPOSITORY)
    files = {path for path in listed.splitlines() if (REPOSITORY / path).is_file()}
    return {path.replace("/conf/locale/", "/locale/") for path in files}


def test_the_wheel_holds_every_file_of_the_package_once_and_nothing_else(installed: dict[str, Any]) -> None:
    shipped = [file for file in installed["files"] if ".dist-info/" not in file and "__pycache__" not in file]
    language = [f"proctored_results/locale/{LANGUAGE}/LC_MESSAGES/django.{kind}" for kind in ("mo", "po")]
    assert sorted(shipped) == sorted([*source_files(), *language])
    assert installed["missing"] == []


@pytest.mark.parametrize(
    "pattern",
    [
        "proctored_results/templates/proctored_results/*.html",
        "proctored_results/mako_templates/proctored_results/*.html",
        "proctored_results/static/proctored_results/*.js",
        "proctored_results/static/proctored_results/*.css",
        "proctored_results/mail_templates/*.html",
        "proctored_results/py.typed",
        "proctored_results/migrations/0*.py",
        "proctored_results/management/commands/*.py",
    ],
)
def test_nothing_is_left_out_of_what_a_site_needs(pattern: str, installed: dict[str, Any]) -> None:
    in_source = {str(path.relative_to(REPOSITORY)) for path in REPOSITORY.glob(pattern)}
    assert in_source
    assert in_source <= set(installed["files"])


@pytest.mark.parametrize("where", ["checkout", "wheel"])
def test_django_finds_a_translation(where: str, source: Path, environment: Path, tmp_path: Path) -> None:
    (site_packages,) = environment.glob("lib/*/site-packages")
    folder = {"checkout": source, "wheel": site_packages}[where]
    variables = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (folder, REPOSITORY))),
        "DJANGO_SETTINGS_MODULE": "lms_sandbox.settings",
        "LMS_SANDBOX_VAR": str(tmp_path),
    }
    imported, translated = json.loads(run(sys.executable, "-c", TRANSLATE, cwd=tmp_path, env=variables))
    assert Path(imported).is_relative_to(folder)
    assert translated == "Rezultoj de kontrolitaj ekzamenoj"


def test_what_translators_and_django_look_for_is_one_folder() -> None:
    catalogues = PACKAGE / "conf" / "locale"
    assert (catalogues / "en" / "LC_MESSAGES" / "django.po").is_file()
    assert (PACKAGE / "locale").resolve() == (REPOSITORY / "locale").resolve() == catalogues


def test_the_package_is_all_there_is_at_the_top(installed: dict[str, Any]) -> None:
    tops = {Path(file).parts[0] for file in installed["files"]}
    assert tops == {"proctored_results", f"proctored_results-{proctored_results.__version__}.dist-info"}


def test_the_metadata(installed: dict[str, Any]) -> None:
    about = installed["metadata"]
    assert (about["name"], about["version"]) == ("proctored-results", proctored_results.__version__)
    assert installed["version"] == proctored_results.__version__
    assert about["requires_python"] == ">=3.11"
    assert about["license_expression"] == "AGPL-3.0-only"
    assert [file for file in installed["files"] if file.endswith(".dist-info/licenses/LICENSE")]
    urls = {line.partition(",")[0] for line in about["project_url"]}
    assert urls >= {"Changelog", "Documentation", "Issues", "Source"}
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


def test_links_of_the_description_lead_somewhere_without_the_files_beside_it(installed: dict[str, Any]) -> None:
    description = installed["metadata"]["description"]
    targets = re.findall(r"`[^`<]*<([^>]+)>`_|image:: (\S+)", description)
    assert targets
    assert [target for pair in targets for target in pair if target and not target.startswith("https://")] == []


def test_the_source_distribution_can_be_built_again(built: Path) -> None:
    (archive,) = built.glob("proctored_results-*.tar.gz")
    with tarfile.open(archive) as files:
        names = {name.partition("/")[2] for name in files.getnames()}
    assert {"setup.py", "pyproject.toml", "MANIFEST.in", "README.rst", "LICENSE", "CHANGELOG.rst"} <= names
    assert not [name for name in names if name.startswith(("lms_sandbox", "tests", "tutor"))]


def test_pypi_accepts_all_of_it(built: Path) -> None:
    files = sorted(built.iterdir())
    assert len(files) == 4
    run(sys.executable, "-m", "twine", "check", "--strict", *files)


def test_the_tutor_plugin_is_a_distribution_of_its_own(source: Path, environment: Path) -> None:
    about = inspect(environment, "tutor-contrib-proctored-results", "tutorproctoredresults")
    assert about["version"] == about["metadata"]["version"] == proctored_results.__version__
    package = {str(path.relative_to(source / "tutor")) for path in (source / "tutor").glob("*/**/*") if path.is_file()}
    shipped = {file for file in about["files"] if "__pycache__" not in file}
    information = {file for file in shipped if ".dist-info/" in file}
    assert shipped - information == {file for file in package if file.startswith("tutorproctoredresults/")}
    assert [file for file in information if file.endswith("licenses/LICENSE")]
    assert about["missing"] == []
    assert about["entry_points"] == [["tutor.plugin.v1", "proctored-results", "tutorproctoredresults.plugin"]]
    assert about["metadata"]["requires_dist"] == ["tutor<23,>=20", 'tutor-mfe<23,>=20; extra == "mfe"']
