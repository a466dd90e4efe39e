"""
`python -m benchmarks.memory SIZE…`: the memory of a process that makes a report, from the first row to the stored file.

Prints for each size the memory before the report, and the peak until the file was complete, until a store on the local
disk had saved it, and until S3's own client had sent it (to a server in another process that imitates S3).
"""

import gc
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import databases, figures, tables

POINTS = 200
LOCAL, S3 = "local disk", "S3"
KEYS = {"access_key": "testing", "secret_key": "testing", "region_name": "us-east-1"}


def main() -> None:
    """Run the benchmark for the sizes, and save its figures."""
    sizes = [int(size) for size in sys.argv[1:]]
    found = []
    for size in sizes:
        environment = databases.environment(size)
        stores = {LOCAL: _follow(size, environment, "")}
        with s3_server() as endpoint:
            stores[S3] = _follow(size, environment, endpoint)
        found.append({"size": size, "machine": stores[LOCAL].pop("machine"), "stores": stores})
    figures.save(f"memory-{found[0]['machine']['vendor'].lower()}", {"sizes": found})
    print("\n".join(tables.aligned(table(found))))


def table(found: list[dict[str, Any]]) -> list[list[str]]:
    """Return the table: its header, and a row for each size."""
    rows = [["attempts", "file MiB", "idle MiB", "+ until whole", "+ stored on disk", "+ sent to S3"]]
    for each in found:
        local, s3 = each["stores"][LOCAL], each["stores"][S3]
        rows.append(
            [
                f"{each['size']:,}",
                f"{local['bytes'] / 2**20:,.1f}",
                f"{local['idle']:,.0f}",
                f"{local['whole'] - local['idle']:,.1f}",
                f"{local['stored'] - local['idle']:,.1f}",
                f"{s3['stored'] - s3['idle']:,.1f}",
            ]
        )
    return rows


@contextmanager
def s3_server() -> Iterator[str]:
    """Yield the URL of a server on loopback that imitates S3, with a bucket ``reports``."""
    import boto3

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    endpoint = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
        boto3.client("s3", endpoint_url=endpoint, **keys).create_bucket(Bucket="reports")
        yield endpoint
    finally:
        server.terminate()
        server.wait()


def _follow(size: int, environment: dict[str, str], endpoint: str) -> dict[str, Any]:
    command = [sys.executable, "-c", f"from benchmarks import memory; memory.follow({size}, {endpoint!r})"]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def follow(size: int, endpoint: str) -> None:
    """Make the report in this process, for a local disk or an S3 endpoint, and print the memory it took, as JSON."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    from lms_sandbox.seed.bulk import LARGE
    from proctored_results.edx_platform import report_store
    from proctored_results.reports.choice import choose
    from proctored_results.runs import making

    if endpoint:
        settings.GRADES_DOWNLOAD = {
            "STORAGE_CLASS": "storages.backends.s3.S3Storage",
            "STORAGE_KWARGS": {"bucket_name": "reports", "endpoint_url": endpoint, **KEYS},
        }
    report_file = report_store.ReportFile.of(LARGE, "memory.csv")
    if report_file.exists():
        report_file.storage.delete(report_file.path)
    connection.ensure_connection()
    gc.collect()
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")
    idle, curve, start = figures.memory("VmRSS"), [], time.monotonic()

    def record(rows: int) -> None:
        if rows % max(1, size // POINTS) == 0:
            curve.append((rows, figures.memory("VmRSS")))

    with report_file.writing() as report:
        making.write(LARGE, choose(), report.file, on_row=record)
        whole, written = figures.memory("VmHWM"), time.monotonic()
        _name, length = report.save()
    print(
        json.dumps(
            {
                "idle": idle,
                "curve": curve,
                "whole": whole,
                "stored": figures.memory("VmHWM"),
                "bytes": length,
                "seconds": written - start,
                "machine": figures.machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
