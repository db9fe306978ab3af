"""Axes of sweeps: as people type them, and as samplers spread points over them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import ConfigError
from engine.sweeps.axes import Choices, Range
from engine.sweeps.samplers import QuasiRandom, Random
from engine.sweeps.text import axis_of


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("optimizer.lr=0.1,1e-2, 3", (0.1, 0.01, 3)),
        ("dtype=float32,float64", ("float32", "float64")),
        ("early_stopping.patience=null,5", (None, 5)),
        (
            'optimizer={"kind": "sgd"},{"kind": "adam", "lr": 0.1}',
            ({"kind": "sgd"}, {"kind": "adam", "lr": 0.1}),
        ),
    ],
)
def test_values_are_json_or_text(text: str, values: tuple[object, ...]) -> None:
    axis = axis_of(text)
    assert axis == Choices(name=text.partition("=")[0], values=json.loads(json.dumps(values)))


def test_a_range_has_its_ends_and_how_it_is_spread() -> None:
    assert axis_of("a.b=1e-4..1:log") == Range(name="a.b", low=1e-4, high=1, log=True)
    assert axis_of("n=-2..10:int:4") == Range(name="n", low=-2, high=10, integer=True, points=4)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("optimizer.lr", "must be NAME=VALUE,VALUE or NAME=LOW..HIGH; got 'optimizer.lr'"),
        ("=1", "must be NAME"),
        ("a=", "must be NAME"),
        ("a=2..1", "`low` below `high`"),
        ("a=0..1:log", "`low` above 0"),
        ("a=0..1:lin", "may be followed by :log, :int"),
        ("a=0..1:1", "`points` must be at least 2; got 1"),
    ],
)
def test_a_wrong_axis_is_named(text: str, rule: str) -> None:
    with pytest.raises(ConfigError) as error:
        axis_of(text)
    assert rule in str(error.value)


AXES = (
    Range(name="a", low=0, high=1),
    Range(name="b", low=1e-4, high=1, log=True),
    Choices(name="c", values=("x", "y", "z")),
)


def test_quasi_random_points_fill_the_space_better_than_random_ones() -> None:
    def largest_hole(sampler: Random | QuasiRandom) -> float:
        at = sorted(point["a"] for point in sampler.points(AXES))
        return float(np.diff([0, *at, 1]).max())

    assert largest_hole(QuasiRandom(trials=64)) < largest_hole(Random(trials=64)) / 2
    points = QuasiRandom(trials=30).points(AXES)
    assert points[:10] == QuasiRandom(trials=10).points(AXES), "more leave the earlier ones"
    assert [sum(p["c"] == word for p in points) for word in "xyz"] == [10, 10, 10]
