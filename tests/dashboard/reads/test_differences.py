"""Runs are told apart by what differs, and by nothing else."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings

from dashboard.reads.differences import differences, widths
from dashboard.words.parameters import title, value_text
from engine.config import RunConfig
from engine.default import default_config
from engine.initializers import He, InitializerSpec, Normal, Xavier
from engine.layers import BatchNorm, ReLU
from engine.optimizers import SGD, Adam
from engine.stack import Position, multilayer
from tests.dashboard.strategies import configs


def deep(
    *hidden: int, init: InitializerSpec | None = None, position: Position = "before", **rest: Any
) -> RunConfig:
    layers = multilayer(
        hidden,
        10,
        activation=ReLU(),
        init=init or He(),
        batch_norm=None if position == "none" else BatchNorm(),
        position=position,
    )
    return default_config().model_copy(update={"layers": layers, **rest})


def told(*configs: RunConfig) -> dict[str, tuple[Any, ...]]:
    return {difference.path: difference.values for difference in differences(configs)}


def test_every_layer_changed_alike_is_one_difference() -> None:
    found = told(deep(*[100] * 6), deep(*[100] * 6, init=Xavier(fan="in")))
    assert found == {"stack.init.kind": ("he", "xavier")}


def test_another_depth_does_not_shift_everything_behind_it() -> None:
    assert told(deep(100, 100), deep(100, 100, 50)) == {"stack.hidden": ("100 × 2", "100 × 2, 50")}


def test_the_bias_that_batch_normalization_replaces_is_no_difference_of_its_own() -> None:
    assert told(deep(10), deep(10, position="none")) == {"stack.position": ("before", "none")}


def test_defaults_that_only_one_kind_has_are_no_news_but_other_values_are() -> None:
    adam, sgd = deep(10, optimizer=Adam()), deep(10, optimizer=SGD(lr=0.001))
    assert told(adam, sgd) == {"optimizer.kind": ("adam", "sgd")}
    assert told(deep(10), deep(10, init=Normal(std=1.0))) == {
        "stack.init.kind": ("he", "normal"),
        "stack.init.std": (None, 1.0),
    }


def test_stacks_of_any_kind_are_told_apart_by_kind_of_layer() -> None:
    layers = deep(10, 10).layers
    odd = default_config().model_copy(update={"layers": (*layers[:3], layers[-1])})
    free = odd.model_copy(update={"layers": (ReLU(), *odd.layers)})
    found = told(odd, free)
    assert list(found) == ["layers"]
    assert title("dense.init.kind") == "Dense layers · Initialization"


def test_paths_and_values_read_as_words() -> None:
    assert title("optimizer.lr") == "Optimizer · Learning rate η"
    assert title("stack.init.kind") == "Initialization"
    assert title("batch_size") == "Batch size m"
    assert value_text("optimizer.kind", "sgd") == "SGD"
    assert value_text("optimizer.lr", 1e-05) == "1e-05"
    assert value_text("record.histograms", True) == "yes"
    assert value_text("stack.init.std", None) == "–"
    assert widths([]) == "–"


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(configs(), configs())
def test_what_differs_can_always_be_named(one: RunConfig, other: RunConfig) -> None:
    assert differences([one, one]) == []
    for difference in differences([one, other]):
        assert title(difference.path)
        assert all(value_text(difference.path, value) for value in difference.values)
