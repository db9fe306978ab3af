"""scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels, shipped with the library.

From E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI, 1998).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from engine.datasets.base import Dataset, DatasetInfo, DatasetSpec
from engine.spec import hyper


class Digits(DatasetSpec):
    """Digits: 1,797 handwritten digits of 8 x 8 pixels."""

    kind: Literal["digits"] = "digits"
    validation: float = hyper(
        0.2,
        label="Validation share",
        description="Share of the samples kept for validation.",
        ge=0.05,
        le=0.5,
    )

    def info(self) -> DatasetInfo:
        return self.load().info

    def load(self) -> Dataset:
        return _split(self.validation).head(self.train_samples)


@cache
def _split(validation: float) -> Dataset:
    """A stratified split, the same for every seed: replicates share their validation set."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    x, t = load_digits(return_X_y=True)
    x_train, x_validation, t_train, t_validation = train_test_split(
        x, t, test_size=validation, random_state=0, stratify=t
    )
    return Dataset(x_train, t_train, x_validation, t_validation, classes=10)
