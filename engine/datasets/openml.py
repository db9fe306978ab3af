"""MNIST, Fashion-MNIST and CIFAR-10, fetched once from OpenML by scikit-learn and kept.

scikit-learn verifies the download against OpenML's checksum; what is kept is verified again each
time by its shape. An offline machine uses a folder of IDX files or an NPZ file instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, DatasetInfo, Images
from engine.datasets.directory import cache_directory, data_directory, written_whole
from engine.errors import DataError
from engine.failures import why
from engine.layers.base import Shape
from engine.messages import Message
from engine.spec import hyper


@dataclass(frozen=True)
class Source:
    """A data set on OpenML: its number there, its size, and which samples come first."""

    data_id: int
    title: str
    shape: Shape  # rows, columns, channels
    train: int
    test: int
    megabytes: int  # of the download, about


SOURCES = {
    "mnist": Source(554, "MNIST", (28, 28, 1), 60_000, 10_000, 15),
    "fashion_mnist": Source(40996, "Fashion-MNIST", (28, 28, 1), 60_000, 10_000, 37),
    "cifar_10": Source(40927, "CIFAR-10", (32, 32, 3), 50_000, 10_000, 170),
}
CLASSES = 10


class OpenML(Images):
    """OpenML: MNIST, Fashion-MNIST or CIFAR-10, fetched on first use."""

    kind: Literal["openml"] = "openml"
    name: Literal["mnist", "fashion_mnist", "cifar_10"] = hyper(
        "mnist", label="Data set", description="Which one; fetched once, then kept."
    )

    def info(self) -> DatasetInfo:
        source = SOURCES[self.name]
        shape = source.shape if self.layout == "image" else (int(np.prod(source.shape)),)
        train = min(source.train, self.train_samples or source.train)
        return DatasetInfo(shape, CLASSES, CLASSES, train, source.test)

    def fetched(self) -> bool:
        """Whether it is on this machine."""
        return self._path().exists()

    def _path(self) -> Path:
        """Where it is kept: in the data directory, or in the cache folder where that cannot be
        written to, as where it is mounted into a container."""
        there = data_directory() / "openml" / f"{self.name}.npz"
        if there.exists() or _may_write(there):
            return there
        return cache_directory() / "openml" / there.name

    def load(self) -> Dataset:
        source, path = SOURCES[self.name], self._path()
        if not path.exists():
            _keep(path, *_fetch(source, path.parent))
        x, t = _read(path, source)
        data = Dataset(
            x[: source.train], t[: source.train], x[source.train :], t[source.train :], CLASSES
        )
        return data.arranged(source.shape, self.layout).head(self.train_samples)


def _may_write(path: Path) -> bool:
    """Whether a file can be made there, as far as the rights to its nearest folder tell."""
    folder = next((each for each in path.parents if each.exists()), path.parent)
    return os.access(folder, os.W_OK)


def _fetch(source: Source, folder: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    from sklearn.datasets import fetch_openml

    folder = folder / "downloads"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _progress(source, folder):
            bunch = fetch_openml(
                data_id=source.data_id, data_home=str(folder), as_frame=False, parser="liac-arff"
            )
    except (OSError, ValueError) as error:
        raise DataError(
            Message(
                "{title} cannot be fetched from OpenML: {detail}. On a machine without access, put"
                " its IDX files into a folder below {folder} and use the data set `idx`, or an NPZ"
                " file and `npz`",
                title=source.title,
                detail=why(error),
                folder=data_directory(),
            )
        ) from error
    pixels = np.asarray(bunch.data).astype(np.uint8)
    if source.shape[-1] == 3:  # OpenML keeps the channels first
        pixels = pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    return pixels.reshape(len(pixels), -1), np.asarray(bunch.target).astype(np.int64)


def _keep(path: Path, x: NDArray[np.uint8], t: NDArray[np.int64]) -> None:
    """Write the archive whole or not at all."""
    with written_whole(path) as file:
        np.savez_compressed(file, x=x, t=t)


def _read(path: Path, source: Source) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            x, t = archive["x"], archive["t"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        unread = Message("{path} cannot be read: {detail}; delete it to fetch it again")
        raise DataError(unread.filled(path=path, detail=why(error))) from error
    expected = (source.train + source.test, int(np.prod(source.shape)))
    if x.shape != expected or t.shape != expected[:1]:
        rule = Message("{path} must hold samples {shape}; got {found}; delete it")
        raise DataError(rule.filled(path=path, shape=str(expected), found=str(x.shape)))
    return x, t


@contextmanager
def _progress(source: Source, folder: Path) -> Iterator[None]:
    """A progress bar on stderr, from the size of what has arrived."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns: list[Any] = [TextColumn("{task.description}"), BarColumn(), DownloadColumn()]
    done = Event()
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(f"Fetching {source.title}", total=source.megabytes * 1e6)

        def watch() -> None:
            while not done.wait(0.3):
                progress.update(task, completed=_size(folder))

        watcher = Thread(target=watch, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            done.set()
            watcher.join()


def _size(folder: Path) -> int:
    """Bytes below a folder from which files may vanish at any time."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:
            continue
    return total
