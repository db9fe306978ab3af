"""Numbers and durations, as a reader has them."""

from __future__ import annotations

from dashboard.words.i18n import duration, number, percent


def test_values_that_are_not_finite_are_shown_as_what_they_are() -> None:
    shown = [number(float("nan")), number(float("inf")), number(float("-inf")), number(None)]
    assert shown == ["NaN", "∞", "−∞", "–"]
    assert percent(float("nan")) == "NaN"
    assert percent(0.9694) == "96.9%"


def test_a_measured_value_has_three_significant_digits() -> None:
    shown = [number(value) for value in (2913.4, 34_310.0, 0.012345, 0.00012345, 1e-9, 1.0, 0.0)]
    assert shown == ["2910", "34300", "0.0123", "0.000123", "1e-09", "1", "0"]


def test_a_duration_shows_its_two_largest_units() -> None:
    assert duration(0) == "0s"
    assert duration(59.6) == "1m"
    assert duration(3725) == "1h 2m"
