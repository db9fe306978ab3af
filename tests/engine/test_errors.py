"""Errors are sentences that a user can act on."""

from __future__ import annotations

import pytest

from engine.errors import BackendError, ConfigError, DataError, LayerlabError, Problem, nearest


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
    assert Problem(path, "is wrong").field == field
    assert str(Problem(path, "is wrong")) == f"`{field}` is wrong"


def test_the_nearest_name_comes_first_and_all_are_named() -> None:
    assert nearest("sigmoidd", ["tanh", "relu", "sigmoid"]) == (
        "did you mean `sigmoid`? known: relu, sigmoid, tanh"
    )
    assert nearest("qqq", ["tanh", "relu"]) == "known: relu, tanh"


def test_several_problems_make_one_message() -> None:
    error = ConfigError([Problem(("a",), "is one"), Problem(("b",), "is two")])
    assert str(error) == "`a` is one; `b` is two"
