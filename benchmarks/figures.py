"""The stored figures, and a description of the machine that measured them."""

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
    """Save the figures of a run under a name, in place of earlier ones."""
    path = FOLDER / "figures" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=1), "utf-8")


def saved(pattern: str) -> list[dict[str, Any]]:
    """Return the saved figures whose names match, sorted by name."""
    return [json.loads(path.read_text("utf-8")) for path in sorted((FOLDER / "figures").glob(f"{pattern}.json"))]


def machine() -> dict[str, Any]:
    """Return a description of this machine, and of the software of this process and its database."""
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


def database_suffix(machine: dict[str, Any]) -> str:
    """Return the part of a file name that says which database and which buffer pool the figures are from."""
    vendor = machine["vendor"].lower()
    return vendor if machine["pool"] is None else f"{vendor}-{machine['pool']:05}"


def pool_of(machine: dict[str, Any]) -> str:
    """Return the text about the buffer pool that follows the name of a machine's database."""
    return "" if machine["pool"] is None else f" with a buffer pool of {machine['pool']:,} MiB"


def describe(machine: dict[str, Any]) -> str:
    """Return a sentence about a machine."""
    return (
        f"{machine['cores']} cores, {machine['gib']} GiB of memory; {machine['database']}{pool_of(machine)}, "
        f"driver {machine['driver']}; "
        f"Python {machine['python']}, Django {machine['django']}."
    )


def memory(what: str) -> float:
    """Return the memory of this process in MiB: ``VmRSS``, the current one, or ``VmHWM``, the peak."""
    return int(re.search(rf"^{what}:\s+(\d+) kB", STATUS.read_text("ascii"), re.MULTILINE).group(1)) / 1024


def spread(values: Sequence[float], digits: int) -> str:
    """Return the minimum, the median and the maximum of the values."""
    return " / ".join(f"{value:,.{digits}f}" for value in (min(values), statistics.median(values), max(values)))
