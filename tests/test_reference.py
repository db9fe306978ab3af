"""The reference page says what the specs say."""

from __future__ import annotations

from pathlib import Path

from engine.reference import reference

PAGE = Path(__file__).parents[1] / "docs/reference.md"


def test_the_reference_page_is_what_the_specs_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference(), (
        "run `python -m engine.reference > docs/reference.md`"
    )
