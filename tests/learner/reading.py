"""Finding results in the HTML of a page."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser

from proctored_results.outcomes import LABELS


@dataclass(frozen=True)
class Shown:
    """A result on a page: its classes and attributes, and its texts in order."""

    attributes: dict[str, str | None]
    texts: list[str]

    @property
    def kind(self) -> str:
        """The result: pending, satisfactory or unsatisfactory."""
        return next(text.lower() for text in self.texts if text in LABELS.values())

    @property
    def text(self) -> str:
        """All of its text."""
        return " ".join(self.texts)


class _Sections(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Shown] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "section" and "proctored-exam-result" in (attributes.get("class") or "").split():
            self.found.append(Shown(attributes, []))
            self._inside = True

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "section"

    def handle_data(self, data: str) -> None:
        text = re.sub(r"\s+", " ", data).strip()
        if self._inside and text:
            self.found[-1].texts.append(text)


def results_on(html: str) -> list[Shown]:
    """Return all results on a page."""
    parser = _Sections()
    parser.feed(html)
    return parser.found


def result_on(html: str) -> Shown | None:
    """Return the only result on a page, or None."""
    found = results_on(html)
    assert len(found) <= 1
    return found[0] if found else None
