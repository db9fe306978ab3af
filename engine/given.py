"""Arrays as notebooks have them: lists, NumPy arrays, pandas frames and series; labels as whole
numbers, one-hot vectors or words; images with their channels first or last."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.datasets.base import kind_of
from engine.datasets.targets import one_hot
from engine.errors import DataError
from engine.messages import Message

Channels = Literal["first", "last"]
_CHANNELS = (1, 3, 4)
TARGETS = Message(
    "targets must be labels, whole numbers (N,), words or one-hot vectors, or numbers to predict,"
    " (N,) or (N, K)"
)


def samples_of(x: ArrayLike, channels: Channels | None) -> NDArray[Any]:
    """Samples (N, ...), images with their channels last. Raises DataError where they are no
    numbers, or where it must be said which axis the channels are."""
    if channels not in ("first", "last", None):
        rule = Message("`channels` must be one of {choices}", choices=("'first'", "'last'"))
        raise DataError(rule.got(channels))
    columns = getattr(x, "dtypes", None) if hasattr(x, "columns") else None
    if columns is not None:
        for name, dtype in columns.items():
            if dtype.kind not in "biuf":
                rule = Message("samples must be numbers; column {column} holds {dtype}")
                raise DataError(rule.filled(column=repr(name), dtype=str(dtype)))
    array = _array(x, Message("samples must be numbers, one row per sample"))
    if array.dtype.kind not in "biuf" or array.ndim == 0:
        raise DataError(Message("samples must be numbers, one row per sample").got(kind_of(array)))
    if array.ndim != 4 or channels == "last":
        return array
    if channels == "first":
        return np.moveaxis(array, 1, -1)
    if array.shape[1] in _CHANNELS and array.shape[-1] not in _CHANNELS:
        rule = Message(
            "samples of shape {shape} look like images whose channels stand first: pass"
            " channels='first', or channels='last' where they do not"
        )
        raise DataError(rule.filled(shape=str(array.shape[1:])))
    return array


def is_table(x: ArrayLike) -> bool:
    """Whether samples are a frame, whose columns have nothing in common."""
    return hasattr(x, "columns")


def words_in(t: ArrayLike) -> NDArray[Any] | None:
    """The different words of targets in their order, or None where targets are numbers."""
    values = _flat(t)
    if values.dtype.kind == "O" and values.ndim and not all(isinstance(v, str) for v in values):
        return None
    return np.unique(values.astype(str)) if values.dtype.kind in "OU" and values.ndim == 1 else None


def targets_given(
    t: ArrayLike, *, words: NDArray[Any] | None = None, labels: bool = False
) -> NDArray[Any]:
    """Labels (N,) or numbers (N, K). `words` are the classes' names where targets are words;
    `labels` says that numbers without a fraction are labels whatever their type. Raises DataError
    where targets are neither."""
    values = _flat(t)
    if words is not None:
        return _places(values, words)
    if values.dtype.kind == "O":
        values = _plain(values)
    if values.dtype.kind not in "biuf" or values.ndim not in (1, 2):
        raise DataError(TARGETS.got(kind_of(values)))
    if one_hot(values):
        places: NDArray[np.int64] = values.argmax(axis=1)
        return places
    whole = values.ndim == 1 and bool((values == np.floor(values)).all())
    if values.dtype.kind != "f" or (labels and whole):
        return values.astype(np.int64)
    return values if values.ndim == 2 else values[:, None]


def _array(values: ArrayLike, rule: Message) -> NDArray[Any]:
    """An array of what was given; raises DataError where it is none."""
    try:
        return np.asarray(values)
    except ValueError:
        rows = Message("rows of different lengths")
        raise DataError(rule.got(rows)) from None


def _flat(t: ArrayLike) -> NDArray[Any]:
    """Targets without a last axis of one, unless they are numbers with a fraction."""
    values = _array(t, TARGETS)
    return values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values


def _plain(values: NDArray[Any]) -> NDArray[Any]:
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        return values


def _places(values: NDArray[Any], words: NDArray[Any]) -> NDArray[np.int64]:
    """Each word's place among those of the classes."""
    given = values.astype(str)
    unknown = np.setdiff1d(given, words)
    if len(unknown):
        rule = Message("targets must be classes of the training targets: {known}")
        raise DataError(rule.filled(known=tuple(words[:10].tolist())).got(str(unknown[0])))
    return np.searchsorted(words, given).astype(np.int64)
