"""
`python -m benchmarks.page`: write ``docs/references/benchmarks.rst`` and its pictures from the figures that were kept.

Each section is a function that returns its lines, or none where there are no figures for it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import checking, databases, figures, memory, reports

DOCS = figures.REPOSITORY / "docs"

TITLE = """
Benchmarks
##########

.. This page is written by ``make bench-page``.

What reports cost, as measured by commands that anyone can repeat. Each run is a process of its own, the contestants
take turns, and a figure is the least, the median and the greatest of the rounds. Seconds depend on the machine; the
ratios between contestants that ran in turn hardly do.

- **built-in**: edx-proctoring's own function for the report and what the platform does around it, done again in a few
  lines (``benchmarks/contestants.py``).
- **ours**: the whole path of the plugin's report, with all its rules, into a file and into the report store.
- **floor**: what no report can be cheaper than. One join of attempts, users, reviews and comments, from a server-side
  cursor straight into ``csv.writer`` and the report store, with nothing sorted, put together or made harmless.

Three in five attempts have a review, every review has two comments, and there are twice as many attempts in other
courses, whose rows lie between those of the course. MySQL itself was not run: ``DATABASE_URL=mysql://…`` names any
server that speaks its protocol, and the same commands run there.
"""


def of_reports() -> list[str]:
    """Return the tables of reports beside the built-in one and the floor."""
    lines = []
    for found in figures.saved("reports-[!v]*[0-9]"):
        if found["rest"] == databases.REST:
            lines += _of_size(found, f"make bench SIZE={found['size']}")
    return [*_heading("Reports of different sizes"), *lines] if lines else []


def of_the_rest() -> list[str]:
    """Return the tables of a course on a site that is larger."""
    lines = []
    for found in figures.saved("reports-[!v]*-rest-*"):
        arguments = f"--rest {found['rest']}" + ("" if "built-in" in found["rounds"][0] else " --built-in-up-to 0")
        lines += _of_size(found, f"make bench SIZE={found['size']} ARGS='{arguments}'")
    intro = [
        "The same course with ten times as many attempts in other courses, all between its own. No query reads those.",
        "Where the tables are in memory, that changes nothing. Where they come from a disk, the rows of the course lie",
        "on more pages of it, for the floor as for the others.",
        "",
    ]
    return [*_heading("A larger site"), *intro, *lines] if lines else []


def of_variants() -> list[str]:
    """Return the tables of ways to read, beside each other."""
    lines = []
    for found in figures.saved("reports-variants-*"):
        names = " ".join(f'"{name}"' if " " in name else name for name in found["rounds"][0])
        lines += _of_size(found, f"make bench SIZE={found['size']} ARGS='--contestants {names}'")
    return [*_heading("Ways to read"), *lines] if lines else []


def of_memory() -> list[str]:
    """Return the tables and the picture of memory."""
    lines = []
    for found in figures.saved("memory-*"):
        machine = found["sizes"][0]["machine"]
        sizes = " ".join(str(each["size"]) for each in found["sizes"])
        picture = f"memory-{machine['vendor'].lower()}.svg"
        draw_memory(found["sizes"], DOCS / "images" / picture)
        lines += [
            *_heading(machine["vendor"], "-"),
            *_command(f".venv/bin/python -m benchmarks.memory {sizes}", machine),
            figures.describe(machine),
            "",
            *_table(memory.table(found["sizes"])),
            "",
            f".. image:: /images/{picture}",
            "   :alt: The memory of the process against the rows that are written is a flat line, at every size.",
            "",
        ]
    intro = [
        "The memory of a process that makes a report: what it has before, and how much more it gets to have until the",
        "file is whole, while a store on the local disk takes the file, and while S3's own client sends it. That",
        "client holds some parts of a file at a time, as many as it has threads: its share is bounded.",
        "",
    ]
    return [*_heading("Memory"), *intro, *lines] if lines else []


def of_checks() -> list[str]:
    """Return what came of comparing reports with the database."""
    found = figures.saved("checking-*")
    intro = [
        "Each row of a report beside what plain SQL says of the same attempt, put together without the plugin's code:",
        "",
    ]
    lines = [
        line
        for each in found
        for line in (
            *_command(f".venv/bin/python -m benchmarks.checking {each['rows']}", each["machine"]),
            checking.summary(each),
            "",
        )
    ]
    return [*_heading("Checked against the database"), *intro, *lines] if found else []


SECTIONS: Sequence[Callable[[], list[str]]] = (of_reports, of_the_rest, of_variants, of_memory, of_checks)


def main() -> None:
    """Write the page."""
    lines = [line for section in SECTIONS for line in section()]
    path = DOCS / "references" / "benchmarks.rst"
    path.write_text(TITLE.lstrip() + "\n" + "\n".join(lines).rstrip() + "\n", "utf-8")
    print(path)


def _of_size(found: dict[str, Any], command: str) -> list[str]:
    title = f"{found['size']:,} attempts on {found['machine']['vendor']}"
    if found["rest"] != databases.REST:
        title += f", {found['rest']} times as many in other courses"
    return [
        *_heading(title, "-"),
        *_command(command, found["machine"]),
        f"{figures.describe(found['machine'])} {len(found['rounds'])} rounds.",
        "",
        *_table(reports.table(found)),
        "",
        reports.summary(found),
        "",
    ]


def _heading(text: str, line: str = "*") -> list[str]:
    return [text, line * len(text), ""]


def _command(text: str, machine: dict[str, Any]) -> list[str]:
    url = "" if machine["vendor"] == "SQLite" else "DATABASE_URL=mysql://root@127.0.0.1/bench "
    return ["::", "", f"    {url}{text}", ""]


def _table(rows: list[list[str]]) -> list[str]:
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in rows:
        lines += [f"   {'*' if place == 0 else ' '} - {cell}".rstrip() for place, cell in enumerate(row)]
    return lines


def draw_memory(sizes: list[dict[str, Any]], path: Path) -> None:
    """Draw the memory of the process against the rows that are written, a line for each size."""
    import matplotlib

    matplotlib.use("svg")
    # The same figures give the same file.
    matplotlib.rcParams.update({"svg.hashsalt": "memory", "svg.fonttype": "none", "font.family": "sans-serif"})
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=(8, 4), layout="constrained")
    for each in sizes:
        local = each["stores"][memory.LOCAL]
        rows, taken = zip(*local["curve"], strict=True)
        axes.plot(rows, taken, label=f"{each['size']:,} attempts", linewidth=1.6)
    idle = sizes[-1]["stores"][memory.LOCAL]["idle"]
    axes.axhline(idle, color="black", linestyle=":", linewidth=1, label="before the report")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _place: f"{value:,.0f}"))
    axes.set_ylim(0, 1.4 * max(max(taken for _rows, taken in each["stores"][memory.LOCAL]["curve"]) for each in sizes))
    axes.set_xlabel("rows written")
    axes.set_ylabel("memory of the process, MiB")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
