"""Numbers and durations, as a reader has them."""

from __future__ import annotations

from dashboard.words.i18n import duration, number, percent


def test_values_that_are_not_finite_are_shown_as_what_they_are() -> None:
    shown = [number(float("nan")), number(float("inf")), number(float("-inf")), number(None)]
    assert shown == ["NaN", "∞", "−∞", "–"]
    assert percent(float("nan")) == "NaN"
    assert percent(0.9694) == "96.9%"


def test_a_duration_shows_its_two_largest_units() -> None:
    assert duration(0) == "0s"
    assert duration(59.6) == "1m"
    assert duration(3725) == "1h 2m"
