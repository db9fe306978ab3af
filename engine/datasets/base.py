"""What a data set is: samples and targets for training and for validation."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.layers.base import Shape
from engine.messages import Message
from engine.spec import Spec, hyper

Layout = Literal["flat", "image"]


@dataclass(frozen=True)
class DatasetInfo:
    """What can be known of a data set without reading its samples. `classes` is None where the
    targets are numbers to be predicted, and `outputs` how many a network must give."""

    sample_shape: Shape
    classes: int | None
    outputs: int
    train_samples: int
    validation_samples: int


@dataclass(frozen=True)
class Dataset:
    """Samples (N, ...) on the host, as stored: unscaled, in their own dtype. Targets are labels
    (N,) below `classes`, or numbers (N, K) where `classes` is None."""

    x_train: NDArray[Any]
    t_train: NDArray[Any]
    x_validation: NDArray[Any]
    t_validation: NDArray[Any]
    classes: int | None

    def __post_init__(self) -> None:
        trained, validated = self.x_train.shape[1:], self.x_validation.shape[1:]
        if trained != validated:
            raise DataError(
                Message(
                    "train samples have shape {train}, validation samples {validation}",
                    train=str(trained),
                    validation=str(validated),
                )
            )
        check(Message("train"), self.x_train, self.t_train, self.classes)
        check(Message("validation"), self.x_validation, self.t_validation, self.classes)

    @property
    def info(self) -> DatasetInfo:
        outputs = self.t_train.shape[1] if self.classes is None else self.classes
        return DatasetInfo(
            self.x_train.shape[1:], self.classes, outputs, len(self.x_train), len(self.x_validation)
        )

    def head(self, train_samples: int | None) -> Dataset:
        """The same data with only the first training samples."""
        return replace(
            self, x_train=self.x_train[:train_samples], t_train=self.t_train[:train_samples]
        )

    def arranged(self, shape: Shape, layout: Layout) -> Dataset:
        """The same data as images of `shape` (rows, columns, channels), or flat."""
        shape = shape if layout == "image" else (-1,)
        return replace(
            self,
            x_train=self.x_train.reshape(len(self.x_train), *shape),
            x_validation=self.x_validation.reshape(len(self.x_validation), *shape),
        )


def check(split: Message, x: NDArray[Any], t: NDArray[Any], classes: int | None) -> None:
    """Raises DataError where samples x and targets t cannot be learned from."""
    problem = _problem(x, t, classes)
    if problem:
        raise DataError(problem.filled(split=split))


def _problem(x: NDArray[Any], t: NDArray[Any], classes: int | None) -> Message | None:
    """What is wrong with a split, whose name is still to be filled in."""
    if len(x) == 0:
        return Message("the {split} split must hold at least one sample; got none")
    if len(x) != len(t):
        problem = Message("the {split} split has {samples} samples but {targets} targets")
        return problem.filled(samples=len(x), targets=len(t))
    if not np.isfinite(x).all():
        return Message("the {split} samples must be finite; got NaN or infinity")
    if classes is None:
        if t.ndim != 2 or not np.isfinite(t).all():
            return Message("the {split} targets must be finite numbers, one row per sample")
    elif t.min() < 0 or t.max() >= classes:
        problem = Message("the {split} labels must be in 0..{most}; got {low}..{high}")
        return problem.filled(most=classes - 1, low=int(t.min()), high=int(t.max()))
    return None


def kind_of(array: NDArray[Any]) -> Message:
    """What an array is, where another was expected."""
    return Message("{dtype} of shape {shape}", dtype=array.dtype, shape=str(array.shape))


class DatasetSpec(Spec):
    """A data set."""

    train_samples: int | None = hyper(
        None,
        label="Training samples",
        description="Train on this many samples only; empty means all of them.",
        unit="samples",
        ge=1,
    )

    def info(self) -> DatasetInfo:
        """Shapes and sizes, as cheaply as they can be had. Raises DataError."""
        return self.load().info

    @abstractmethod
    def load(self) -> Dataset:
        """The data. Raises DataError where it cannot be read."""


class Images(DatasetSpec):
    """A data set of images."""

    layout: Layout = hyper(
        "flat",
        description="Samples as flat vectors, for Dense layers, or as images with channels, for"
        " convolutions.",
    )
