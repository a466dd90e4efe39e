"""
Comparisons that anyone can repeat, on SQLite and on MariaDB or MySQL (``DATABASE_URL=mysql://…``).

::

    make bench SIZE=10000       the report beside the platform's built-in one and the least that anything could take
    make bench-all              that at up to 1,000,000 attempts, and everything else that is measured
    make bench-page             docs/references/benchmarks.rst, from the figures of the last runs

`reports` times reports, `checking` compares a report with the database row by row, `memory` follows the memory of a
process. `site` has the reports of a thousand courses made by workers; on a site of a million users, `explain` has the
database explain every query, `pages` weighs what the plugin adds to pages, and `writer` those who write beside a
report. Each run of a contestant is a process of its own. Data, files and figures lie below ``var/bench``; a database
that is there already is used again.
"""
