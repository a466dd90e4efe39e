"""
What a cell of the report holds, computed plainly from the rules, one character after the other.

It uses nothing of the package, so tests can compare the package with it.
"""

REVIEW_STATUSES = (
    ("Clean", "passed"),
    ("Rules Violation", "violation"),
    ("Suspicious", "suspicious"),
    ("Not Reviewed", "not_reviewed"),
)


def in_our_words(word):
    for ours, theirs in REVIEW_STATUSES:
        if word.strip().lower() in (ours.lower(), theirs):
            return ours
    return word


def replaced(text):
    kept = []
    for character in text:
        control = ord(character) < 32 or 127 <= ord(character) < 160
        kept.append("\ufffd" if control and character not in "\t\r\n" else character)
    return "".join(kept)


def neutralised(text):
    for character in text:
        if character in "=+-@\t\r\n＝＋－＠﹦﹢﹣﹫−":  # noqa: RUF001
            return "'" + text
        if not character.isspace() and character not in "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff":
            return text
    return text
