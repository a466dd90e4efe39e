"""
`python -m benchmarks.page`: write ``docs/references/benchmarks.rst`` and its pictures from the saved figures.

For each section, a function turns the figures of each run into lines. Without figures, there is no section.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import checking, databases, figures, memory, pages, reports, site, tables, writer

#: The default buffer pool of a server, in MiB.
DEFAULT_POOL = 128

DOCS = figures.REPOSITORY / "docs"

TITLE = """
Benchmarks
##########

.. This page is written by ``make bench-page``.

This page shows what reports and pages cost, measured by commands that anyone can repeat. Seconds depend on the machine.
The ratios between contestants that ran in turn hardly do.

A separate process makes each report, and the contestants take turns. Each figure is the minimum, the median and the
maximum of the rounds.

- **built-in**: edx-proctoring's own function for the report, and the platform's part around it, rewritten in a few
  lines (``benchmarks/contestants.py``).
- **ours**: the whole path of the plugin's report, with all its rules, into a file and into the report store.
- **floor**: a lower bound for any report. It is one join of attempts, users, reviews and comments, from a server-side
  cursor straight into ``csv.writer`` and the report store. Nothing is sorted, merged or escaped. The database server
  works while the process writes.

Above 10,000 attempts, the built-in report is left out: with 100,000, it would take 5 GiB of memory.

Three in five attempts have a review, and every review has two comments. Other courses have twice as many attempts, and
their rows lie between those of the course. MariaDB and MySQL have a buffer pool of 128 MiB by default. Most pages of
large tables then come from the disk. With 5,120 MiB, all tables are in memory.

MySQL itself was not tested. ``DATABASE_URL=mysql://…`` can name any server with MySQL's protocol, and the same commands
run there.
"""


def of_report(found: dict[str, Any]) -> list[str]:
    """Return the table that compares reports with the built-in report and the floor."""
    return _of_size(found, "") if found["rest"] == databases.REST else []


def of_larger_site(found: dict[str, Any]) -> list[str]:
    """Return the table of a course on a larger site."""
    return _of_size(
        found, f"--rest {found['rest']}" + ("" if "built-in" in found["rounds"][0] else " --built-in-up-to 0")
    )


def of_variants(found: dict[str, Any]) -> list[str]:
    """Return the table that compares the ways to read."""
    names = " ".join(f'"{name}"' if " " in name else name for name in found["rounds"][0])
    return _of_size(found, f"--contestants {names}")


def of_memory(found: dict[str, Any]) -> list[str]:
    """Return the table of memory, and draw the picture."""
    machine = found["sizes"][0]["machine"]
    sizes = " ".join(str(each["size"]) for each in found["sizes"])
    picture = f"memory-{machine['vendor'].lower()}.svg"
    draw_memory(found["sizes"], DOCS / "images" / picture)
    return [
        *_heading(machine["vendor"], "-"),
        *_run(f".venv/bin/python -m benchmarks.memory {sizes}", machine),
        *tables.as_rst(memory.table(found["sizes"])),
        f".. image:: /images/{picture}",
        "   :alt: The memory of the process against the rows that are written is a flat line, at every size.",
        "",
    ]


def of_check(found: dict[str, Any]) -> list[str]:
    """Return the result of comparing a report with the database."""
    command = f".venv/bin/python -m benchmarks.checking {found['rows']}"
    return [*_command(command, found["machine"]), checking.summary(found), ""]


def of_site(found: dict[str, Any]) -> list[str]:
    """Return the table of making the reports of all courses of a site."""
    return [
        *tables.paragraph(
            f"{found['courses']:,} courses of {found['attempts']:,} attempts each, from the start of "
            "``proctored_results_report --all-courses`` to its end. Afterwards, the benchmark checks that every course "
            "has its file with a row for each attempt. The worker processes share the cores with the database, the "
            "broker and the waiting command."
        ),
        *_run("make bench-site", found["machine"]),
        *tables.as_rst(site.table(found)),
    ]


def of_pages(found: dict[str, Any]) -> list[str]:
    """Return the tables of what the plugin adds to learners' pages, and of the costs of its API."""
    return [
        *tables.paragraph(
            f"A site of {found['users']:,} users with as many old reports, in one process. Each page is requested with "
            "and without the plugin's part in turn. The table shows the number of queries and the median of the "
            "process's CPU time. The last column is the median of the differences between the two requests of a round. "
            "After the first page that needs it, the cache keeps for a minute whether a rejected attempt scores 0."
        ),
        *_run("make bench-pages", found["machine"]),
        *tables.as_rst(pages.added_table(found, "added")),
        *tables.paragraph(
            "If asides are switched on, the platform itself looks for all asides together among all installed packages:"
        ),
        *tables.as_rst(pages.added_table(found, "platform")),
        *tables.paragraph(
            "Answers of the API, in a course of 20 attempts and 20 old reports, and in one of "
            f"{found['users'] // 10:,} attempts and 10,000 old reports:"
        ),
        *tables.as_rst(pages.answers_table(found)),
    ]


def of_writers(found: dict[str, Any]) -> list[str]:
    """Return the table of how much a report slows down changes of the attempts that it reads."""
    return [
        *_run("make bench-writer", found["machine"]),
        *tables.as_rst(writer.table(found)),
        *tables.paragraph(writer.summary(found)),
    ]


#: Title, introduction, pattern of the figures' names, and the function that turns figures into lines.
SECTIONS: Sequence[tuple[str, str, str, Callable[[dict[str, Any]], list[str]]]] = (
    ("Reports of different sizes", "", "reports-[!v]*[0-9]", of_report),
    (
        "A larger site",
        "The same course, on a site with ten times as many attempts in other courses, whose rows lie between its own. "
        "No query reads those rows. If the tables are in memory, they change nothing. If the tables come from a disk, "
        "the rows of the course lie on more pages of the disk, for the floor as for the others.",
        "reports-[!v]*-rest-*",
        of_larger_site,
    ),
    (
        "Ways to read",
        "**Without snapshot**: every statement sees the moment at which it runs. **On the replica**: through the alias "
        "of the replica. Here, it is the same database, because the alias is measured and not another server. **All "
        "columns**: with the extra columns that a course team can ask for. Tracks need the enrolments, and a learner's "
        "result needs all their attempts at the exam. The floor reads neither.",
        "reports-variants-*",
        of_variants,
    ),
    (
        "Memory",
        "The memory of a process that makes a report: before the report, and how much more until the file is complete, "
        "until a store on the local disk has saved the file, and until S3's own client has sent it. That client holds "
        "one part of the file per thread, so its share is bounded.",
        "memory-*",
        of_memory,
    ),
    (
        "Checked against the database",
        "Each row of a report is compared with what plain SQL says about the same attempt, without the plugin's code:",
        "checking-*",
        of_check,
    ),
    ("All courses of a site", "", "site-*", of_site),
    ("Pages", "", "pages-*", of_pages),
    (
        "Who writes meanwhile",
        "How long edx-proctoring takes to change the status of an attempt at an exam of the course, while another "
        "process makes the report of that course repeatedly. For comparison, another process only computes, which "
        "shows the share of the processors.",
        "writer-*",
        of_writers,
    ),
)


def main() -> None:
    """Write the page."""
    path = DOCS / "references" / "benchmarks.rst"
    path.write_text(TITLE.lstrip() + "\n" + "\n".join(sections()).rstrip() + "\n", "utf-8")
    print(path)


def sections() -> list[str]:
    """Return the lines of the sections for which there are figures."""
    lines = []
    for title, introduction, pattern, lines_of in SECTIONS:
        found = [line for figures_of_a_run in figures.saved(pattern) for line in lines_of(figures_of_a_run)]
        if found:
            lines += [*_heading(title), *(tables.paragraph(introduction) if introduction else []), *found]
    return lines


def _of_size(found: dict[str, Any], arguments: str) -> list[str]:
    title = f"{found['size']:,} attempts on {found['machine']['vendor']}{figures.pool_of(found['machine'])}"
    if found["rest"] != databases.REST:
        title += f", {found['rest']} times as many in other courses"
    command = f"make bench SIZE={found['size']}" + (f" ARGS='{arguments}'" if arguments else "")
    *run, described = _run(command, found["machine"])
    return [
        *_heading(title, "-"),
        *run,
        f"{described} Rounds: {len(found['rounds'])}.",
        *tables.as_rst(reports.table(found)),
        reports.summary(found),
        "",
    ]


def _heading(text: str, line: str = "*") -> list[str]:
    return [text, line * len(text), ""]


def _run(command: str, machine: dict[str, Any]) -> list[str]:
    """Return a command, and the machine that it ran on."""
    return [*_command(command, machine), figures.describe(machine)]


def _command(text: str, machine: dict[str, Any]) -> list[str]:
    """Return a command for the database that the machine had."""
    pool = machine["pool"]
    if pool is None:
        return ["::", "", f"    {text}", ""]
    resize = [] if pool == DEFAULT_POOL else [f'    mysql -e "SET GLOBAL innodb_buffer_pool_size = {pool * 2**20}"']
    return ["::", "", *resize, f"    DATABASE_URL=mysql://root@127.0.0.1/bench {text}", ""]


def draw_memory(sizes: list[dict[str, Any]], path: Path) -> None:
    """Draw the memory of the process against the written rows, a line for each size."""
    import matplotlib

    matplotlib.use("svg")
    # These make the file the same for the same figures.
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
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:,.0f}"))
    axes.set_ylim(0, 1.4 * max(max(taken for _rows, taken in each["stores"][memory.LOCAL]["curve"]) for each in sizes))
    axes.set_xlabel("rows written")
    axes.set_ylabel("memory of the process, MiB")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    main()
