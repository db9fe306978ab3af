"""Remedies: what is advised fits the network, and is nothing that it has already."""

from __future__ import annotations

from typing import Any

import pytest

from engine.analyses.health import Finding, Kind
from engine.analyses.remedies import remedies
from engine.clipping import Clipping
from engine.initializers import He, Initializer, LeCun, Normal, Xavier
from engine.layers import SELU, Activation, BatchNorm, LeakyReLU, ReLU, Sigmoid, Tanh
from engine.stack import multilayer
from tests.engine.build import tiny


def advised(kind: Kind, activation: Activation, init: Initializer, **options: Any) -> list[str]:
    batch_norm = options.pop("batch_norm", None)
    stack = multilayer(
        [9, 6],
        10,
        activation=activation,  # type: ignore[arg-type]
        init=init,  # type: ignore[arg-type]
        batch_norm=batch_norm,
    )
    config = tiny(layers=stack, **options)
    found = [Finding(kind, "", layer, 1, 9, 0.0, lasts=True) for layer in (0, 1)]
    return list(remedies(found, config))


@pytest.mark.parametrize(
    ("activation", "made_for_it"), [(ReLU(), "he"), (Tanh(), "xavier"), (SELU(), "lecun")]
)
def test_the_initialization_made_for_the_activation_comes_first(
    activation: Activation, made_for_it: str
) -> None:
    for kind in ("vanishing", "exploding", "vanishing_gradient", "saturated"):
        assert advised(kind, activation, Normal())[0] == made_for_it  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("activation", "init"), [(Sigmoid(), Xavier()), (ReLU(), He()), (SELU(), LeCun())]
)
def test_what_a_network_has_is_not_advised(activation: Activation, init: Initializer) -> None:
    for kind in ("vanishing", "exploding", "vanishing_gradient", "saturated", "dead"):
        told = advised(kind, activation, init)  # type: ignore[arg-type]
        assert init.kind_name() not in told
        assert "he" not in told
        normalized = advised(kind, activation, init, batch_norm=BatchNorm())  # type: ignore[arg-type]
        assert "batch_norm" not in normalized
    clipped = advised("exploding_gradient", activation, init, clipping=Clipping(norm=1.0))
    assert "clipping" not in clipped


def test_a_leaky_rectifier_is_advised_to_dead_rectifiers_alone() -> None:
    assert "leaky" in advised("dead", ReLU(), He())
    assert "leaky" not in advised("dead", Sigmoid(), Normal(std=1.0))
    assert "leaky" not in advised("dead", LeakyReLU(), He())


def test_something_is_always_advised() -> None:
    assert advised("vanishing", ReLU(), He(), batch_norm=BatchNorm()) == ["fewer_layers"]
