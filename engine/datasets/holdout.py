"""Keeping some samples for validation: the same for every seed, so that replicates share them."""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, DatasetSpec
from engine.errors import DataError
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
    from sklearn.model_selection import train_test_split

    if len(x) != len(t):
        raise DataError(f"there are {len(x)} samples but {len(t)} targets")
    if len(x) < 2:
        raise DataError(f"a data set must hold at least 2 samples; got {len(x)}")
    held_out = ceil(len(x) * share)
    stratify = t if classes and _stratifies(t, classes, held_out) else None
    x_train, x_validation, t_train, t_validation = train_test_split(
        x, t, test_size=held_out, random_state=0, stratify=stratify
    )
    return Dataset(x_train, t_train, x_validation, t_validation, classes)


def _stratifies(t: NDArray[Any], classes: int, held_out: int) -> bool:
    smallest = np.bincount(t, minlength=classes).min()
    return bool(smallest >= 2 and min(held_out, len(t) - held_out) >= classes)
