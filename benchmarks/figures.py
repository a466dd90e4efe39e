"""Where figures are kept, and what they were measured on."""

import json
import os
import platform
import re
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("LMS_SANDBOX_VAR") or REPOSITORY / "var").resolve() / "bench"
STATUS = Path("/proc/self/status")


def save(name: str, figures: dict[str, Any]) -> None:
    """Keep the figures of a run under a name; they replace those that are there."""
    path = FOLDER / "figures" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1), "utf-8")


def saved(pattern: str) -> list[dict[str, Any]]:
    """Return the kept figures whose names match, by name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "figures").glob(f"{pattern}.json"))]


def machine() -> dict[str, Any]:
    """Return what there is to say of this machine, and of the software of a process with a database."""
    import django
    from django.db import connection

    return {
        "cores": os.cpu_count(),
        "gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
        "django": django.get_version(),
        **_database(connection),
    }


def _database(connection: Any) -> dict[str, Any]:
    if connection.vendor == "sqlite":
        import sqlite3

        return {
            "vendor": "SQLite",
            "pool": None,
            "database": f"SQLite {sqlite3.sqlite_version}",
            "driver": "sqlite3",
        }
    from django.db.backends.mysql.base import Database

    driver = "PyMySQL" if "pymysql" in (Database.__file__ or "") else "mysqlclient"
    version = getattr(Database, "VERSION_STRING", None) or ".".join(map(str, Database.version_info[:3]))
    vendor = "MariaDB" if connection.mysql_is_mariadb else "MySQL"
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@innodb_buffer_pool_size")
        ((pool,),) = cursor.fetchall()
    number = ".".join(map(str, connection.mysql_version))
    return {
        "vendor": vendor,
        "pool": pool // 2**20,
        "database": f"{vendor} {number}",
        "driver": f"{driver} {version}",
    }


def place(machine: dict[str, Any]) -> str:
    """Return the part of a name that tells figures of other databases, or of other buffer pools, apart."""
    vendor = machine["vendor"].lower()
    return vendor if machine["pool"] is None else f"{vendor}-{machine['pool']:05}"


def pool_of(machine: dict[str, Any]) -> str:
    """Return what there is to say of the buffer pool of a machine's database, after its name."""
    return "" if machine["pool"] is None else f" with a buffer pool of {machine['pool']:,} MiB"


def describe(machine: dict[str, Any]) -> str:
    """Return a machine in a sentence."""
    return (
        f"{machine['cores']} cores, {machine['gib']} GiB of memory; {machine['database']}{pool_of(machine)}, "
        f"driver {machine['driver']}; "
        f"Python {machine['python']}, Django {machine['django']}."
    )


def memory(what: str) -> float:
    """Return a figure of this process's memory in MiB: ``VmRSS``, what it has, or ``VmHWM``, the most it had."""
    return int(re.search(rf"^{what}:\s+(\d+) kB", STATUS.read_text("ascii"), re.MULTILINE).group(1)) / 1024


def spread(values: Sequence[float], digits: int) -> str:
    """Return the least, the median and the greatest of the values."""
    return " / ".join(f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
