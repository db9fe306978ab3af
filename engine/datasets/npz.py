"""Arrays as NumPy writes them: an NPZ file, an NPY file beside others, or a folder of these.

What they are called does not matter where it is plain: `x_train`, `y_train`, `x_test`, `y_test`;
`x` and `y`, of which a share is held out; `arr_0` and `arr_1`; a file for each array.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.arrays import Arrays, arrays_in, read_arrays
from engine.datasets.base import Dataset, FromFile, Images, check_weights
from engine.datasets.directory import BelowDataDirectory, data_directory, located, reading
from engine.datasets.holdout import HeldOut, split_rows
from engine.datasets.kept import place_in
from engine.datasets.roles import other_split, roles_of, siblings
from engine.datasets.targets import Targets, Task, targets_of
from engine.errors import DataError
from engine.messages import Message, verbatim
from engine.spec import hyper

_CHANNELS = (1, 3, 4)


class NPZ(HeldOut, Images, FromFile):
    """NPZ file: arrays x and y, or x_train, y_train, x_test and y_test."""

    kind: Literal["npz"] = "npz"
    file: BelowDataDirectory = hyper(
        "data.npz",
        description="File below the data directory, as numpy.savez or numpy.save writes it, or a"
        " folder of such files.",
    )
    task: Task = hyper(
        "auto",
        before="auto",
        description="Whether the target is a class or a number; auto looks at it.",
    )
    channels: Literal["auto", "last", "first"] = hyper(
        "auto",
        before="last",
        description="Where the channels of an image stand among its axes; auto asks where they seem"
        " to stand first.",
    )

    def _unused(self) -> Iterable[str]:
        path = self._path()
        if path.is_dir() or arrays_in(path) < 2:
            return ()  # its siblings are read
        return (each.name for each in other_split(path))

    def _called(self) -> str:
        return self.file

    def _files(self) -> tuple[Path, ...]:
        path = located(self.file)
        with reading(path):
            return tuple(siblings(path)) if path.exists() else (path,)

    def _load(self) -> Dataset:
        arrays = self._arrays()
        roles = roles_of(self._path(), arrays)
        test_x, test_t = roles.test or (roles.x[:0], roles.t[:0])
        x, t = [roles.x, test_x], [roles.t, test_t]
        for samples, values in zip(x, t, strict=True):
            _check(samples, values)
        _check_alike(*x)
        _check_alike(*t)
        targets = self._targets(np.concatenate(t))
        weights = None if self.reading == "first" else roles.weights
        if weights is not None:
            check_weights(weights, len(roles.x))
        if roles.test is None:
            train, held = split_rows(targets.t, self.validation, classes=targets.classes)
            x = [roles.x[train], roles.x[held]]
            t = [targets.t[train], targets.t[held]]
            weights = None if weights is None else weights[train]
        else:
            t = np.split(targets.t, [len(roles.t)])
        data = self._dataset(self._channels_last(x[0]), self._channels_last(x[1]), t, targets)
        return replace(data, weights=weights).head(self.train_samples)

    def _dataset(
        self,
        x: NDArray[Any],
        x_validation: NDArray[Any],
        t: list[NDArray[Any]],
        targets: Targets,
    ) -> Dataset:
        data = Dataset(
            *(x, t[0], x_validation, t[1], targets.classes),
            class_names=targets.class_names,
            alike=x.ndim > 2 or x.dtype.kind != "f",
        )
        return data.arranged(x.shape[1:] if x.ndim > 3 else (*x.shape[1:], 1), self.layout)

    def _arrays(self) -> Arrays:
        """The arrays of the file; of its siblings too where it holds a single one."""
        path = self._path()
        with reading(path):
            arrays = {} if path.is_dir() else read_arrays(path)
        if len(arrays) > 1:
            return arrays
        found: Arrays = {}
        for file in siblings(path):
            if not self.content:
                file = located(str(file.relative_to(data_directory())))
            here = read_arrays(file)
            alone = len(here) == 1
            found |= {file.stem if alone else f"{file.stem} {n}": a for n, a in here.items()}
        return found

    def _path(self) -> Path:
        """The file or the folder; of kept data that of several files."""
        if not self.content:
            return located(self.file)
        path = place_in(self.content, self.file)
        return path if len(list(path.parent.iterdir())) == 1 else path.parent

    def _targets(self, t: NDArray[Any]) -> Targets:
        return _first_targets(t) if self.reading == "first" else targets_of(t, self.task)

    def _channels_last(self, x: NDArray[Any]) -> NDArray[Any]:
        if x.ndim != 4 or self.channels == "last":
            return x
        seems_first = x.shape[1] in _CHANNELS and x.shape[-1] not in _CHANNELS
        if self.channels == "auto" and seems_first:
            rule = Message(
                "`dataset.channels` must be first or last: samples of shape {shape} look like"
                " images whose channels stand first"
            )
            raise DataError(rule.filled(shape=str(x.shape[1:])))
        return np.moveaxis(x, 1, -1) if self.channels == "first" else x


def _first_targets(t: NDArray[Any]) -> Targets:
    """Targets as they were read at first: whole numbers are labels counted from 0."""
    t = t.reshape(-1) if t.shape[1:] == (1,) else t
    if t.ndim == 1 and np.issubdtype(t.dtype, np.integer):
        return Targets(t.astype(np.int64), 1 + int(t.max(initial=0)))
    return Targets(t.reshape(len(t), -1).astype(np.float64))


def _check(x: NDArray[Any], t: NDArray[Any]) -> None:
    if x.dtype.kind not in "biuf" or x.ndim == 0:
        rule = Message("samples must be numbers, one row per sample")
        raise DataError(rule.got(verbatim(str(x.dtype))))
    if 0 in x.shape[1:]:
        raise DataError(Message("samples must have a feature or more").got(x.shape[1:]))
    if t.ndim == 0 or len(x) != len(t):
        uneven = Message("there are {samples} samples but {targets} targets")
        raise DataError(uneven.filled(samples=len(x), targets=t.size if t.ndim == 0 else len(t)))


def _check_alike(train: NDArray[Any], test: NDArray[Any]) -> None:
    if train.shape[1:] != test.shape[1:]:
        rule = Message("train samples have shape {train}, validation samples {validation}")
        found = {"train": str(train.shape[1:]), "validation": str(test.shape[1:])}
        raise DataError(rule.filled(**found))
