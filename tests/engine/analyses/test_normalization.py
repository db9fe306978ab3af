"""What stands before and after a BN layer, and how much of it an activation can learn from."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.analyses.normalization import normalization, relative_slope
from engine.config import RunConfig
from engine.initializers import Normal
from engine.layers import BatchNorm, ReLU, Sigmoid, Tanh
from engine.records import Checkpoint
from engine.stack import Position, multilayer
from tests.engine.build import tiny, trained


def run(position: Position = "before") -> tuple[RunConfig, Checkpoint]:
    wild = multilayer(
        [9, 6], 10, activation=Sigmoid(), init=Normal(std=30.0), batch_norm=BatchNorm(),
        position=position,
    )  # fmt: skip
    config = tiny(layers=wild, dtype="float64")
    return config, trained(config).checkpoints[-1]


def test_normalization_brings_values_back_to_where_the_slope_is() -> None:
    found = normalization(*run(), 1)
    assert isinstance(found.activation, Sigmoid)
    assert found.before.saturated is not None
    assert found.after.saturated is not None
    assert found.before.saturated > 0.5 > found.after.saturated
    assert found.before.channels.shape == (3, 9)
    assert np.all(np.diff(found.after.channels, axis=0) >= 0)


def test_all_samples_are_counted() -> None:
    found = normalization(*run(), 1)
    assert found.before.values.counts.sum() == found.after.values.counts.sum() == 47 * 9


def test_behind_an_activation_there_is_no_slope_to_speak_of() -> None:
    config, checkpoint = run("after")
    found = normalization(config, checkpoint, 2)
    assert found.activation is None
    assert found.before.saturated is None


@pytest.mark.parametrize(
    ("activation", "z", "expected"),
    [
        (Sigmoid(), [0.0, 100.0], [1.0, 0.0]),
        (Tanh(), [0.0, -100.0], [1.0, 0.0]),
        (ReLU(), [1.0, -1.0], [1.0, 0.0]),
    ],
)
def test_the_slope_is_a_share_of_its_largest(
    activation: Sigmoid | Tanh | ReLU, z: list[float], expected: list[float]
) -> None:
    assert_allclose(relative_slope(activation, np.array(z)), expected, atol=1e-12)
