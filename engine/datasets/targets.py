"""What is to be learned, from a file's or a notebook's own values: classes, or numbers to predict.

Words, truths and whole numbers are classes, named by their sorted values, whatever these are: -1
and 1, 1 to 10, a to j. Numbers with a fraction are predicted. Where nearly every sample would be a
class of its own, the values do not tell, and a person is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import kind_of
from engine.errors import DataError
from engine.messages import Message, verbatim

Task = Literal["auto", "classification", "regression"]

MOST_CLASSES = 10_000
_NAMES_SHOWN = 5
_FEW = 20  # different prices may be classes of price


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Labels (N,) below the number of classes, with the classes' names; or numbers (N, K)."""

    t: NDArray[Any]
    classes: int | None = None
    class_names: tuple[str, ...] | None = None


def targets_of(values: NDArray[Any], task: Task = "auto", *, numeric: bool = False) -> Targets:
    """Targets from values (N,), (N, 1) or (N, K). `numeric` says that many
    different whole numbers are meant as numbers, as prices are. Raises DataError."""
    values = checked(values)
    if values.ndim == 1 and (values.dtype.kind in "OUSb" or _whole(values)):
        if task == "regression":
            return Targets(_numbers(values))
        return _classes(values, task, numeric)
    if values.ndim == 2 and task != "regression" and one_hot(values):
        return named(values.argmax(axis=1), np.arange(values.shape[1]))
    if task == "classification":
        rule = Message(
            "`dataset.task` can be classification where targets are words or whole numbers"
        )
        raise DataError(rule.got(_example(values)))
    return Targets(_numbers(values))


def checked(values: NDArray[Any]) -> NDArray[Any]:
    """Targets (N,) or (N, K) of a type that can be learned."""
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind not in "OUSbiuf" or values.ndim not in (1, 2):
        rule = Message("targets must be labels (N,) or numbers to predict, (N,) or (N, K)")
        raise DataError(rule.got(kind_of(values)))
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        rule = Message("targets must be finite numbers; that of sample {row} is not", row=row + 1)
        raise DataError(rule)
    return values


def one_hot(values: NDArray[Any]) -> bool:
    """Whether each row (K,) has a single 1 among zeros, and so stands for a class."""
    if values.ndim != 2 or values.shape[1] < 2 or values.dtype.kind not in "biuf":
        return False
    ones = values == 1
    return bool((ones.sum(axis=1) == 1).all() and (ones | (values == 0)).all())


def _whole(values: NDArray[Any]) -> bool:
    return values.dtype.kind in "biu" or bool(
        values.dtype.kind == "f" and (values == np.floor(values)).all()
    )


def _classes(values: NDArray[Any], task: Task, numeric: bool) -> Targets:
    if values.dtype.kind in "OS":
        values = np.array([_word(value) for value in values], dtype=object)
    elif values.dtype.kind == "U":
        values = np.char.strip(values)
    found, labels = np.unique(values, return_inverse=True)
    if task == "auto" and values.dtype.kind not in "OUb":
        nearly_one_each = 2 * len(found) > len(values) > 2
        if (numeric and len(found) > _FEW) or (values.dtype.kind == "f" and nearly_one_each):
            return Targets(_numbers(values))
        if nearly_one_each:
            rule = Message(
                "`dataset.task` must be classification or regression: the targets are {classes:,}"
                " different whole numbers in {samples:,} samples"
            )
            raise DataError(rule.filled(classes=len(found), samples=len(values)))
    _check_classes(found, len(values))
    return named(labels.astype(np.int64), found)


def _check_classes(found: NDArray[Any], samples: int) -> None:
    if len(found) == 1:
        rule = Message("the targets must be of two classes or more; all are {value}")
        raise DataError(rule.filled(value=_shown(found[0])))
    if len(found) > MOST_CLASSES or 2 * len(found) > samples > 10:
        rule = Message(
            "the targets would be {classes:,} classes in {samples:,} samples, nearly one each:"
            " choose another target, or regression where they are numbers"
        )
        raise DataError(rule.filled(classes=len(found), samples=samples))


def named(labels: NDArray[np.int64], found: NDArray[Any]) -> Targets:
    """Labels of classes, which are called by their values as a person writes them: 3 for 3.0."""
    values = map(int, found) if found.dtype.kind == "f" else found
    names = tuple(map(str, values))
    return Targets(labels, len(names), names)


def _word(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        raise DataError(Message("every sample must have a target; some have none"))
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)).strip()


def _numbers(values: NDArray[Any]) -> NDArray[np.float64]:
    if values.dtype.kind in "OUS":
        rule = Message("`dataset.task` can be regression where targets are numbers")
        raise DataError(rule.got(_example(values)))
    return values.reshape(len(values), -1).astype(np.float64)


def _example(values: NDArray[Any]) -> Message:
    first: Sequence[Any] = values[:_NAMES_SHOWN].tolist()
    return verbatim(", ".join(map(_shown, first)))


def _shown(value: object) -> str:
    return str(value) if not isinstance(value, str) else repr(value)
