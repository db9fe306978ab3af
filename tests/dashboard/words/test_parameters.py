"""Hyperparameters as lists and comparisons say them."""

from __future__ import annotations

import pytest

from dashboard.words.parameters import value_text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (0.036000000000000004, "0.036"),
        (0.1 + 0.2, "0.3"),
        (1e-05, "1e-05"),
        (0.9995, "0.9995"),
        (0.0012345678, "0.00123"),
        (0.9987654321, "0.99877"),
        (1.0, "1"),
        (0.0, "0"),
        (-2.5, "-2.5"),
    ],
)
def test_a_number_is_told_as_it_was_typed_or_to_three_significant_digits(
    value: float, told: str
) -> None:
    assert value_text("optimizer.lr", value) == told
