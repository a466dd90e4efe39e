"""Test databases on MariaDB. The migrations run once; every database is then made from a copy of their result."""

import json
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.seeded import kept, manage

MARIADB = "mysql://root@127.0.0.1:3306"


def connect(url: str = MARIADB) -> Any:
    """Return a connection to the server, with a database selected if the URL names one."""
    try:
        import MySQLdb as driver
    except ImportError:
        driver = pytest.importorskip("pymysql", reason="no driver for MariaDB is installed (extra: mysql)")
    where = urlsplit(url)
    return driver.connect(host=where.hostname, port=where.port, user=where.username, database=where.path[1:])


@contextmanager
def migrated_database() -> Iterator[str]:
    """The URL of a database with the sandbox's empty tables. The database is dropped at the end."""
    with _empty_database() as url, closing(connect(url)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute("SELECT VERSION()")
        (version,) = cursor.fetchone()
        with kept(f"mariadb {version}.json", _migrate) as path:
            statements = json.loads(path.read_text("utf-8"))
        cursor.execute("SET FOREIGN_KEY_CHECKS = 0")
        for sql, rows in statements:
            cursor.executemany(sql, rows)
        connection.commit()
        yield url


@contextmanager
def _empty_database() -> Iterator[str]:
    name = f"tests_proctored_results_{uuid.uuid4().hex[:12]}"
    try:
        connection = connect()
    except Exception as error:  # every driver has its own class
        pytest.skip(f"MariaDB does not answer at {MARIADB}: {error}")
    with closing(connection), closing(connection.cursor()) as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield f"{MARIADB}/{name}"
        finally:
            connection.ping(True)
            cursor.execute(f"DROP DATABASE {name}")


def _migrate(path: Path) -> None:
    with _empty_database() as url, closing(connect(url)) as connection, closing(connection.cursor()) as cursor:
        with TemporaryDirectory() as folder:
            manage("migrate", "--verbosity", "0", DATABASE_URL=url, LMS_SANDBOX_VAR=folder)
        path.write_text(json.dumps(list(_statements(cursor)), default=str), "utf-8")


def _statements(cursor: Any) -> Iterator[tuple[str, list[Any]]]:
    """Yield statements that make the tables of a database and their rows, each with its list of parameters."""
    cursor.execute("SHOW TABLES")
    for (table,) in cursor.fetchall():
        cursor.execute(f"SHOW CREATE TABLE {table}")
        yield cursor.fetchone()[1].replace("%", "%%"), [()]
        cursor.execute(f"SELECT * FROM {table}")
        if rows := cursor.fetchall():
            yield f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(rows[0]))})", list(rows)
