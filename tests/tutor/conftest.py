"""Sites that every supported Tutor renders, and the program that checks and bundles JSX."""

import functools
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock

from tests.browser.conftest import browser, sandbox, second_origin  # noqa: F401
from tests.tutor.site import VIRTUALENVS, Site

#: Teak, Ulmo and Verawood.
MAJORS = (20, 21, 22)

#: The options that esbuild needs to bundle the packages of the MFEs.
BUNDLED = ("--bundle", "--format=esm", "--loader:.js=jsx", "--loader:.svg=dataurl", "--loader:.scss=empty")

HOST = Path(__file__).resolve().parent / "host"


@pytest.fixture(scope="session")
def default_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Site]:
    """A function that takes Tutor's major version and returns a site with the plugin's defaults; do not change it."""

    @functools.cache
    def default_site(major: int) -> Site:
        return Site(tmp_path_factory.mktemp(f"tutor{major}"), major).render()

    return default_site


@pytest.fixture(params=MAJORS, ids=lambda major: f"tutor {major}")
def site(request: pytest.FixtureRequest, default_site: Callable[[int], Site]) -> Site:
    """A site with the plugin's defaults; do not change it."""
    return default_site(request.param)


@pytest.fixture
def own_site(site: Site, tmp_path: Path) -> Site:
    """A site for this test alone, with the plugin's defaults."""
    return site.copy(tmp_path / "site")


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The npm packages of the page that stands in for the learning MFE."""
    if shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not installed")
    installed = HOST / "node_modules" / ".package-lock.json"
    lock = HOST / "package-lock.json"
    VIRTUALENVS.mkdir(parents=True, exist_ok=True)
    with FileLock(VIRTUALENVS / "npm.lock"):
        if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
            command = ("npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            subprocess.run(command, cwd=HOST, check=True)
    return HOST / "node_modules"


@pytest.fixture(scope="session")
def esbuild(node_modules: Path) -> Callable[..., str]:
    """A function that runs esbuild and returns what it printed."""

    def esbuild(*arguments: str, source: str | None = None) -> str:
        command = [node_modules / ".bin" / "esbuild", "--log-level=warning", "--jsx=automatic", *arguments]
        # Files rendered elsewhere find their imports here.
        env = os.environ | {"NODE_PATH": str(node_modules)}
        run = subprocess.run(command, cwd=HOST, env=env, check=False, input=source, capture_output=True, text=True)
        if run.returncode:
            raise AssertionError(run.stderr)
        return run.stdout

    return esbuild
