"""The documentation, the panel's legend and e-mails have the words of the table of statuses."""

import re
from html import unescape
from pathlib import Path

import pytest
from django.template import Context, Template
from django.template.loader import render_to_string

from proctored_results import outcomes

PAGE = Path(__file__).parents[2] / "docs" / "concepts" / "what_learners_see.rst"


def test_the_documentation_has_a_row_for_every_status_in_the_words_of_the_table() -> None:
    table = PAGE.read_text("utf-8").partition("By status\n")[2].partition("A status that the plugin")[0]
    rows = [
        tuple(" ".join(cell.split()) for cell in row)
        for row in re.findall(r"\* - ``(\w+)``\n     - (.*?)\n     -(.*?)(?=\n   \*|\Z)", table, re.DOTALL)
    ]
    assert rows == [(row.value, row.label or "nothing", row.message) for row in outcomes.ATTEMPT_STATUSES]


def test_the_panels_legend_says_for_each_status_what_the_learner_sees() -> None:
    html = render_to_string("proctored_results/panel_help.html", {"attempt_statuses": outcomes.ATTEMPT_STATUSES})
    for row in outcomes.ATTEMPT_STATUSES:
        [meaning] = re.findall(rf"<dt>{row.value}</dt><dd>(.*?)</dd>", html)
        seen = f" The learner sees: {row.label}." if row.label else ""
        assert unescape(meaning) == f"<span>{row.sentence}</span>{seen}"


@pytest.mark.parametrize("row", outcomes.ATTEMPT_STATUSES, ids=lambda row: row.value)
def test_the_template_tag_takes_its_words_from_the_table(row: outcomes.AttemptStatus) -> None:
    template = Template(
        "{% load proctored_results %}{% proctoring_outcome status as outcome %}"
        "{{ outcome.label }}|{{ outcome.message|safe }}"
    )
    assert template.render(Context({"status": row.value})) == f"{row.label}|{row.message}"
