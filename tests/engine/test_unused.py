"""Test files that lie beside a data set's own and are not read are told, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.datasets import CSV, IDX, NPZ
from engine.datasets.base import FromFile
from engine.datasets.found import found
from engine.datasets.preview import preview
from tests.engine.idx_files import write_split

TABLE = "a,b,label\n" + "".join(f"{i % 7},{i % 3},{'xy'[i % 2]}\n" for i in range(40))
X, T = np.arange(240, dtype=np.uint8).reshape(20, 4, 3), np.arange(20) % 4
IMAGES = ("images-idx3", "labels-idx1-ubyte")


@pytest.mark.parametrize(
    ("files", "dataset", "unused"),
    [
        (("train.csv", "test.csv"), CSV(file="train.csv"), ("test.csv",)),
        (("iris.csv", "iris-test.tsv.gz"), CSV(file="iris.csv"), ("iris-test.tsv.gz",)),
        (("mnist_train.csv", "mnist_test.csv"), CSV(file="mnist_train.csv"), ("mnist_test.csv",)),
        (("train.csv", "test.csv"), CSV(file="test.csv"), ("train.csv",)),
        (("train.csv", "test.csv"), CSV(file="train.csv", test_file="test.csv"), ()),
        (("iris.csv", "wine.csv", "wine-test.csv"), CSV(file="iris.csv"), ()),
        (("iris.csv", "iris-test.md", "iris-test.npz"), CSV(file="iris.csv"), ()),
        (("gone-test.csv",), CSV(file="gone/gone.csv"), ()),
    ],
    ids=str,
)
def test_the_other_table_is_told(
    files: tuple[str, ...], dataset: FromFile, unused: tuple[str, ...], data_directory: Path
) -> None:
    for name in files:
        (data_directory / name).write_text(TABLE)
    assert dataset.unused() == unused


def test_arrays_with_targets_of_their_own_leave_the_other_file_alone(data_directory: Path) -> None:
    for name in ("train.npz", "test.npz"):
        np.savez(data_directory / name, x=X, y=T)
    for name, values in (("k-train-x.npy", X), ("k-train-y.npy", T), ("k-test-x.npy", X)):
        np.save(data_directory / name, values)
    assert NPZ(file="train.npz").unused() == ("test.npz",)
    assert NPZ(file="k-train-x.npy").unused() == (), "which is read with it"
    assert [each.name for each in found()] == ["k-train-x.npy", "train.npz"]


def test_images_to_test_on_under_another_name_are_told(data_directory: Path) -> None:
    folder = data_directory / "mnist"
    write_split(folder, "train", X, T)
    assert IDX().unused() == ()
    write_split(folder, "fashion-t10k", X, T)
    assert IDX().unused() == tuple(f"fashion-t10k-{each}" for each in IMAGES)
    write_split(folder, "fashion-train", X, T)
    assert IDX().unused() == (), "those belong to another data set"
    write_split(folder, "t10k", X, T)
    assert IDX().unused() == ()


def test_it_is_said_where_the_data_are_previewed(data_directory: Path) -> None:
    for name in ("train.csv", "test.csv"):
        (data_directory / name).write_text(TABLE)
    said = "not used, though beside what is read: test.csv; `dataset.test_file` names a table"
    assert str(preview(CSV(file="train.csv")).unused).startswith(said)
    assert preview(CSV(file="train.csv", test_file="test.csv")).unused is None
