"""Numbers as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.words.typed import shown_number, typed_number, typed_widths


@given(st.floats(allow_nan=False))
def test_a_number_reads_back_from_what_a_field_shows(value: float) -> None:
    assert typed_number(shown_number(value)) == value


@pytest.mark.parametrize("text", ["0.001", "1e-3", " 1E-3 ", "０．００１", "１ｅ－３"])
def test_a_number_may_be_typed_in_any_usual_way(text: str) -> None:
    assert typed_number(text) == 0.001


@pytest.mark.parametrize("text", ["100, 50", "100 50", "100、50", "１００，５０"])
def test_widths_may_be_typed_in_any_usual_way(text: str) -> None:
    assert typed_widths(text) == [100, 50]


def test_nothing_typed_is_no_number_where_one_is_optional() -> None:
    assert typed_number(" ", optional=True) is None
    assert typed_number("") == ""


def test_what_is_no_number_is_left_for_the_engine_to_refuse() -> None:
    assert typed_number("fast") == "fast"
    assert typed_widths("100, wide") == [100, "wide"]
