"""Keeping some samples for validation: the same for every seed, so that replicates share them.

The split is scikit-learn's `train_test_split(random_state=0)`, index for index. It is drawn here
because importing that takes longer than training the digits to 90%: a second and a half, in every
process that trains.
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, DatasetSpec
from engine.errors import DataError
from engine.messages import Message
from engine.spec import hyper


class HeldOut(DatasetSpec):
    """A data set that comes in one piece."""

    validation: float = hyper(
        0.2,
        label="Validation share",
        description="Share of the samples kept for validation.",
        ge=0.05,
        le=0.5,
    )


def hold_out(x: NDArray[Any], t: NDArray[Any], share: float, *, classes: int | None) -> Dataset:
    """A fixed random split, stratified by label where every class has two samples to share out."""
    if len(x) != len(t):
        uneven = Message("there are {samples} samples but {targets} targets")
        raise DataError(uneven.filled(samples=len(x), targets=len(t)))
    train, validation = split_rows(t, share, classes=classes)
    return Dataset(x[train], t[train], x[validation], t[validation], classes)


def split_rows(
    t: NDArray[Any], share: float, *, classes: int | None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows to train on and those held out, for targets t (N, ...)."""
    if len(t) < 2:
        raise DataError(Message("a data set must hold at least 2 samples").got(len(t)))
    held_out = ceil(len(t) * share)
    random = np.random.RandomState(0)
    if classes and _stratifies(t, classes, held_out):
        return _stratified(t, held_out, random)
    validation, train = np.split(random.permutation(len(t)), [held_out])
    return train, validation


def _stratifies(t: NDArray[Any], classes: int, held_out: int) -> bool:
    smallest = np.bincount(t, minlength=classes).min()
    return bool(smallest >= 2 and min(held_out, len(t) - held_out) >= classes)


def _stratified(
    t: NDArray[Any], held_out: int, random: np.random.RandomState
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The samples to train on and those held out, of every class its share."""
    counts = np.bincount(t)
    kept = _shares(counts, len(t) - held_out, random)
    left = _shares(counts - kept, held_out, random)  # all; a rounding error may draw a number
    train, validation = [], []
    for k in range(len(counts)):
        of_class = np.flatnonzero(t == k)[random.permutation(counts[k])]
        train.append(of_class[: kept[k]])
        validation.append(of_class[kept[k] : kept[k] + left[k]])
    return random.permutation(np.concatenate(train)), random.permutation(np.concatenate(validation))


def _shares(counts: NDArray[Any], draws: int, random: np.random.RandomState) -> NDArray[np.int64]:
    """What each class gives to `draws` samples: its exact share rounded down, and one more for
    those that lost most by that, drawn where they lost the same."""
    exact = counts / counts.sum() * draws
    shares = np.floor(exact)
    lost = exact - shares
    missing = draws - int(shares.sum())
    for loss in np.unique(lost)[::-1]:
        if missing == 0:
            break
        drawn = np.flatnonzero(lost == loss)
        drawn = random.choice(drawn, min(len(drawn), missing), replace=False)
        shares[drawn] += 1
        missing -= len(drawn)
    return np.asarray(shares, np.int64)
