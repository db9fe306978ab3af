"""Health: what is wrong inside a network is named, with the layer and the step it began at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest

from engine.analyses.health import (
    LARGEST_UPDATE,
    LEAST_SPREAD,
    MOST_DEAD,
    MOST_SATURATED,
    RANGE,
    Finding,
    diagnose,
    recorded,
)
from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.initializers import Constant, He, Initializer, Normal, Zeros
from engine.layer_statistics import STATISTICS
from engine.layers import Activation, BatchNorm, Dense, LayerSpec, ReLU, Sigmoid, Tanh
from engine.optimizers import SGD, Adam
from engine.records import LayerStatistics, MemoryRecorder
from engine.stack import multilayer
from engine.training import train

LAYERS = [Dense(units=4), ReLU(), Dense(units=4), Sigmoid(), Dense(units=2)]
NAMES = [info.name for info in STATISTICS]
SOUND: dict[str, Any] = dict.fromkeys(NAMES) | {
    "activation_std": 1.0,
    "gradient_std": 1.0,
    "unit_spread": 1.0,
}


def rows(*, steps: int, layer: int = 0, at: Sequence[int] = (), **values: Any) -> list[Any]:
    """Healthy statistics of every layer; those of one layer differ at some steps."""
    found = []
    for step in range(1, steps + 1):
        for index in range(len(LAYERS)):
            usual = {name: SOUND[name] or 0.0 for name in values}
            own = values if step in at else usual
            found.append(LayerStatistics(step, index, **(SOUND | own if index == layer else SOUND)))
    return found


def found(
    records: Sequence[LayerStatistics], layers: Sequence[LayerSpec] = LAYERS
) -> list[Finding]:
    columns = {
        name: [getattr(record, name) for record in records] for name in ("step", "layer", *NAMES)
    }
    return list(diagnose(recorded(columns, NAMES), layers))


@pytest.mark.parametrize(
    ("kind", "layer", "values"),
    [
        ("vanishing", 2, {"activation_std": 0.9 / RANGE}),
        ("exploding", 2, {"activation_std": 1.1 * RANGE}),
        ("vanishing_gradient", 0, {"gradient_std": 0.9 / RANGE}),
        ("exploding_gradient", 0, {"gradient_std": 1.1 * RANGE}),
        ("saturated", 3, {"saturated": MOST_SATURATED + 0.01}),
        ("dead", 1, {"dead": MOST_DEAD + 0.01}),
        ("alike", 2, {"unit_spread": LEAST_SPREAD / 2}),
        ("large_updates", 4, {"update_ratio": LARGEST_UPDATE + 0.01}),
        ("not_finite", 2, {"gradient_norm": math.inf}),
    ],
)
def test_each_ill_is_found_where_and_when_it_began(
    kind: str, layer: int, values: dict[str, float]
) -> None:
    (only,) = found(rows(steps=8, layer=layer, at=range(4, 9), **values))
    assert (only.kind, only.layer, only.since, only.until) == (kind, layer, 4, 8)
    assert only.lasts
    assert only.value == next(iter(values.values()))


def test_what_passed_is_told_with_its_end_and_the_longest_stretch() -> None:
    (only,) = found(rows(steps=20, layer=1, at=[1, 2, 3, 8, 9, 10, 11, 15], dead=0.9))
    assert (only.since, only.until, only.lasts) == (8, 11, False)


def test_a_moment_is_no_illness_but_a_value_that_is_not_finite_is() -> None:
    assert found(rows(steps=9, layer=1, at=[4, 5], dead=0.9)) == []
    assert len(found(rows(steps=9, layer=1, at=[9], activation_std=math.nan))) == 1


def test_a_relu_that_is_off_half_of_the_time_is_healthy() -> None:
    assert found(rows(steps=9, layer=1, at=range(1, 10), saturated=0.5)) == []


def test_nothing_recorded_is_nothing_found() -> None:
    assert found([]) == []


def trained(activation: Activation, init: Initializer, **changes: Any) -> list[str]:
    config = RunConfig(
        dataset=Digits(train_samples=200),
        layers=multilayer([50] * 4, 10, activation=activation, init=init),  # type: ignore[arg-type]
        optimizer=SGD(lr=0.1),
        batch_size=50,
        epochs=5,
        record=RecordSpec(every=1, histograms=False),
        backend="numpy",
    ).model_copy(update=changes)
    recorder = MemoryRecorder()
    train(config, recorder)
    records = [s for record in recorder.records for s in record.layers]
    return [finding.kind for finding in found(records, config.layers)]


@pytest.mark.parametrize("init", [Zeros(), Constant(value=0.01)])
def test_units_that_are_equal_are_noticed_in_training(init: Initializer) -> None:
    """They begin alike and stay so; those of the same network drawn at random do not."""
    assert "alike" in trained(Sigmoid(), init)
    assert "alike" not in trained(Sigmoid(), Normal(std=1e-4))


def test_a_layer_of_one_unit_has_no_other_to_be_like() -> None:
    one = [Dense(units=1), ReLU(), Dense(units=4), Sigmoid(), Dense(units=2)]
    assert found(rows(steps=9, layer=0, at=range(1, 10), unit_spread=0.0), one) == []


def test_the_textbooks_networks_show_the_textbooks_ills() -> None:
    assert trained(ReLU(), He()) == []
    assert "saturated" in trained(Tanh(), Normal(std=1.0))
    assert "vanishing_gradient" in trained(Tanh(), Normal(std=0.01))
    assert "dead" in trained(ReLU(), He(), optimizer=Adam(lr=0.3))
    sound = multilayer([50] * 4, 10, activation=Tanh(), init=Normal(), batch_norm=BatchNorm())
    assert "vanishing" not in trained(Tanh(), Normal(), layers=sound)
