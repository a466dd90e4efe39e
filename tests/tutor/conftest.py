"""Sites that every supported Tutor renders, and the program that checks and bundles JSX."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import browser, sandbox, second_origin  # noqa: F401
from tests.tutor.site import Site

#: Teak, Ulmo and Verawood.
MAJORS = (20, 21, 22)

#: What esbuild has to be told of the MFEs' packages, to bundle them.
BUNDLED = ("--bundle", "--format=esm", "--loader:.js=jsx", "--loader:.svg=dataurl", "--loader:.scss=empty")

HOST = Path(__file__).resolve().parent / "host"


@pytest.fixture(scope="session")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    """A function that renders a site: Tutor's major version, and what to set in its configuration."""

    def make_site(major: int, **config: object) -> Site:
        return Site(tmp_path_factory.mktemp(f"tutor{major}"), major).render(**config)

    return make_site


@pytest.fixture(scope="session", params=MAJORS, ids=lambda major: f"tutor {major}")
def site(request: pytest.FixtureRequest, make_site: Callable[..., Site]) -> Site:
    """A site with the plugin as it is by default."""
    return make_site(request.param)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """What the page that stands for the learning MFE is made of, installed from npm."""
    if shutil.which("npm") is None:
        pytest.skip("Node.js with npm is not installed")
    installed = HOST / "node_modules" / ".package-lock.json"
    lock = HOST / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        command = ("npm", "ci", "--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        subprocess.run(command, cwd=HOST, check=True)
    return HOST / "node_modules"


@pytest.fixture(scope="session")
def esbuild(node_modules: Path) -> Callable[..., str]:
    """A function that runs esbuild and returns what it printed."""

    def esbuild(*arguments: str, source: str | None = None) -> str:
        command = [node_modules / ".bin" / "esbuild", "--log-level=warning", "--jsx=automatic", *arguments]
        # What is rendered elsewhere finds its imports here.
        env = os.environ | {"NODE_PATH": str(node_modules)}
        run = subprocess.run(command, cwd=HOST, env=env, check=False, input=source, capture_output=True, text=True)
        if run.returncode:
            raise AssertionError(run.stderr)
        return run.stdout

    return esbuild
