"""scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels, shipped with the library.

From E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI, 1998).
"""

from __future__ import annotations

from functools import cache
from typing import Literal

from engine.datasets.base import Dataset, Images
from engine.datasets.holdout import HeldOut, hold_out


class Digits(HeldOut, Images):
    """Digits: 1,797 handwritten digits of 8 x 8 pixels."""

    kind: Literal["digits"] = "digits"

    def load(self) -> Dataset:
        return _split(self.validation).arranged((8, 8, 1), self.layout).head(self.train_samples)


@cache
def _split(validation: float) -> Dataset:
    from sklearn.datasets import load_digits

    x, t = load_digits(return_X_y=True)
    return hold_out(x, t, validation, classes=10)
