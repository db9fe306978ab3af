"""A folder of IDX files, the format of MNIST and of the data sets that followed it.

The folder holds images and labels to train on and, where they are there, to validate with; else the
last training samples validate. Their names are those of any of these data sets and unpackers:
`train-images-idx3-ubyte`, `train-images.idx3-ubyte`, `emnist-letters-test-labels-idx1-ubyte.gz`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets import idx_file
from engine.datasets.base import Dataset, DatasetInfo, FromFile, Images, kind_of
from engine.datasets.directory import BelowDataDirectory, located
from engine.datasets.kept import brought
from engine.datasets.roles import says_test
from engine.datasets.targets import Targets, targets_of
from engine.errors import DataError, nearest
from engine.failures import why
from engine.layers.base import Shape
from engine.messages import Message
from engine.spec import hyper

_NAME = re.compile(
    r"(?:(?P<prefix>.+)[-_.])?(?P<split>train|t10k|test)[-_.](?P<content>images|labels)[-_.]idx.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Pair:
    """The files of a split's images and labels."""

    images: Path
    labels: Path


class IDX(Images, FromFile):
    """IDX files: a folder of images and labels in MNIST's own format."""

    kind: Literal["idx"] = "idx"
    folder: BelowDataDirectory = hyper(
        "mnist", description="Folder below the data directory that holds the four files."
    )
    validation: float = hyper(
        0.1,
        label="Validation share",
        description="Share kept for validation where the folder has no t10k files.",
        ge=0.01,
        le=0.5,
    )
    prefix: str = hyper(
        "",
        before="",
        description="What the names of the files begin with, where the folder holds several data"
        " sets: emnist-letters.",
        max_length=200,
    )

    def _info(self) -> DatasetInfo:
        train, test = self._pairs()
        _, (n, *axes) = idx_file.header(train.images)
        shape = _with_channels(tuple(axes))
        held_out = idx_file.header(test.images)[1][0] if test else self._held_out(n)
        n = n if test else n - held_out
        targets = self._targets(_labels(train), _labels(test) if test else None)
        return DatasetInfo(
            shape if self.layout == "image" else (prod(shape),),
            targets.classes,
            targets.classes or 0,
            min(n, self.train_samples or n),
            held_out,
            targets.class_names,
        )

    def _unused(self) -> Iterable[str]:
        _train, test = self._pairs()
        if test:
            return ()
        names = self._names()
        known = {name: match for name in names if (match := _NAME.fullmatch(name))}
        others = {match["prefix"] for match in known.values() if _is_train(match)}
        return (
            name
            for name in names
            if says_test(name) and not (name in known and known[name]["prefix"] in others)
        )

    def _called(self) -> str:
        return self.folder

    def _files(self) -> tuple[Path, ...]:
        folder = self._folder()
        return tuple(folder / name for name in self._names() if _NAME.fullmatch(name))

    def _load(self) -> Dataset:
        train, test = self._pairs()
        x, t = _split("train", train)
        held = _split("t10k", test) if test else None
        if held:
            x_validation = held[0]
        else:
            held_out = self._held_out(len(x))
            x, x_validation = x[:-held_out], x[-held_out:]
        targets = self._targets(t, held[1] if held else None)
        t, t_validation = np.split(targets.t, [len(x)])
        data = Dataset(
            *(x, t, x_validation, t_validation, targets.classes), class_names=targets.class_names
        )
        return data.arranged(_with_channels(x.shape[1:]), self.layout).head(self.train_samples)

    def _folder(self) -> Path:
        return brought(self.content) if self.content else located(self.folder)

    def _held_out(self, n: int) -> int:
        if n < 2:
            raise DataError(Message("`dataset.folder` must hold at least two samples").got(n))
        return max(1, round(n * self.validation))

    def _targets(self, train: NDArray[np.int64], test: NDArray[np.int64] | None) -> Targets:
        labels = train if test is None else np.concatenate([train, test])
        if self.reading == "first":
            return Targets(labels, int(train.max()) + 1)
        return targets_of(labels, "classification")

    def _pairs(self) -> tuple[Pair, Pair | None]:
        """The files to train on, and those to validate with where there are any of them."""
        found = self._found()
        test = {content: found.get(("test", content)) for content in ("images", "labels")}
        train = Pair(self._one(found, "train", "images"), self._one(found, "train", "labels"))
        if not any(test.values()):
            return train, None
        return train, Pair(self._one(found, "test", "images"), self._one(found, "test", "labels"))

    def _one(self, found: dict[tuple[str, str], Path], split: str, content: str) -> Path:
        if (split, content) not in found:
            rule = Message(
                "`dataset.folder` must hold {files}; none in {folder} (set LAYERLAB_DATA_DIR to the"
                " folder above it)"
            )
            name = "t10k" if split == "test" else split
            files = f"{name}-{content}-idx*-ubyte[.gz]"
            raise DataError(rule.filled(files=files, folder=self._folder()))
        return found[split, content]

    def _found(self) -> dict[tuple[str, str], Path]:
        """The files of the folder by what they hold, of the one data set that is meant."""
        folder = self._folder()
        known = [match for name in self._names() if (match := _NAME.fullmatch(name))]
        prefix = self._prefix({match["prefix"] or "" for match in known})
        found: dict[tuple[str, str], Path] = {}
        for match in known:
            if (match["prefix"] or "") == prefix:
                split = "train" if _is_train(match) else "test"
                name = match.string
                path = folder / name if self.content else located(f"{self.folder}/{name}")
                found.setdefault((split, match["content"].lower()), path)
        return found

    def _names(self) -> list[str]:
        """The names of what the folder holds; none where there is no such folder."""
        folder = self._folder()
        try:
            return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []
        except OSError as error:
            unread = Message("`dataset.folder` cannot be read: {detail}", detail=why(error))
            raise DataError(unread) from error

    def _prefix(self, there: set[str]) -> str:
        """What the names of the files begin with; raises DataError where that is to be chosen."""
        if self.prefix or not there:
            return self.prefix.rstrip("-_.")
        if len(there) > 1 and "" not in there:
            rule = Message("`dataset.prefix` must choose one of the data sets in {folder}")
            raise DataError(rule.filled(folder=self._folder()).then(nearest("", there)))
        return "" if "" in there else there.pop()


def _is_train(name: re.Match[str]) -> bool:
    return name["split"].lower() == "train"


def _split(name: str, files: Pair) -> tuple[NDArray[Any], NDArray[np.int64]]:
    images, labels = idx_file.read(files.images), _labels(files)
    if len(images) != len(labels):
        uneven = Message("`dataset.folder` holds {images} {split} images but {labels} labels")
        found = {"images": len(images), "labels": len(labels)}
        raise DataError(uneven.filled(**found, split=name))
    return images, labels


def _labels(files: Pair) -> NDArray[np.int64]:
    labels = idx_file.read(files.labels)
    if labels.ndim != 1 or labels.dtype.kind == "f":
        rule = Message("{path} must hold one whole number per sample", path=files.labels)
        raise DataError(rule.got(kind_of(labels)))
    return labels.astype(np.int64)


def _with_channels(shape: Shape) -> Shape:
    """The shape of an image with its channels last: IDX images of two axes have one."""
    return (*shape, 1) if len(shape) == 2 else shape
