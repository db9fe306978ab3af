"""scikit-learn's handwritten digits: 1,797 images of 8 x 8 pixels, shipped with the library.

From E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (UCI, 1998).
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np

from engine.datasets.base import Dataset, Images
from engine.datasets.holdout import HeldOut, hold_out


class Digits(HeldOut, Images):
    """Digits: 1,797 handwritten digits of 8 x 8 pixels."""

    kind: Literal["digits"] = "digits"

    def load(self) -> Dataset:
        return _split(self.validation).arranged((8, 8, 1), self.layout).head(self.train_samples)


@cache
def _split(validation: float) -> Dataset:
    """Read from the file itself: importing scikit-learn takes a second and a half."""
    library = find_spec("sklearn")
    assert library is not None, "scikit-learn is installed with layerlab"
    file = Path(str(library.origin)).parent / "datasets" / "data" / "digits.csv.gz"
    rows = np.loadtxt(file, delimiter=",")
    return hold_out(rows[:, :-1], rows[:, -1].astype(np.int64), validation, classes=10)
