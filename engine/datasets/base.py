"""What a data set is: samples and labels for training and for validation."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.layers.base import Shape
from engine.spec import Spec, hyper


@dataclass(frozen=True)
class DatasetInfo:
    """What can be known of a data set without reading its samples."""

    sample_shape: Shape
    classes: int
    train_samples: int
    validation_samples: int


@dataclass(frozen=True)
class Dataset:
    """Samples (N, ...) and labels (N,) on the host, as stored: unscaled, in their own dtype."""

    x_train: NDArray[Any]
    t_train: NDArray[np.int64]
    x_validation: NDArray[Any]
    t_validation: NDArray[np.int64]
    classes: int

    def __post_init__(self) -> None:
        trained, validated = self.x_train.shape[1:], self.x_validation.shape[1:]
        if trained != validated:
            raise DataError(f"train samples have shape {trained}, validation samples {validated}")
        for split in ("train", "validation"):
            x, t = getattr(self, f"x_{split}"), getattr(self, f"t_{split}")
            if len(x) == 0:
                raise DataError(f"the {split} split must hold at least one sample; got none")
            if len(x) != len(t):
                raise DataError(f"the {split} split has {len(x)} samples but {len(t)} labels")
            if not np.isfinite(x).all():
                raise DataError(f"the {split} samples must be finite; got NaN or infinity")
            if t.min() < 0 or t.max() >= self.classes:
                raise DataError(
                    f"the {split} labels must be in 0..{self.classes - 1}; got {t.min()}..{t.max()}"
                )

    @property
    def info(self) -> DatasetInfo:
        return DatasetInfo(
            self.x_train.shape[1:], self.classes, len(self.x_train), len(self.x_validation)
        )

    def head(self, train_samples: int | None) -> Dataset:
        """The same data with only the first training samples."""
        x, t = self.x_train[:train_samples], self.t_train[:train_samples]
        return Dataset(x, t, self.x_validation, self.t_validation, self.classes)


class DatasetSpec(Spec):
    """A data set."""

    train_samples: int | None = hyper(
        None,
        label="Training samples",
        description="Train on this many samples only; empty means all of them.",
        unit="samples",
        ge=1,
    )

    @abstractmethod
    def info(self) -> DatasetInfo:
        """Shapes and sizes, cheaply. Raises DataError."""

    @abstractmethod
    def load(self) -> Dataset:
        """The data. Raises DataError where it cannot be read."""
