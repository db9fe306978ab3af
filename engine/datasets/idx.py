"""A folder of IDX files, the format of MNIST and of the data sets that followed it.

The folder holds `train-images-idx3-ubyte` and `train-labels-idx1-ubyte`, plain or gzipped; where it
also holds `t10k-...`, those are the validation split, else the last training samples are.
"""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets import idx_file
from engine.datasets.base import Dataset, DatasetInfo, Images, kind_of
from engine.datasets.directory import BelowDataDirectory, data_directory
from engine.errors import DataError
from engine.failures import why
from engine.layers.base import Shape
from engine.messages import Message
from engine.spec import hyper


class IDX(Images):
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

    def info(self) -> DatasetInfo:
        shape, n_train, n_validation = self._sizes()
        classes = _classes(self._labels("train"))
        return DatasetInfo(
            shape if self.layout == "image" else (prod(shape),),
            classes,
            classes,
            min(n_train, self.train_samples or n_train),
            n_validation,
        )

    def _sizes(self) -> tuple[Shape, int, int]:
        """The shape of an image, and how many train and validate."""
        _, (n, *axes) = idx_file.header(self._file("train", "images"))
        shape = _with_channels(tuple(axes))
        if self._has_t10k():
            return shape, n, idx_file.header(self._file("t10k", "images"))[1][0]
        held_out = self._held_out(n)
        return shape, n - held_out, held_out

    def load(self) -> Dataset:
        x, t = self._split("train")
        classes = _classes(t)
        if self._has_t10k():
            x_validation, t_validation = self._split("t10k")
        else:
            held_out = self._held_out(len(x))
            x, x_validation = x[:-held_out], x[-held_out:]
            t, t_validation = t[:-held_out], t[-held_out:]
        data = Dataset(x, t, x_validation, t_validation, classes)
        return data.arranged(_with_channels(x.shape[1:]), self.layout).head(self.train_samples)

    def _held_out(self, n: int) -> int:
        if n < 2:
            raise DataError(Message("`dataset.folder` must hold at least two samples").got(n))
        return max(1, round(n * self.validation))

    def _has_t10k(self) -> bool:
        return any(data_directory().joinpath(self.folder).glob("t10k-images-idx*"))

    def _split(self, name: str) -> tuple[NDArray[Any], NDArray[np.int64]]:
        images, labels = idx_file.read(self._file(name, "images")), self._labels(name)
        if len(images) != len(labels):
            uneven = Message("`dataset.folder` holds {images} {split} images but {labels} labels")
            found = {"images": len(images), "labels": len(labels)}
            raise DataError(uneven.filled(**found, split=name))
        return images, labels

    def _labels(self, split: str) -> NDArray[np.int64]:
        path = self._file(split, "labels")
        labels = idx_file.read(path)
        if labels.ndim != 1 or labels.dtype.kind == "f":
            rule = Message("{path} must hold one whole number per sample", path=path)
            raise DataError(rule.got(kind_of(labels)))
        return labels.astype(np.int64)

    def _file(self, split: str, content: str) -> Path:
        folder = data_directory() / self.folder
        try:
            found = sorted(folder.glob(f"{split}-{content}-idx*"))
        except OSError as error:
            unread = Message("`dataset.folder` cannot be read: {detail}", detail=why(error))
            raise DataError(unread) from error
        if not found:
            rule = Message(
                "`dataset.folder` must hold {files}; none in {folder} (set LAYERLAB_DATA_DIR to the"
                " folder above it)"
            )
            files = f"{split}-{content}-idx*-ubyte[.gz]"
            raise DataError(rule.filled(files=files, folder=folder))
        return found[0]


def _classes(labels: NDArray[np.int64]) -> int:
    return int(labels.max()) + 1


def _with_channels(shape: Shape) -> Shape:
    """The shape of an image with its channels last: IDX images of two axes have one."""
    return (*shape, 1) if len(shape) == 2 else shape
