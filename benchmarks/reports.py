"""
`python -m benchmarks.reports SIZE…`: make reports of courses of these sizes with each contestant in turn, repeatedly.

Prints a table for each size, with the minimum, the median and the maximum of each measurement. The last line compares
the plugin's report with the built-in report and with the floor.
"""

import argparse
import json
import statistics
import subprocess
import sys
from typing import Any

from benchmarks import contestants, databases, figures, tables

DEFAULT = ("built-in", "ours", "floor")
COLUMNS = ("", "wall s", "CPU s", "peak MiB", "above idle", "queries", "times the floor", "built-in ÷ this")


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+", help="attempts of the course")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant runs (default: 5)")
    parser.add_argument("--contestants", nargs="+", default=DEFAULT, choices=list(contestants.CONTESTANTS))
    parser.add_argument(
        "--built-in-up-to", type=int, default=10_000, help="the size from which on the built-in report is left out"
    )
    parser.add_argument("--built-in-rounds", type=int, default=3, help="how often the built-in report runs at most")
    parser.add_argument("--rest", type=int, default=databases.REST, help="other courses of that size on the site")
    options = parser.parse_args()
    for size in options.sizes:
        names = [name for name in options.contestants if name != "built-in" or size <= options.built_in_up_to]
        found = measure(size, names, options.rounds, options.built_in_rounds, options.rest)
        variant = "" if tuple(options.contestants) == DEFAULT else "-variants"
        rest = "" if options.rest == databases.REST else f"-rest-{options.rest}"
        figures.save(f"reports{variant}-{figures.database_suffix(found['machine'])}-{size:08}{rest}", found)
        print("\n".join(lines(found)), flush=True)


def measure(size: int, names: list[str], rounds: int, built_in_rounds: int, rest: int) -> dict[str, Any]:
    """Return {"size", "rest", "machine", "rounds": [{contestant: figures}]}."""
    environment = databases.environment(size, rest)
    # Warm up, so that no contestant is the first to read from the disk.
    _run(names[-1], environment)
    measured = []
    for number in range(rounds):
        running = [name for name in names if name != "built-in" or number < built_in_rounds]
        measured.append({name: _run(name, environment) for name in (running, running[::-1])[number % 2]})
        _say(f"Round {number + 1} of {rounds} is done.")
    machine = measured[0][names[-1]]["machine"]
    return {"size": size, "rest": rest, "machine": machine, "rounds": measured}


def _run(name: str, environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.contestants", name]
    return json.loads(subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def lines(found: dict[str, Any]) -> list[str]:
    """Return the lines of a table."""
    size, rest, rounds = found["size"], found["rest"], found["rounds"]
    return [
        "",
        f"{size:,} attempts in the course, {rest * size:,} in others; rounds: {len(rounds)}. "
        f"{figures.describe(found['machine'])}",
        *tables.aligned(table(found)),
        summary(found),
    ]


def table(found: dict[str, Any]) -> list[list[str]]:
    """Return the table: its header, and a row for each contestant."""
    rounds = found["rounds"]
    rows = [list(COLUMNS)]
    for name in rounds[0]:
        runs = [each[name] for each in rounds if name in each]
        rows.append(
            [
                name,
                figures.spread([run["wall"] for run in runs], 2),
                figures.spread([run["cpu"] for run in runs], 2),
                f"{max(run['peak'] for run in runs):,.0f}",
                f"{max(run['peak'] - run['idle'] for run in runs):,.1f}",
                f"{runs[0]['queries']:,}",
                _shown(ratios(rounds, name, "floor"), 2) if name != "floor" else "",
                _shown(ratios(rounds, "built-in", name), 1) if name != "built-in" else "",
            ]
        )
    return rows


def ratios(rounds: list[dict[str, Any]], one: str, other: str) -> list[float]:
    """Return the wall time of one divided by that of the other, for each round with both."""
    return [each[one]["wall"] / each[other]["wall"] for each in rounds if one in each and other in each]


def _shown(values: list[float], digits: int) -> str:
    return figures.spread(values, digits) if values else ""


def summary(found: dict[str, Any]) -> str:
    """Return the last sentence of a table."""
    to_built_in, to_floor = (ratios(found["rounds"], *pair) for pair in (("built-in", "ours"), ("ours", "floor")))
    said = [f"is {statistics.median(to_built_in):,.0f} times as fast as the built-in report"] if to_built_in else []
    said += [f"takes {statistics.median(to_floor):,.2f} times what the floor takes"] if to_floor else []
    return f"{found['size']:,} attempts on {found['machine']['vendor']}: ours {' and '.join(said)}."


if __name__ == "__main__":
    main()
