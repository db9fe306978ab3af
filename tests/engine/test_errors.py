"""Errors are sentences that a user can act on."""

from __future__ import annotations

import pickle

import pytest

from engine.architecture import describe_stack
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import (
    BackendError,
    ConfigError,
    DataError,
    LayerlabError,
    Need,
    Problem,
    nearest,
)
from engine.layers import Dense
from engine.messages import Message
from engine.sweeps.config import SweepConfig


@pytest.mark.parametrize("kind", [BackendError, DataError, ConfigError])
def test_all_that_a_user_may_cause_is_caught_as_one(kind: type[Exception]) -> None:
    assert issubclass(kind, LayerlabError)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ((), "configuration"),
        (("seed",), "seed"),
        (("layers", 0, "units"), "layers[0].units"),
        (("layers", 12, "init", "kind"), "layers[12].init.kind"),
        ((3,), "[3]"),
    ],
)
def test_a_place_is_named_as_a_user_writes_it(path: tuple[str | int, ...], field: str) -> None:
    problem = Problem(path, Message("is wrong"))
    assert problem.field == field
    assert str(problem) == f"`{field}` is wrong"


def test_the_nearest_name_comes_first_and_all_are_named() -> None:
    close = nearest("sigmoidd", ["tanh", "relu", "sigmoid"])
    assert str(close) == "did you mean `sigmoid`? known: relu, sigmoid, tanh"
    assert str(nearest("qqq", ["tanh", "relu"])) == "known: relu, tanh"


def test_several_problems_make_one_message() -> None:
    problems = [Problem(("a",), Message("is one")), Problem(("b",), Message("is two"))]
    error = ConfigError(problems)
    assert str(error) == "`a` is one; `b` is two"
    again = pickle.loads(pickle.dumps(error))  # as it comes back from a worker
    assert again.problems == tuple(problems)
    assert str(again) == str(error)


def test_a_rule_of_a_validator_reaches_the_user_as_the_message_it_is() -> None:
    sweep = {
        "base": default_config(),
        "axes": [{"kind": "range", "name": "seed", "low": 2, "high": 1}],
    }
    with pytest.raises(ConfigError) as refused:
        SweepConfig.parse(sweep)
    (problem,) = refused.value.problems
    assert problem.rule.template == "must have `low` below `high`; got {low:g} and {high:g}"
    assert problem.rule.values == {"low": 2.0, "high": 1.0}


def test_a_name_that_is_none_of_a_few_is_answered_with_all_of_them() -> None:
    with pytest.raises(ConfigError, match="must be one of 'float32', 'float64'; got 'float16'"):
        RunConfig.parse({"dtype": "float16"})


def test_what_a_stack_lacks_has_a_name_whatever_its_wording() -> None:
    with pytest.raises(ConfigError) as refused:
        describe_stack([Dense(units=3)], (8, 8, 1))
    assert refused.value.problems[0].need is Need.FLAT_SAMPLES
