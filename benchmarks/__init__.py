"""
Comparisons that anyone can repeat, on SQLite and on MariaDB or MySQL (``DATABASE_URL=mysql://…``).

::

    make bench SIZE=10000       compare the report with the platform's built-in report and with a lower bound
    make bench-all              the same at up to 1,000,000 attempts, and all other measurements
    make bench-page             write docs/references/benchmarks.rst from the figures of the last runs

- `reports` measures the time of reports.
- `checking` compares a report with the database row by row.
- `memory` records the memory of a process.
- `site` measures workers that make the reports of a thousand courses.

On a site of a million users,

- `explain` lets the database explain every query,
- `pages` measures what the plugin adds to pages, and
- `writer` measures whether a report slows down those who write.

Each run of a contestant has its own process. Data, files and figures are below ``var/bench``, where existing databases
are used again.
"""
