"""Stacks as people say them: written out layer by layer, and read back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.initializers import InitializerSpec, Xavier
from engine.layers import AnyActivation, BatchNorm, Dense, ReLU, Sigmoid
from engine.spec import family
from engine.stack import Multilayer, multilayer

NORM = BatchNorm(momentum=0.8)


@pytest.mark.parametrize(
    ("position", "expected"),
    [
        ("none", [Dense(units=4), ReLU(), Dense(units=3)]),
        ("before", [Dense(units=4, bias=False), NORM, ReLU(), Dense(units=3)]),
        ("after", [Dense(units=4), ReLU(), NORM, Dense(units=3)]),
    ],
)
def test_batch_normalization_stands_where_it_is_said_to(position: Any, expected: Any) -> None:
    """And the bias that it makes redundant is dropped."""
    described = Multilayer(hidden=(4,), position=position, batch_norm=NORM)
    assert described.layers(3) == tuple(expected)


def test_a_stack_without_batch_normalization_keeps_its_biases() -> None:
    stack = multilayer([4, 5], 3, activation=Sigmoid(), init=Xavier())
    assert [layer.bias for layer in stack if isinstance(layer, Dense)] == [True] * 3


@given(
    hidden=st.lists(st.integers(1, 50), max_size=4),
    activation=st.sampled_from(family(AnyActivation)),
    init=st.sampled_from(family(InitializerSpec)),
    position=st.sampled_from(["none", "before", "after"]),
    momentum=st.sampled_from([0.9, 0.5]),
    outputs=st.integers(1, 20),
)
def test_what_is_written_is_read_back(
    hidden: list[int], activation: Any, init: Any, position: Any, momentum: float, outputs: int
) -> None:
    written = Multilayer(
        hidden=tuple(hidden),
        activation=activation(),
        init=init(),
        position=position,
        batch_norm=BatchNorm(momentum=momentum),
    )
    read = Multilayer.read(written.layers(outputs))
    assert read is not None
    assert read.layers(outputs) == written.layers(outputs)


@pytest.mark.parametrize(
    "stack",
    [
        (ReLU(),),
        (Dense(units=3), ReLU(), Dense(units=3), Sigmoid(), Dense(units=2)),
        (Dense(units=3), ReLU(), Dense(units=3, init=Xavier())),
        (Dense(units=3), Dense(units=2)),
        (BatchNorm(), Dense(units=2)),
        (Dense(units=3, bias=False), ReLU(), Dense(units=2)),
    ],
    ids=range(6),
)
def test_another_stack_is_not_read_as_one(stack: Any) -> None:
    assert Multilayer.read(stack) is None


def test_a_width_that_cannot_be_is_refused_at_its_place() -> None:
    with pytest.raises(ConfigError) as caught:
        Multilayer.parse({"hidden": [100, 0]})
    assert caught.value.problems[0].path == ("hidden", 1)
