"""`--set`: one value changed, whatever it is of; a slip of the pen named with its remedy."""

from __future__ import annotations

import json

import pytest

from engine.clipping import Clipping
from engine.datasets import IDX, Spirals
from engine.decay import Decay
from engine.default import default_config
from engine.early_stopping import EarlyStopping
from engine.errors import ConfigError
from engine.initializers import Normal
from engine.layers import Dense
from engine.learning_rates import CosineDecay, WarmUp
from engine.losses import MeanSquaredError
from engine.optimizers import SGD, Momentum
from engine.overrides import override, with_values

CONFIG = default_config()


@pytest.mark.parametrize(
    ("assignments", "changed"),
    [
        (["epochs=3"], {"epochs": 3}),
        (["optimizer.kind=sgd"], {"optimizer": SGD()}),
        (["optimizer.kind=sgd", "optimizer.lr=0.5"], {"optimizer": SGD(lr=0.5)}),
        (["optimizer.lr=0.5", "optimizer.kind=momentum"], {"optimizer": Momentum(lr=0.5)}),
        (["optimizer.kind=adam"], {}),
        (["dataset.kind=idx", "dataset.folder=fashion"], {"dataset": IDX(folder="fashion")}),
        (["dtype=float64", "dtype=float32"], {}),
        (['layers=[{"kind": "dense", "units": 10}]'], {"layers": (Dense(units=10),)}),
    ],
)
def test_values_are_set_by_name(assignments: list[str], changed: dict[str, object]) -> None:
    assert override(CONFIG, assignments) == CONFIG.model_copy(update=changed)


@pytest.mark.parametrize("place", ["layers.0.units", "layers[0].units"])
def test_a_layer_is_named_by_its_place(place: str) -> None:
    changed = override(
        CONFIG, [f"{place}=50", "layers.0.init.kind=normal", "layers.0.init.std=0.1"]
    )
    first = changed.layers[0]
    assert isinstance(first, Dense)
    assert (first.units, first.init) == (50, Normal(std=0.1))
    assert changed.layers[1:] == CONFIG.layers[1:]


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("optimiser.lr=0.1", ["`optimiser`", "did you mean `optimizer`"]),
        ("optimizer.learning_rate=0.1", ["`optimizer.learning_rate`", "lr"]),
        ("optimizer.kind=sdg", ["`optimizer.kind`", "did you mean `sgd`"]),
        ("optimizer.lr=-1", ["`optimizer.lr`", "greater than 0", "-1"]),
        ("epochs=many", ["`epochs`", "whole number", "many"]),
        ("layers.99.units=5", ["`layers[99]`", "13 item(s)"]),
        ("layers.first.units=5", ["`layers.first`", "13 item(s)"]),
        ("epochs.more=5", ["`epochs.more`", "is not there"]),
        ("kind=5", ["`kind`", "not a known field"]),
        ("epochs", ["name=value", "epochs"]),
        ("=5", ["name=value"]),
        ("optimizer..lr=5", ["name=value"]),
    ],
)
def test_a_slip_is_named(assignment: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        override(CONFIG, [assignment])
    for word in words:
        assert word in str(caught.value)


def test_parts_that_hold_parts_are_set_by_their_names() -> None:
    changed = override(
        CONFIG,
        [
            "learning_rate.kind=warm_up",
            "learning_rate.then.kind=cosine",
            "learning_rate.then.final=0.1",
            "decay.l2=0.01",
            "clipping.norm=5",
            "early_stopping.patience=3",
            "dataset.kind=spirals",
            "dataset.classes=10",
            "layers.0.lr_factor=0",
            "loss.kind=mean_squared_error",
        ],
    )
    assert changed.learning_rate == WarmUp(then=CosineDecay(final=0.1))
    assert (changed.decay, changed.clipping) == (Decay(l2=0.01), Clipping(norm=5))
    assert changed.early_stopping == EarlyStopping(patience=3)
    assert changed.dataset == Spirals(classes=10)
    assert changed.layers[0].lr_factor == 0  # type: ignore[union-attr]
    assert changed.loss == MeanSquaredError()


def test_an_unknown_kind_lists_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"did you mean `cosine`.*one_cycle"):
        override(CONFIG, ["learning_rate.kind=cosin"])


def test_every_value_of_a_configuration_can_be_set_to_itself() -> None:
    assignments = [f"{name}={json.dumps(value)}" for name, value in CONFIG.flat().items()]
    assert override(CONFIG, assignments) == CONFIG


def test_the_values_given_stay_as_they_are() -> None:
    values = {"optimizer": {"kind": "sgd"}, "optimizer.lr": 0.5}
    assert with_values(CONFIG, values).optimizer == SGD(lr=0.5)
    assert values["optimizer"] == {"kind": "sgd"}, "a sweep knows its points by their values"
