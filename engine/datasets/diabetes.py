"""scikit-learn's diabetes data: 442 patients, ten measurements each, and how diabetes progressed
within a year. Numbers to predict, not classes.

From Efron, Hastie, Johnstone and Tibshirani, "Least Angle Regression" (Annals of Statistics, 2004).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from engine.datasets.base import Dataset
from engine.datasets.holdout import HeldOut, hold_out


class Diabetes(HeldOut):
    """Diabetes: how diabetes progressed within a year, 442 patients."""

    kind: Literal["diabetes"] = "diabetes"

    def load(self) -> Dataset:
        return _split(self.validation).head(self.train_samples)


@cache
def _split(validation: float) -> Dataset:
    """The target is standardized, so that a mean squared error of one is that of guessing."""
    from sklearn.datasets import load_diabetes

    x, t = load_diabetes(return_X_y=True)
    standardized = ((t - t.mean()) / t.std()).reshape(-1, 1)
    return hold_out(x, standardized, validation, classes=None)
