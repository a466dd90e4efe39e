"""The page "How it works" names each Python file of the package, and none that does not exist."""

import ast
import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "proctored_results"
PAGE = REPOSITORY / "docs" / "concepts" / "how_it_works.rst"


def named_paths() -> list[Path]:
    """The files and folders that the tree on the page names; each name is indented below its folder."""
    tree = PAGE.read_text("utf-8").partition("\nThe package\n")[2].partition("\n\nReading\n")[0]
    folders: list[tuple[int, Path]] = [(-1, REPOSITORY)]
    paths = []
    for indent, name in re.findall(r"^( +)(\S+)", tree, re.MULTILINE):
        while folders[-1][0] >= len(indent):
            folders.pop()
        paths.append(folders[-1][1] / name)
        if name.endswith("/"):
            folders.append((len(indent), paths[-1]))
    return paths


def has_code(file: Path) -> bool:
    """Return whether the file has more in it than a docstring."""
    body = ast.parse(file.read_text("utf-8")).body
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in body)


def test_the_page_names_every_file_of_the_package_once() -> None:
    files = {
        file
        for file in PACKAGE.rglob("*.py")
        if file.parent.name != "migrations" and (file.name != "__init__.py" or has_code(file))
    }
    assert len(files) > 50
    assert sorted(path for path in named_paths() if path.suffix == ".py") == sorted(files)


def test_everything_that_the_page_names_exists() -> None:
    assert [path for path in named_paths() if not path.exists()] == []
