"""A configuration is read whole or refused with the exact place of what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from engine.config import RunConfig
from engine.errors import ConfigError
from engine.spec import Spec, specs_in
from tests.engine.configurations import (
    Data,
    Path,
    bounds,
    hyperparameters,
    just_beyond,
    specs,
)

DENSE = {"kind": "dense"}


def broken_fields(spec: type[Spec], data: Data, at: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every place of valid data where one value would break it, with such a value."""
    yield (*at, "no_such_field"), 1
    for name, field in hyperparameters(spec).items():
        yield from (((*at, name), value) for value in wrong_values(field))
    for name, field in spec.model_fields.items():
        if specs_in(field):
            yield (*at, name), 5
            for path, inner in holders(data, name, at):
                if len(specs_in(field)) > 1:
                    yield (*path, "kind"), "no_such_kind"
                yield from broken_fields(spec_of(field, inner), inner, path)


def wrong_values(field: FieldInfo) -> Iterator[Any]:
    whole = field.annotation is not float
    yield from (just_beyond(edge, limit, whole=whole) for edge, limit in bounds(field).items())
    yield {"a": "mapping"}
    if field.annotation is not str:
        yield "nonsense"


def holders(data: Data, name: str, at: Path) -> Iterator[tuple[Path, Data]]:
    """The mappings that a field of `data` holds, with their paths."""
    value = data.get(name)
    if isinstance(value, list):
        yield from (((*at, name, i), item) for i, item in enumerate(value))
    elif isinstance(value, Mapping):
        yield (*at, name), dict(value)


def spec_of(field: FieldInfo, data: Data) -> type[Spec]:
    held = specs_in(field)
    return held[0] if len(held) == 1 else {s.kind_name(): s for s in held}[data["kind"]]


def put(data: Data, path: Path, value: Any) -> Data:
    broken: Any = deepcopy(data)
    holder = broken
    for part in path[:-1]:
        holder = holder[part]
    holder[path[-1]] = value
    return broken


@settings(max_examples=150)
@given(config=specs(RunConfig), data=st.data())
def test_one_broken_field_is_named_by_exactly_its_path(config: Data, data: st.DataObject) -> None:
    path, value = data.draw(st.sampled_from(list(broken_fields(RunConfig, config))))
    with pytest.raises(ConfigError) as caught:
        RunConfig.parse(put(config, path, value))
    assert [problem.path for problem in caught.value.problems] == [path]


@given(config=specs(RunConfig))
def test_a_configuration_survives_json_and_its_flat_form_names_every_leaf(config: Data) -> None:
    run = RunConfig.parse(config)
    assert RunConfig.parse_json(run.to_json()) == run
    assert RunConfig.parse_json(run.to_json(indent=2).encode()) == run
    for name, value in run.flat().items():
        found: Any = run.model_dump(mode="json")
        for part in name.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        assert found == value
        assert not isinstance(value, dict | list)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["kind", "layers", "optimizer", "init", "x"]), inner)
    ),
    max_leaves=8,
)


@settings(max_examples=100)
@given(
    data=JSON | st.fixed_dictionaries({"layers": st.lists(JSON | st.just(DENSE), max_size=3)}),
)
@example(data={"layers": [DENSE], "loss": {"kind": "kind"}})
@example(data={"layers": [DENSE], "kind": "epochs", "epochs": -1})
@example(data={"layers": [DENSE], 5: 3})
@example(data={"layers": [{"kind": ["dense"]}]})
@example(data={"layers": {"0": DENSE}})
def test_whatever_is_given_the_answer_is_a_configuration_or_a_config_error(data: Any) -> None:
    message = ""
    try:
        RunConfig.parse(data)
    except ConfigError as error:
        message = str(error)
    assert "\n" not in message


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"layers": [DENSE], "loss": {"kind": "kind"}}, ("loss", "kind")),
        ({"layers": [DENSE], "kind": 1}, ("kind",)),
        ({}, ("layers",)),
        ({"layers": []}, ("layers",)),
        ({"layers": [DENSE] * 401}, ("layers",)),
        ({"layers": [{"units": 3}]}, ("layers", 0)),
        ({"layers": [DENSE, {"kind": "dense", "init": {}}]}, ("layers", 1, "init")),
        (
            {"layers": [DENSE], "optimizer": {"kind": "momentum", "momentum": 1}},
            ("optimizer", "momentum"),
        ),
        (7, ()),
    ],
    ids=str,
)
def test_a_problem_stands_at_its_own_place(data: Any, path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.parse(data)
    assert [problem.path for problem in caught.value.problems] == [path]


def test_every_broken_rule_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        RunConfig.parse(
            {
                "layers": [DENSE, {"kind": "dense", "units": 0}, {"kind": "relo"}],
                "optimizer": {"kind": "adam", "beta1": 1.2},
                "seed": -1,
            }
        )
    text = str(caught.value)
    assert "`layers[1].units` must be at least 1; got 0" in text
    assert "`layers[2].kind`" in text
    assert "did you mean `relu`?" in text
    assert "`optimizer.beta1` must be less than 1" in text
    assert "`seed` must be at least 0; got -1" in text
    assert len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "nul", b"\xff\xfe", "1" * 5000, "[" * 100_000], ids=range(7)
)
def test_text_that_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(ConfigError):
        RunConfig.parse_json(text)


@pytest.mark.parametrize("folder", ["..", "../x", "a/../../x", "/etc", ".", "", "a\0b"])
def test_a_data_folder_stays_below_the_data_directory(folder: str) -> None:
    with pytest.raises(ConfigError, match=r"`dataset\.folder`"):
        RunConfig.parse({"layers": [DENSE], "dataset": {"kind": "idx", "folder": folder}})
