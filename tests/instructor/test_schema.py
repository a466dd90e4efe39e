"""The OpenAPI schema that the documentation ships."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client

from proctored_results import api
from tests.conftest import Queue
from tests.instructor.conftest import REPORTS, TASKS

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "references" / "openapi.yaml"


def properties(name: str) -> dict[str, Any]:
    return yaml.safe_load(SCHEMA.read_text("utf-8"))["components"]["schemas"][name]["properties"]


def test_the_schema_in_the_documentation_is_what_the_code_gives(tmp_path: Path) -> None:
    generated = tmp_path / "openapi.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(generated))
    assert SCHEMA.read_text("utf-8") == generated.read_text("utf-8")


@pytest.mark.django_db(transaction=True)
def test_answers_are_what_the_schema_says(client: Client, queue: Queue, report: api.ReportRun) -> None:
    started = client.post(REPORTS).json()
    answers = {
        "Started": started,
        "Report": client.get(REPORTS).json()["results"][0],
        "Task": client.get(TASKS).json()["results"][0],
        "Refusal": client.post(REPORTS).json(),
        "DownloadRefusal": client.get(f"{REPORTS}unknown.csv/download/").json(),
    }
    for name, answer in answers.items():
        described = properties(name)
        assert answer.keys() == described.keys()
        for key, value in answer.items():
            assert value is not None or described[key].get("nullable"), f"{name}.{key}"
