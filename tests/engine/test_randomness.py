"""Streams: part of every recorded result, so their values may never change."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.randomness import Use, stream

FIRST_NORMALS = {
    Use.INITIALIZATION: [0.7859067677198036, -0.9199529560235964, 1.4715789384981375],
    Use.SHUFFLING: [0.6331977894361152, 0.42382152394513306, 0.1882184513395428],
    Use.DROPOUT: [0.19128727797079023, -1.1502808265396132, -1.100051230235931],
    Use.DATA: [-0.13301603991965455, 1.2964310196827165, -1.2746213251408325],
    Use.ANALYSIS: [0.7944269148868736, 1.55877884230496, 0.292282752954444],
    Use.SAMPLE: [0.2746041754424462, -0.30756389340659174, -2.2383926043908486],
}
ORDERS = {
    Use.INITIALIZATION: [1, 6, 5, 4, 3, 7, 0, 2],
    Use.SHUFFLING: [7, 4, 3, 5, 6, 0, 1, 2],
    Use.DROPOUT: [3, 2, 7, 5, 1, 6, 4, 0],
    Use.DATA: [6, 5, 4, 7, 3, 2, 1, 0],
    Use.ANALYSIS: [6, 3, 4, 5, 2, 1, 7, 0],
    Use.SAMPLE: [7, 5, 4, 1, 6, 0, 2, 3],
}


@pytest.mark.parametrize("use", Use)
def test_the_streams_give_the_values_that_past_runs_were_made_of(use: Use) -> None:
    assert_allclose(stream(0, use, 0).standard_normal(3), FIRST_NORMALS[use], rtol=1e-15)
    assert_array_equal(stream(1, use, 1).permutation(8), ORDERS[use])


def test_the_numbers_of_the_uses_never_change() -> None:
    names = {use.name: int(use) for use in Use}
    expected = ["INITIALIZATION", "SHUFFLING", "DROPOUT", "DATA", "ANALYSIS", "SAMPLE"]
    assert names == {name: number for number, name in enumerate(expected)}


def test_streams_of_different_seeds_uses_and_indexes_are_independent() -> None:
    """Correlations of 10,000 draws stay within five standard errors of zero."""
    keys = [(seed, use, index) for seed in (0, 1) for use in Use for index in (0, 1)]
    draws = [stream(*key).standard_normal(10_000) for key in keys]
    for one, other in combinations(draws, 2):
        assert abs(np.mean(one * other)) < 5 / np.sqrt(10_000)


def test_a_stream_does_not_depend_on_what_was_drawn_before() -> None:
    stream(3, Use.SHUFFLING, 0).standard_normal(1000)
    again = stream(3, Use.SHUFFLING, 1).permutation(20)
    assert_array_equal(again, stream(3, Use.SHUFFLING, 1).permutation(20))
