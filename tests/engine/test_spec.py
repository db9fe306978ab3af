"""The contract that every spec keeps: layers, initializers, optimizers, data sets, all of them."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from engine.config import RunConfig
from engine.datasets import AnyDataset
from engine.errors import ConfigError
from engine.initializers import InitializerSpec
from engine.layers import AnyLayer
from engine.optimizers import OptimizerSpec
from engine.scaling import ScalingSpec
from engine.spec import Spec, family, label_of, member, union_of
from tests.engine.configurations import (
    Place,
    bounds,
    hyperparameters,
    just_beyond,
    just_within,
    minimal,
    places,
    specs,
)

PLACES = {place.spec: place for place in places()}.values()
UNIONS = (AnyDataset, AnyLayer, InitializerSpec, OptimizerSpec, ScalingSpec)
EDGES = [
    pytest.param(place, name, edge, limit, id=f"{place.spec.__name__}.{name}-{edge}")
    for place in PLACES
    for name, field in hyperparameters(place.spec).items()
    for edge, limit in bounds(field).items()
]

every_spec = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.spec.__name__)
every_edge = pytest.mark.parametrize(("place", "name", "edge", "limit"), EDGES)


def problem_of(data: dict[str, Any]) -> tuple[tuple[str | int, ...], str]:
    """The path and the sentence of the one problem that a configuration has."""
    with pytest.raises(ConfigError) as caught:
        RunConfig.parse(data)
    (problem,) = caught.value.problems
    assert str(caught.value) == str(problem)
    return problem.path, str(problem)


def test_the_walk_reaches_every_registered_spec() -> None:
    assert {s for union in UNIONS for s in family(union)} <= {place.spec for place in PLACES}


@every_spec
def test_a_spec_tells_its_name_and_every_field_what_it_means(place: Place) -> None:
    spec = place.spec
    assert spec.title()
    assert spec.title() != spec.__name__ or spec.__doc__
    for name, field in spec.model_fields.items():
        if name == "kind":
            continue
        assert field.description, f"{spec.__name__}.{name} does not say what it means"
        assert field.description.endswith("."), f"{spec.__name__}.{name}: not a sentence"
        assert label_of(name, field)


@pytest.mark.parametrize("union", UNIONS, ids=lambda union: family(union)[0].__name__)
def test_no_two_members_of_a_family_share_a_kind_or_a_title(union: Any) -> None:
    members = family(union)
    for names in ([s.kind_name() for s in members], [s.title() for s in members]):
        assert max(Counter(names).values()) == 1
    for spec in members:
        assert member(union, spec.kind_name()) is spec


@every_spec
def test_a_spec_cannot_be_changed_once_made(place: Place) -> None:
    spec = place.spec.model_validate(minimal(place.spec))
    for name in place.spec.model_fields:
        with pytest.raises(ValidationError, match="frozen"):
            setattr(spec, name, getattr(spec, name))
    assert hash(spec) == hash(place.spec.model_validate(minimal(place.spec)))


@every_spec
@settings(max_examples=20)
@given(data=st.data())
def test_json_brings_a_spec_back_as_it_was(place: Place, data: st.DataObject) -> None:
    spec = place.spec.model_validate(data.draw(specs(place.spec)))
    assert place.spec.model_validate_json(spec.model_dump_json()) == spec
    assert place.spec.model_validate(spec.model_dump(mode="json")) == spec


@every_spec
def test_an_unknown_key_is_refused_and_the_known_ones_named(place: Place) -> None:
    path, sentence = problem_of(place.config(nonsense=1))
    assert path == (*place.path, "nonsense")
    assert "nonsense` is not a known field" in sentence
    for name in place.spec.model_fields:
        assert name in sentence


@every_spec
def test_a_misspelt_key_is_answered_with_the_right_one(place: Place) -> None:
    for name in hyperparameters(place.spec):
        path, sentence = problem_of(place.config(**{f"{name}x": 1}))
        assert path == (*place.path, f"{name}x")
        assert f"did you mean `{name}`?" in sentence


@every_edge
def test_a_bound_holds_at_its_edge(place: Place, name: str, edge: str, limit: float) -> None:
    whole = place.spec.model_fields[name].annotation is not float
    value = just_within(edge, limit, whole=whole)
    assert getattr(place.spec.model_validate(minimal(place.spec) | {name: value}), name) == value
    RunConfig.parse(place.config(**{name: value}))


@every_edge
def test_a_value_beyond_a_bound_is_refused_in_a_sentence(
    place: Place, name: str, edge: str, limit: float
) -> None:
    rule = {"ge": "at least", "gt": "greater than", "le": "at most", "lt": "less than"}[edge]
    value = just_beyond(edge, limit, whole=place.spec.model_fields[name].annotation is not float)
    path, sentence = problem_of(place.config(**{name: value}))
    assert path == (*place.path, name)
    field = sentence.split("`")[1]
    assert field.endswith(name)
    assert f"must be {rule} " in sentence
    assert f"got {value!r}" in sentence


@every_spec
def test_no_number_may_be_nan_or_infinite(place: Place) -> None:
    for name, field in hyperparameters(place.spec).items():
        if field.annotation is float:
            for value in (float("nan"), float("inf"), float("-inf")):
                path, sentence = problem_of(place.config(**{name: value}))
                assert path == (*place.path, name)
                assert f"got {value!r}" in sentence


def test_a_union_is_found_whether_the_field_holds_one_or_a_list() -> None:
    assert union_of(RunConfig.model_fields["layers"]) is not None
    assert union_of(RunConfig.model_fields["optimizer"]) is not None
    assert union_of(RunConfig.model_fields["epochs"]) is None
    assert all(issubclass(s, Spec) for union in UNIONS for s in family(union))
