"""The content of the files that a real Tutor renders, for every supported version of it."""

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

import proctored_results
from tests.tutor.conftest import BUNDLED
from tests.tutor.site import PLUGIN, REPOSITORY, Site

PRIVATE = "/openedx/media-private/grades"
SETTINGS = ("production", "development")
SLOT = "org.openedx.frontend.learning.course_breadcrumbs.v1"
EVERYTHING_OFF = {
    "PROCTORED_RESULTS_ASIDES": False,
    "PROCTORED_RESULTS_LEARNING_MFE": False,
    "PROCTORED_RESULTS_PRIVATE_REPORTS": False,
}
BUCKET = """
name: bucket
version: 1.0.0
patches:
  openedx-common-settings: |
    GRADES_DOWNLOAD["STORAGE_KWARGS"] = {"location": "openedx/media/grades", "bucket_name": "grades"}
"""
OWN_MFE = """
name: own-mfe
version: 1.0.0
patches:
  openedx-lms-common-settings: |
    PROCTORED_RESULTS_UNITS = True
"""


def setting(name: str, site: Site, module: str) -> Any:
    """Run only those rendered LMS settings that mention this name; return its value, or None."""
    tree = ast.parse(site.read(f"apps/openedx/settings/lms/{module}.py"))
    tree.body = [statement for statement in tree.body if name in ast.unparse(statement)]
    names: dict[str, Any] = {}
    exec(compile(tree, module, "exec"), names)
    return names.get(name)


def report_store(site: Site, module: str) -> dict[str, Any]:
    return setting("GRADES_DOWNLOAD", site, module)


def services(site: Site, *paths: str) -> dict[str, dict[str, Any]]:
    """Return the merged services of compose files; later files override earlier ones."""
    merged: dict[str, dict[str, Any]] = {}
    for path in paths:
        for name, service in yaml.safe_load(site.read(path))["services"].items():
            before = merged.get(name, {})
            volumes = [*before.get("volumes", ()), *service.get("volumes", ())]
            merged[name] = before | service | {"volumes": volumes}
    return merged


def mounted_at(service: dict[str, Any]) -> dict[str, str]:
    """Return directory in the container -> directory on the host."""
    return {inside: outside for outside, inside, *_ in (volume.split(":") for volume in service["volumes"])}


@pytest.mark.parametrize("module", SETTINGS)
def test_report_files_lie_in_the_private_store(site: Site, module: str) -> None:
    assert report_store(site, module) == {
        "STORAGE_TYPE": "",
        "STORAGE_CLASS": "proctored_results.storage.PrivateReportStorage",
        "STORAGE_KWARGS": {"location": PRIVATE},
    }


def test_web_server_and_workers_see_the_private_store_in_the_same_place(site: Site) -> None:
    found = services(site, "local/docker-compose.yml", "local/docker-compose.prod.yml")
    directories = {mounted_at(found[name])["/openedx/media-private"] for name in ("lms", "lms-worker")}
    assert directories == {"../../data/openedx-media-private"}
    assert PRIVATE.startswith("/openedx/media-private/")


def test_the_init_task_sees_both_stores(site: Site) -> None:
    paths = ("local/docker-compose.yml", "local/docker-compose.prod.yml", "local/docker-compose.jobs.yml")
    mounted = mounted_at(services(site, *paths)["lms-job"])
    assert mounted["/openedx/media"] == "../../data/openedx-media"
    assert mounted["/openedx/media-private"] == "../../data/openedx-media-private"


def test_what_starts_the_site_does_not_start_the_job(site: Site) -> None:
    started = services(site, "local/docker-compose.yml", "local/docker-compose.prod.yml")
    assert [name for name in started if name.endswith("-job") and "profiles" not in started[name]] == []


def test_the_private_store_belongs_to_the_user_of_the_lms(site: Site) -> None:
    owned = [line for line in site.read("apps/permissions/setowners.sh").splitlines() if "OPENEDX_USER_ID" in line]
    assert any("/mounts/openedx-private" in line.split() for line in owned)
    mounted = mounted_at(services(site, "local/docker-compose.yml")["permissions"])
    assert mounted["/mounts/openedx-private"] == "../../data/openedx-media-private"


def test_no_web_server_serves_the_private_store(site: Site) -> None:
    uwsgi = site.read("apps/openedx/uwsgi.ini")
    served = [line.rpartition("=")[2].strip() for line in uwsgi.splitlines() if line.startswith("static-map")]
    assert "/openedx/media/" in served
    assert not [directory for directory in served if PRIVATE.startswith(directory)]
    assert "media-private" not in site.read("apps/caddy/Caddyfile")


def test_the_image_gets_the_package(site: Site) -> None:
    dockerfile = site.read("build/openedx/Dockerfile")
    install = f"install 'proctored-results=={proctored_results.__version__}'"
    assert dockerfile.count("proctored-results") == 1
    before, after = "-r /openedx/edx-platform/requirements/edx/base.txt", "--from=python-requirements /openedx/venv"
    assert dockerfile.index(before) < dockerfile.index(install) < dockerfile.index(after)


def test_the_widget_is_in_the_slot_of_the_learning_mfe_alone(site: Site) -> None:
    config = site.read("plugins/mfe/build/mfe/env.config.jsx")
    (learning,) = (part for part in config.split("if (process.env.APP_ID == ") if "ProctoredExamResult" in part)
    assert learning.startswith("'learning')")
    assert learning.index("const ProctoredExamResult =") < learning.index(f"addPlugins(config, '{SLOT}'")


@pytest.mark.parametrize("module", SETTINGS)
def test_the_frame_of_a_unit_does_not_show_what_the_widget_shows(site: Site, module: str) -> None:
    assert setting("PROCTORED_RESULTS_UNITS", site, module) is False


def test_a_site_without_mfes_has_the_result_above_units(own_site: Site) -> None:
    own_site.tutor("plugins", "disable", "mfe")
    assert setting("PROCTORED_RESULTS_UNITS", own_site, "production") is None
    assert report_store(own_site, "production")["STORAGE_KWARGS"] == {"location": PRIVATE}


def test_what_a_plugin_of_the_site_sets_wins(own_site: Site) -> None:
    assert setting("PROCTORED_RESULTS_UNITS", own_site, "production") is False
    own_site.enable("own-mfe", OWN_MFE)
    assert setting("PROCTORED_RESULTS_UNITS", own_site, "production") is True


def test_the_widget_is_rendered_as_it_is_written(site: Site) -> None:
    source = (PLUGIN / "tutorproctoredresults" / "ProctoredExamResult.jsx").read_text("utf-8")
    assert source in site.read("plugins/mfe/build/mfe/env.config.jsx")


def test_the_configuration_of_the_mfes_is_jsx(site: Site, esbuild: Callable[..., str]) -> None:
    config = site.read("plugins/mfe/build/mfe/env.config.jsx")
    assert esbuild("--loader=jsx", source=config)
    with pytest.raises(AssertionError, match="Expected"):
        esbuild("--loader=jsx", source=config.replace("const ProctoredExamResult", "const Proctored ExamResult"))


def test_the_configuration_by_hand_is_jsx_and_has_the_same_slot(esbuild: Callable[..., str]) -> None:
    how_to = (REPOSITORY / "docs" / "how-tos" / "show_results_in_the_learning_mfe.rst").read_text("utf-8")
    (block,) = re.findall(r"code-block:: jsx\n\n(.*?)\n\n#\.", how_to, re.DOTALL)
    place = "// Here comes the content of ProctoredExamResult.jsx."
    assert place in block
    widget = (PLUGIN / "tutorproctoredresults" / "ProctoredExamResult.jsx").read_text("utf-8")
    bundled = esbuild("--loader=jsx", "--external:env.config", *BUNDLED, source=block.replace(place, widget))
    assert SLOT in bundled


@pytest.mark.parametrize("module", SETTINGS)
def test_the_settings_compile(site: Site, module: str) -> None:
    for variant in ("lms", "cms"):
        compile(site.read(f"apps/openedx/settings/{variant}/{module}.py"), module, "exec")


def test_what_is_switched_off_leaves_nothing_behind(own_site: Site) -> None:
    own_site.set(**EVERYTHING_OFF)
    for settings in SETTINGS:
        assert report_store(own_site, settings)["STORAGE_KWARGS"]["location"] == "/openedx/media/grades"
    assert "lms-job" not in services(own_site, "local/docker-compose.yml")
    environment = own_site.root / "tutor" / "env"
    ours = [
        str(path.relative_to(environment))
        for path in environment.rglob("*")
        if path.is_file() and "proctored" in path.read_text("utf-8", errors="ignore").lower()
    ]
    assert ours == ["build/openedx/Dockerfile"]


def test_a_report_store_elsewhere_stays_where_it_is(own_site: Site) -> None:
    own_site.enable("bucket", BUCKET)
    for settings in SETTINGS:
        assert report_store(own_site, settings)["STORAGE_KWARGS"]["bucket_name"] == "grades"
        assert "STORAGE_CLASS" not in report_store(own_site, settings)


def test_the_package_can_come_from_elsewhere(own_site: Site) -> None:
    own_site.set(PROCTORED_RESULTS_VERSION="9.8.7")
    assert "install 'proctored-results==9.8.7'" in own_site.read("build/openedx/Dockerfile")
    source = "git+https://git.example.com/proctored-results.git@main"
    own_site.set(PROCTORED_RESULTS_PACKAGE=source)
    assert f"install '{source}'" in own_site.read("build/openedx/Dockerfile")


def test_tutor_lists_the_plugin_in_the_version_of_the_package(site: Site) -> None:
    rows = [[cell.strip() for cell in line.split("\t")] for line in site.tutor("plugins", "list").splitlines()]
    assert ["proctored-results", "✅ enabled", proctored_results.__version__] in rows
