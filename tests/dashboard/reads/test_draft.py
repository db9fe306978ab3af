"""The form loses nothing: any configuration comes out of it as it went in."""

from __future__ import annotations

import pytest
from hypothesis import given

from dashboard.app_pages.launch.sections import ESSENTIALS, MORE
from dashboard.reads.draft import Draft, nearest_slot, values_of
from engine.config import RunConfig
from engine.datasets import AnyDataset, DatasetInfo
from engine.default import default_config
from engine.layers import Activation, AnyActivation, AnyLayer, Dense, Dropout, ReLU, Tanh
from engine.spec import family
from engine.stack import Multilayer
from tests.dashboard.strategies import configs, relaxed, stacks


def inform(dataset: AnyDataset) -> DatasetInfo:
    return dataset.info()


@relaxed
@given(configs())
def test_a_configuration_comes_out_of_the_form_as_it_went_in(config: RunConfig) -> None:
    assert Draft.read(values_of(config, inform), inform).config == config


@relaxed
@given(stacks)
def test_a_stack_of_equal_layers_is_described_not_listed(layers: tuple[object, ...]) -> None:
    config = default_config().model_copy(update={"layers": layers})
    assert "stack" in values_of(config, inform)


def test_every_broken_field_is_named_at_once() -> None:
    values = values_of(default_config(), inform)
    values["optimizer"] = values["optimizer"] | {"lr": "fast", "beta1": 1.5}
    values["stack"] = values["stack"] | {"hidden": [100, 0]}
    draft = Draft.read(values, inform)
    assert draft.config is None
    assert {problem.path for problem in draft.problems} == {
        ("optimizer", "lr"),
        ("optimizer", "beta1"),
        ("stack", "hidden", 1),
    }


def test_a_stack_that_does_not_end_in_the_classes_is_a_problem_of_the_stack() -> None:
    values = values_of(default_config(), inform)
    del values["stack"]
    draft = Draft.read(values | {"layers": [{"kind": "dense", "units": 3}]}, inform)
    assert draft.problems[0].path == ("layers", 0)
    assert nearest_slot(("layers", 0), {("layers",): None}) == ("layers",)


def test_the_form_has_every_field_of_a_configuration() -> None:
    drawn = {name for section in (*ESSENTIALS, *MORE) for name in section.about}
    assert drawn - set(Multilayer.model_fields) == set(RunConfig.model_fields)
    assert set(Multilayer.model_fields) < drawn


def test_the_form_offers_every_activation() -> None:
    activations = [spec for spec in family(AnyLayer) if issubclass(spec, Activation)]
    assert list(family(AnyActivation)) == activations


@pytest.mark.parametrize(
    "layers",
    [
        (Dense(units=9, lr_factor=0.1), ReLU(), Dense(units=10)),
        (Dense(units=9), ReLU(), Dropout(rate=0.1), Dense(units=10)),
        (Dense(units=9), ReLU(), Dense(units=9), Tanh(), Dense(units=10)),
    ],
    ids=["factor", "dropout", "two activations"],
)
def test_what_no_description_can_say_is_listed_layer_by_layer(layers: tuple[AnyLayer, ...]) -> None:
    config = default_config().model_copy(update={"layers": layers})
    assert "layers" in values_of(config, inform)
    assert Draft.read(values_of(config, inform), inform).config == config


def test_what_multilayer_cannot_write_is_not_read_as_one() -> None:
    layers = default_config().layers
    assert Multilayer.read(layers[1:]) is None
    assert Multilayer.read(layers[:-1]) is None
