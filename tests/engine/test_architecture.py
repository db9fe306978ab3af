"""What a configuration builds is known, or refused, before anything is built."""

from __future__ import annotations

import pytest

from engine.architecture import describe, describe_stack, layer_names
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import ConfigError
from engine.layers import BatchNorm, Dense, ReLU
from tests.engine.build import network_of, tiny


def test_names_shapes_and_counts_of_a_stack() -> None:
    stack = (Dense(units=7, bias=False), BatchNorm(), ReLU(), Dense(units=3))
    layers = describe_stack(stack, (5,))
    assert [layer.name for layer in layers] == ["dense1", "batch_norm1", "relu1", "dense2"]
    assert [layer.input_shape for layer in layers] == [(5,), (7,), (7,), (7,)]
    assert [layer.output_shape for layer in layers] == [(7,), (7,), (7,), (3,)]
    assert [layer.parameters for layer in layers] == [35, 14, 0, 24]
    assert sum(layer.parameters for layer in layers) == len(network_of(*stack, shape=(5,)).w)


def test_names_are_unique_in_the_longest_stack() -> None:
    assert len(set(layer_names([Dense(), ReLU()] * 200))) == 400


@pytest.mark.parametrize(
    ("batch_size", "epochs", "steps_per_epoch", "steps"),
    [(10, 3, 5, 15), (47, 2, 1, 2), (100, 1, 1, 1), (1, 1, 47, 47), (46, 1, 2, 2)],
)
def test_the_last_batch_of_an_epoch_may_be_smaller(
    batch_size: int, epochs: int, steps_per_epoch: int, steps: int
) -> None:
    plan = describe(tiny(batch_size=batch_size, epochs=epochs))
    assert (plan.steps_per_epoch, plan.steps) == (steps_per_epoch, steps)


@pytest.mark.parametrize(("batch_size", "steps_per_epoch"), [(10, 4), (47, 1), (46, 1), (1, 47)])
def test_a_short_last_batch_is_left_out_where_asked(batch_size: int, steps_per_epoch: int) -> None:
    assert describe(tiny(batch_size=batch_size, drop_last=True)).steps_per_epoch == steps_per_epoch


def test_an_epoch_without_a_batch_is_refused() -> None:
    rule = r"must be off where the 47 training samples do not fill one batch of 48; got True"
    with pytest.raises(ConfigError, match=rule) as caught:
        describe(tiny(batch_size=48, drop_last=True))
    assert caught.value.problems[0].path == ("drop_last",)


def test_outputs_that_are_not_the_classes_are_refused_at_the_last_layer() -> None:
    with pytest.raises(ConfigError, match=r"one per class of the data set; got") as caught:
        describe(tiny(layers=(Dense(units=10), ReLU(), Dense(units=9))))
    assert caught.value.problems[0].path == ("layers", 2)


def test_a_layer_that_does_not_fit_is_refused_at_its_place() -> None:
    with pytest.raises(ConfigError, match=r"needs flat samples; got samples of shape") as caught:
        describe_stack((BatchNorm(), Dense()), (8, 8, 1))
    assert caught.value.problems[0].path == ("layers", 1)


def test_the_default_run_is_the_one_that_is_promised() -> None:
    config = default_config()
    plan = describe(config)
    assert [layer.units for layer in config.layers if isinstance(layer, Dense)] == [*[100] * 4, 10]
    assert plan.parameters == 64 * 100 + 3 * 100 * 100 + 4 * 200 + 100 * 10 + 10
    assert RunConfig.parse_json(config.to_json()) == config
