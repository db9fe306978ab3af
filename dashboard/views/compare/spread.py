"""Runs of one arm as one line: their mean at each step, and how far they lie apart.

The band is the standard deviation over runs (n - 1), the 95 % confidence interval of their mean by
Student's t, or everything between the lowest and the highest. Values that are not finite belong to
no mean: N says how many runs a point stands for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from dashboard.words.i18n import msg

Band = Literal["std", "interval", "range"]

BANDS: Mapping[Band, str] = {
    "std": msg("± standard deviation"),
    "interval": msg("95 % interval of the mean"),
    "range": msg("Lowest to highest"),
}

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A mean of n values with the 95 % interval in which the true one lies; None for one value,
    which says nothing of its own spread."""

    mean: float
    low: float | None
    high: float | None
    n: int


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of at least one value, and its interval."""
    n, mean = len(values), float(np.mean(values))
    if n < 2:
        return Estimate(mean, None, None, n)
    half = float(_quantile(np.array([n]))[0] * np.std(values, ddof=1) / np.sqrt(n))
    return Estimate(mean, mean - half, mean + half, n)


def across_runs(
    frames: Sequence[pd.DataFrame], *, by: Sequence[str] = ("step",), band: Band = "std"
) -> pd.DataFrame:
    """One frame of means from one frame per run, each with the columns `by`, `epoch` and `value`.

    Adds `low`, `high` (missing for one run) and `n`. Where no run has a finite value, one of those
    that are not stands for all.
    """
    rows = pd.concat(frames, ignore_index=True)
    finite = rows["value"].where(np.isfinite(rows["value"].to_numpy(dtype=float)))
    keys = [rows[name] for name in by]
    grouped = finite.groupby(keys, sort=True)
    mean, n = grouped.mean(), grouped.count()
    flawed = rows["value"].groupby(keys, sort=True).first()
    low, high = (
        (grouped.min(), grouped.max())
        if band == "range"
        else _around(mean, grouped.std(ddof=1), n, band)
    )
    epochs = rows["epoch"].groupby(keys, sort=True).first()
    found = pd.DataFrame(
        {
            "epoch": epochs,
            "value": mean.where(n > 0, flawed),
            "low": low.where(n > 1),
            "high": high.where(n > 1),
            "n": n,
        }
    )
    return found.reset_index()


def _around(
    mean: pd.Series, deviation: pd.Series, n: pd.Series, band: Band
) -> tuple[pd.Series, pd.Series]:
    half = deviation
    if band == "interval":
        half = deviation * _quantile(n.to_numpy()) / np.sqrt(n.clip(lower=1))
    return mean - half, mean + half


def _quantile(n: NDArray[np.integer]) -> NDArray[np.float64]:
    """Student's t, between whose two values the share CONFIDENCE of the mass lies."""
    return np.asarray(student.ppf((1 + CONFIDENCE) / 2, np.maximum(n - 1, 1)))
