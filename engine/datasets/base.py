"""What a data set is: samples and targets for training and for validation."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.directory import located
from engine.datasets.kept import by_name, place_in
from engine.datasets.known import known, state_of
from engine.errors import DataError, LayerlabError
from engine.layers.base import Shape
from engine.memory import enough
from engine.messages import Message
from engine.spec import Spec, hyper

Layout = Literal["flat", "image"]
Names = tuple[str, ...]


@dataclass(frozen=True)
class DatasetInfo:
    """What can be known of a data set without reading its samples. `classes` is None where the
    targets are numbers to be predicted, and `outputs` how many a network must give. The names are
    those of the file: of its classes, its features and the columns to predict."""

    sample_shape: Shape
    classes: int | None
    outputs: int
    train_samples: int
    validation_samples: int
    class_names: Names | None = None
    feature_names: Names | None = None
    target_names: Names | None = None


@dataclass(frozen=True)
class Dataset:
    """Samples (N, ...) on the host, as stored: unscaled, in their own dtype. Targets are labels
    (N,) below `classes`, or numbers (N, K) where `classes` is None. `alike` says that all features
    are of one kind, as pixels are, so that one scale fits all; `weights` (N,) how often each
    training sample counts in the loss, where not all count once."""

    x_train: NDArray[Any]
    t_train: NDArray[Any]
    x_validation: NDArray[Any]
    t_validation: NDArray[Any]
    classes: int | None
    class_names: Names | None = None
    feature_names: Names | None = None
    target_names: Names | None = None
    alike: bool = True
    weights: NDArray[np.float64] | None = None

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
        if self.weights is not None:
            check_weights(self.weights, len(self.x_train))

    @property
    def info(self) -> DatasetInfo:
        outputs = self.t_train.shape[1] if self.classes is None else self.classes
        return DatasetInfo(
            self.x_train.shape[1:],
            self.classes,
            outputs,
            len(self.x_train),
            len(self.x_validation),
            self.class_names,
            self.feature_names,
            self.target_names,
        )

    def head(self, train_samples: int | None) -> Dataset:
        """The same data with only the first training samples."""
        weights = None if self.weights is None else self.weights[:train_samples]
        x_train, t_train = self.x_train[:train_samples], self.t_train[:train_samples]
        return replace(self, x_train=x_train, t_train=t_train, weights=weights)

    def arranged(self, shape: Shape, layout: Layout) -> Dataset:
        """The same data as images of `shape` (rows, columns, channels), or flat."""
        shape = shape if layout == "image" else (-1,)
        return replace(
            self,
            x_train=self.x_train.reshape(len(self.x_train), *shape),
            x_validation=self.x_validation.reshape(len(self.x_validation), *shape),
        )


def called(names: Names | None, classes: int) -> Names:
    """What classes are called, in the order of their labels: by their numbers where by nothing."""
    return names or tuple(map(str, range(classes)))


def check(split: Message, x: NDArray[Any], t: NDArray[Any], classes: int | None) -> None:
    """Raises DataError where samples x and targets t cannot be learned from."""
    problem = _problem(x, t, classes)
    if problem:
        raise DataError(problem.filled(split=split))


def check_weights(weights: NDArray[Any], samples: int) -> None:
    """Raises DataError unless there is a weight for each sample, none below 0 and some above."""
    fits = weights.shape == (samples,) and weights.dtype.kind in "biuf"
    if not (fits and np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        rule = Message(
            "sample weights must be numbers of 0 or more, one for each of the {n:,} training"
            " samples, and not all 0"
        )
        raise DataError(rule.filled(n=samples).got(kind_of(weights)))


def _problem(x: NDArray[Any], t: NDArray[Any], classes: int | None) -> Message | None:
    """What is wrong with a split, whose name is still to be filled in."""
    if len(x) == 0:
        return Message("the {split} split must hold at least one sample; got none")
    if x[0].size == 0:
        problem = Message(
            "the {split} samples must have at least one feature each; got samples of shape {shape}"
        )
        return problem.filled(shape=str(x.shape[1:]))
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

    def files(self) -> tuple[Path, ...]:
        """The files that `info` reads: while none of them changes, neither does its answer."""
        return ()

    @abstractmethod
    def load(self) -> Dataset:
        """The data. Raises DataError where it cannot be read."""


class FromFile(DatasetSpec):
    """A data set that a file or a folder holds: one of the data directory, or kept elsewhere."""

    reading: Literal["current", "first"] = hyper(
        "current",
        before="first",
        description="How the files are read: as they are now, or as runs did at first, whose"
        " classes were counted from 0 and whose target was the last column.",
    )
    content: str = hyper(
        "",
        before="",
        label="Kept content",
        description="SHA-256 of data that is kept with the database, as the page Data names it;"
        " empty means files of the data directory.",
        pattern=r"^([0-9a-f]{64})?$",
    )

    def info(self) -> DatasetInfo:
        """As any data set's; read once on this machine, and again when a file has changed."""
        every = self.model_copy(update={"train_samples": None})
        as_they_are = "" if self.content else state_of(self._files())
        if as_they_are is None:
            return self._info()
        with self._by_name():
            asked = every.model_dump_json() + as_they_are
            info = known(asked, DatasetInfo, every._info)
        most = self.train_samples
        return replace(info, train_samples=min(info.train_samples, most)) if most else info

    def files(self) -> tuple[Path, ...]:
        """As any data set's; none of kept data, which never changes."""
        return () if self.content else self._files()

    def load(self) -> Dataset:
        with self._by_name(), enough(Message("the data set {name}", name=self._called())):
            return self._load()

    def unused(self) -> tuple[str, ...]:
        """The names of files that seem to be for testing, lie beside those of the data set and are
        not read."""
        try:
            return tuple(self._unused())
        except (LayerlabError, OSError):  # whoever reads the data says what is wrong
            return ()

    @abstractmethod
    def _unused(self) -> Iterable[str]:
        """The same; raises LayerlabError or OSError where the files cannot be looked at."""

    @abstractmethod
    def _called(self) -> str:
        """The name of its file or its folder."""

    def _by_name(self) -> AbstractContextManager[None]:
        return by_name(self.content) if self.content else nullcontext()

    def _place(self, name: str) -> Path:
        """Where a file lies that the data set names."""
        return place_in(self.content, name) if self.content else located(name)

    def _info(self) -> DatasetInfo:
        return self._load().info

    @abstractmethod
    def _files(self) -> tuple[Path, ...]:
        """The files of the data directory that are read."""

    @abstractmethod
    def _load(self) -> Dataset:
        """The data. Raises DataError where it cannot be read."""


class Images(DatasetSpec):
    """A data set of images."""

    layout: Layout = hyper(
        "flat",
        description="Samples as flat vectors, for Dense layers, or as images with channels, for"
        " convolutions.",
    )
