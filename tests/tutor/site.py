"""A site that a real Tutor renders, with this plugin, in a folder of its own."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

REPOSITORY = Path(__file__).resolve().parents[2]
PLUGIN = REPOSITORY / "tutor"

#: Tutor and its MFE plugin are installed here, once for each major version.
VIRTUALENVS = REPOSITORY / "var" / "tutor"


def virtualenv(major: int) -> Path:
    """Return a virtualenv with a Tutor, its MFE plugin and ours; the first process that asks makes it."""
    folder = VIRTUALENVS / str(major)
    installed = folder / "installed"
    VIRTUALENVS.mkdir(parents=True, exist_ok=True)
    # One lock for all versions: they build our plugin in the same folder.
    with FileLock(VIRTUALENVS / "lock"):
        if not installed.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            versions = (f"tutor>={major},<{major + 1}", f"tutor-mfe>={major},<{major + 1}")
            _pip(folder, *versions, "--editable", str(PLUGIN))
            installed.touch()
    return folder


def _pip(folder: Path, *arguments: str) -> None:
    quiet = ("--quiet", "--quiet", "--disable-pip-version-check")
    subprocess.run([folder / "bin" / "python", "-m", "pip", "install", *quiet, *arguments], check=True)


class Site:
    """A Tutor root with its rendered files."""

    def __init__(self, root: Path, major: int) -> None:
        self.root = root
        self.major = major
        self._bin = virtualenv(major) / "bin"
        self._env = {
            "PATH": f"{self._bin}:/usr/bin:/bin",
            "HOME": str(root),
            "TUTOR_ROOT": str(root / "tutor"),
            "TUTOR_PLUGINS_ROOT": str(root / "plugins"),
        }

    def tutor(self, *arguments: str, path: Path | None = None) -> str:
        """Run tutor and return what it printed; programs in the folder `path` are found before all others."""
        env = self._env | ({"PATH": f"{path}:{self._env['PATH']}"} if path else {})
        run = subprocess.run([self._bin / "tutor", *arguments], env=env, check=False, capture_output=True, text=True)
        if run.returncode:
            raise AssertionError(f"tutor {' '.join(arguments)}\n{run.stdout}\n{run.stderr}")
        return run.stdout

    def render(self) -> "Site":
        """Enable the plugins, save the configuration and render everything."""
        self.tutor("plugins", "enable", "mfe", "proctored-results")
        self.tutor("config", "save")
        return self

    def copy(self, root: Path) -> "Site":
        """Return a copy of this site in another folder."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        return Site(root, self.major)

    def set(self, **config: object) -> None:
        """Change the configuration and render everything again."""
        settings = [part for name, value in config.items() for part in ("--set", f"{name}={json.dumps(value)}")]
        self.tutor("config", "save", *settings)

    def enable(self, name: str, plugin: str) -> None:
        """Add a plugin of the site's own, which is YAML, and render everything again."""
        path = self.root / "plugins" / f"{name}.yml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(plugin)
        self.tutor("plugins", "enable", name)

    def read(self, path: str) -> str:
        """Return the text of a rendered file."""
        return (self.root / "tutor" / "env" / path).read_text("utf-8")
