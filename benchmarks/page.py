"""
`python -m benchmarks.page`: write ``docs/references/benchmarks.rst`` and its pictures from the figures that were kept.

Each section is a function that returns its lines, or none where there are no figures for it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import checking, databases, figures, memory, pages, reports, site, tables, writer

#: The buffer pool of a server whose settings nobody has changed, in MiB.
DEFAULT_POOL = 128

DOCS = figures.REPOSITORY / "docs"

TITLE = """
Benchmarks
##########

.. This page is written by ``make bench-page``.

What reports and pages cost, as measured by commands that anyone can repeat. Seconds depend on the machine; the ratios
between contestants that ran in turn hardly do.

Each report is made by a process of its own, the contestants take turns, and a figure is the least, the median and the
greatest of the rounds.

- **built-in**: edx-proctoring's own function for the report and what the platform does around it, done again in a few
  lines (``benchmarks/contestants.py``).
- **ours**: the whole path of the plugin's report, with all its rules, into a file and into the report store.
- **floor**: what no report can be cheaper than. One join of attempts, users, reviews and comments, from a server-side
  cursor straight into ``csv.writer`` and the report store, with nothing sorted, put together or made harmless. Its
  server works while its process writes.

Above 10,000 attempts the built-in report is left out: with 100,000 it would take 5 GiB of memory.

Three in five attempts have a review, every review has two comments, and there are twice as many attempts in other
courses, whose rows lie between those of the course. A buffer pool of 128 MiB is what MariaDB and MySQL have unless
somebody sets it: most pages of large tables come from the disk then. With 5,120 MiB all tables are in memory.

MySQL itself was not run: ``DATABASE_URL=mysql://…`` names any server that speaks its protocol, and the same commands
run there.
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
    intro = tables.paragraph(
        "**Without snapshot**: every statement sees the moment at which it is asked. **On the replica**: through the "
        "alias of the replica, which is the same database here, since what is measured is the way and not another "
        "server. **All columns**: with the extra columns that a course team can ask for. Tracks are in the enrolments, "
        "and the learner's result rests on all their attempts at the exam: the floor reads neither."
    )
    return [*_heading("Ways to read"), *intro, *lines] if lines else []


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
            *tables.as_rst(memory.table(found["sizes"])),
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


def of_site() -> list[str]:
    """Return how the reports of all courses of a site come on."""
    lines = []
    for found in figures.saved("site-*"):
        lines += [
            *tables.paragraph(
                f"{found['courses']:,} courses of {found['attempts']:,} attempts each, from the start of "
                "``proctored_results_report --all-courses`` to its end; that every course has its file, with a row for "
                "each attempt, is checked afterwards. The worker processes share the cores with the database, the "
                "broker and the waiting command."
            ),
            *_command("make bench-site", found["machine"]),
            figures.describe(found["machine"]),
            *tables.as_rst(site.table(found)),
        ]
    return [*_heading("All courses of a site"), *lines] if lines else []


def of_pages() -> list[str]:
    """Return what the plugin adds to the pages of learners, and what its answers take."""
    lines = []
    for found in figures.saved("pages-*"):
        lines += [
            *tables.paragraph(
                f"A site of {found['users']:,} users with as many old reports, in one process: each page with and "
                "without the plugin's part by turns, the number of queries and the median of the process's CPU time; "
                "what is added is the median of what a page with it took more than the one beside it without. "
                "Whether a rejected attempt scores 0 is in the cache for a minute after the first page that asks."
            ),
            *_command("make bench-pages", found["machine"]),
            figures.describe(found["machine"]),
            *tables.as_rst(pages.added_table(found, "added")),
            *tables.paragraph(
                "To look for asides among all installed packages is the platform's own work, for all asides together, "
                "once they are switched on:"
            ),
            *tables.as_rst(pages.added_table(found, "platform")),
            *tables.paragraph(
                "Answers of the API, in a course of 20 attempts and 20 old reports, and in one of "
                f"{found['users'] // 10:,} attempts and 10,000 old reports:"
            ),
            *tables.as_rst(pages.answers_table(found)),
        ]
    return [*_heading("Pages"), *lines] if lines else []


def of_writers() -> list[str]:
    """Return whether a report slows down those whose attempts it reads."""
    lines = []
    for found in figures.saved("writer-*"):
        lines += [
            *tables.paragraph(
                "How long edx-proctoring takes to change the status of an attempt at an exam of the course, while "
                "another process makes the report of that course again and again, and beside that while another "
                "process only computes: that tells what of it is the share of the processors."
            ),
            *_command("make bench-writer", found["machine"]),
            figures.describe(found["machine"]),
            *tables.as_rst(writer.table(found)),
            *tables.paragraph(writer.summary(found)),
        ]
    return [*_heading("Who writes meanwhile"), *lines] if lines else []


SECTIONS: Sequence[Callable[[], list[str]]] = (
    of_reports,
    of_the_rest,
    of_variants,
    of_memory,
    of_checks,
    of_site,
    of_pages,
    of_writers,
)


def main() -> None:
    """Write the page."""
    lines = [line for section in SECTIONS for line in section()]
    path = DOCS / "references" / "benchmarks.rst"
    path.write_text(TITLE.lstrip() + "\n" + "\n".join(lines).rstrip() + "\n", "utf-8")
    print(path)


def _of_size(found: dict[str, Any], command: str) -> list[str]:
    title = f"{found['size']:,} attempts on {found['machine']['vendor']}"
    if found["machine"]["pool"] is not None:
        title += f" with a buffer pool of {found['machine']['pool']:,} MiB"
    if found["rest"] != databases.REST:
        title += f", {found['rest']} times as many in other courses"
    return [
        *_heading(title, "-"),
        *_command(command, found["machine"]),
        f"{figures.describe(found['machine'])} Rounds: {len(found['rounds'])}.",
        *tables.as_rst(reports.table(found)),
        reports.summary(found),
        "",
    ]


def _heading(text: str, line: str = "*") -> list[str]:
    return [text, line * len(text), ""]


def _command(text: str, machine: dict[str, Any]) -> list[str]:
    """Return a command as it is to be typed for the database that the machine had."""
    pool = machine["pool"]
    resize = f'    mysql -e "SET GLOBAL innodb_buffer_pool_size = {(pool or 0) * 2**20}"'
    url = "" if pool is None else "DATABASE_URL=mysql://root@127.0.0.1/bench "
    return ["::", "", *([] if pool in (None, DEFAULT_POOL) else [resize]), f"    {url}{text}", ""]


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
