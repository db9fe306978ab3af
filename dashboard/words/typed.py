"""Numbers as a field shows them, and as people type them."""

from __future__ import annotations

import unicodedata


def shown_number(value: float) -> str:
    """A number as a field shows it: the shortest text that reads back as the same number."""
    return repr(float(value)).removesuffix(".0")


def typed_number(text: str, *, optional: bool = False) -> float | str | None:
    """The number that was typed, full-width digits included; what is none stays the text it is,
    but for nothing where a number is optional."""
    if optional and not text.strip():
        return None
    try:
        return float(unicodedata.normalize("NFKC", text).strip())
    except ValueError:
        return text


def typed_widths(text: str) -> list[int | str]:
    """The widths in `100, 100, 50`, however they are separated; what is none stays as typed."""
    plain = unicodedata.normalize("NFKC", text).replace("、", ",").replace(",", " ")
    return [int(word) if word.isdecimal() else word for word in plain.split()]
