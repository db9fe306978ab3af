"""Arrays in NPZ and NPY files: whatever they are called, and whatever a hostile one announces."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.config import RunConfig
from engine.datasets import NPZ, Dataset
from engine.errors import DataError

X = np.random.default_rng(0).integers(0, 256, (60, 5, 4)).astype(np.uint8)
T = np.arange(60) % 4
X_TEST, T_TEST = X[:20] // 2, T[:20]


def loaded(directory: Path, arrays: dict[str, Any], **choices: Any) -> Dataset:
    np.savez(directory / "data.npz", **arrays)
    return NPZ(**choices).load()


FOUR = {
    "Keras": ("x_train", "y_train", "x_test", "y_test"),
    "scikit-learn": ("X_train", "y_train", "X_test", "y_test"),
    "in words": ("train_images", "train_labels", "test_images", "test_labels"),
    "numbered": ("arr_0", "arr_1", "arr_2", "arr_3"),
    "otherwise": ("a", "b", "c", "d"),
}


@pytest.mark.parametrize("names", FOUR.values(), ids=FOUR)
def test_four_arrays_are_told_apart_by_name_or_shape(
    data_directory: Path, names: tuple[str, ...]
) -> None:
    arrays = dict(zip(names, (X, T, X_TEST, T_TEST), strict=True))
    data = loaded(data_directory, arrays)
    assert_array_equal(data.x_train, X.reshape(60, 20))
    assert_array_equal(data.x_validation, X_TEST.reshape(20, 20))
    assert_array_equal(data.t_train, T)
    assert_array_equal(data.t_validation, T_TEST)
    assert loaded(data_directory, arrays, layout="image").info.sample_shape == (5, 4, 1)


@pytest.mark.parametrize("names", [("x", "y"), ("X", "t"), ("data", "target"), ("arr_0", "arr_1")])
def test_two_arrays_are_shared_out(data_directory: Path, names: tuple[str, str]) -> None:
    data = loaded(data_directory, dict(zip(names, (X, T), strict=True)))
    assert (len(data.x_train), len(data.x_validation), data.classes) == (48, 12, 4)


@pytest.mark.parametrize("suffix", [".npz", ".npy"])
def test_a_file_for_each_array_is_one_data_set(data_directory: Path, suffix: str) -> None:
    save: Callable[..., None] = np.savez if suffix == ".npz" else np.save
    folder = data_directory / "kmnist"
    folder.mkdir()
    for name, array in (
        ("train-imgs", X),
        ("train-labels", T),
        ("test-imgs", X_TEST),
        ("test-labels", T_TEST),
    ):
        save(folder / f"kmnist-{name}{suffix}", array)
    np.save(folder / "other.npy", X)
    data = NPZ(file=f"kmnist/kmnist-train-imgs{suffix}").load()
    assert_array_equal(data.x_train, X.reshape(60, 20))
    assert_array_equal(data.t_validation, T_TEST)


@pytest.mark.parametrize(
    ("t", "names"),
    [
        (2 * (T % 2) - 1, ("-1", "1")),
        (T + 1, ("1", "2", "3", "4")),
        (T * 10**10, ("0", "10000000000", "20000000000", "30000000000")),
        (T.astype(float), ("0", "1", "2", "3")),
        (np.array([*"abcd"])[T], ("a", "b", "c", "d")),
        (np.array([b"ab", b"c"])[T % 2], ("ab", "c")),
        (T % 2 == 1, ("False", "True")),
        (T[:, None], ("0", "1", "2", "3")),
        (np.eye(4)[T], ("0", "1", "2", "3")),
    ],
    ids=range(9),
)
def test_labels_are_classes_by_their_sorted_values(
    data_directory: Path, t: np.ndarray, names: tuple[str, ...]
) -> None:
    assert loaded(data_directory, {"x": X, "y": t}).class_names == names


def test_prices_are_asked_about_or_predicted(data_directory: Path) -> None:
    prices = 10_000 + 37 * np.arange(60)
    with pytest.raises(DataError, match=r"dataset\.task.*60 different whole numbers in 60"):
        loaded(data_directory, {"x": X, "y": prices})
    data = loaded(data_directory, {"x": X, "y": prices}, task="regression")
    assert data.classes is None
    assert set(data.t_train[:, 0]) <= set(prices)


def test_channels_that_stand_first_are_asked_about(data_directory: Path) -> None:
    first = np.random.default_rng(1).random((60, 3, 6, 5))
    with pytest.raises(DataError, match=r"dataset\.channels.*\(3, 6, 5\)"):
        loaded(data_directory, {"x": first, "y": T})
    asked = {"layout": "image", "validation": 0.5}
    data = loaded(data_directory, {"x": first, "y": T}, channels="first", **asked)
    last = loaded(data_directory, {"x": np.moveaxis(first, 1, -1), "y": T}, **asked)
    assert_array_equal(data.x_train, last.x_train)


def member(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


def header(shape: tuple[int, ...], dtype: str = "<f8") -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, {"shape": shape, "fortran_order": False, "descr": dtype}
    )
    return file.getvalue()


def archive(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (archive(x=np.array([{}, {}])), "Python objects, which are never loaded"),
        (archive(x=X, y=T * 1j), "complex numbers"),
        (archive(x=np.array(["2024-01-01"] * 60, "M8[D]"), y=T), "dates"),
        (archive(x=np.zeros((60, 0)), y=T), r"a feature or more; got \(0,\)"),
        (archive(x=X, y=T[:9]), "60 samples but 9 targets"),
        (archive(x=X, y=np.zeros((60, 2, 2))), r"targets must be labels.*\(60, 2, 2\)"),
        (archive(x=np.array(["a"] * 60), y=T), "samples must be numbers.*<U1"),
        (archive(x=X, y=np.full(60, np.nan)), "targets must be finite.*sample 1"),
        (archive(x=X, y=np.ones(60, int)), "two classes or more; all are 1"),
        (archive(p=X, q=X), r"must hold samples x and targets y; it holds p \(60, 5, 4\), q"),
        (archive(x_train=X, y_train=T, x_test=X), "both samples and targets to test on"),
        (archive(x_train=X, y_train=T, x_test=X[:, :2], y_test=T), "validation samples"),
        (member("x.npy", header((10**10, 10**3))), "is cut off: 80,000,000,000,000 bytes"),
        (header((10**10,)) + b"12345678", "is cut off: 80,000,000,000 bytes"),
        (b"<html></html>", "ZIP archive, or is damaged"),
        (archive(x=X, y=T)[:-40], "it may be cut off"),
        (member("x.npy", b"no array"), "it may be cut off"),
        (member("readme.txt", b"hello"), "it holds none"),
    ],
    ids=range(18),
)
def test_each_fault_has_its_sentence(data_directory: Path, content: bytes, says: str) -> None:
    (data_directory / "data.npz").write_bytes(content)
    with pytest.raises(DataError) as caught:
        NPZ().load()
    assert re.search(says, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_bomb_is_refused_before_it_is_unpacked(data_directory: Path) -> None:
    with zipfile.ZipFile(data_directory / "data.npz", "w", zipfile.ZIP_DEFLATED) as file:
        for name in ("x", "y"):
            with file.open(f"{name}.npy", "w", force_zip64=True) as out:
                out.write(header((2**26,)))
    raw = bytearray((data_directory / "data.npz").read_bytes())
    at = raw.index(b"PK\x01\x02")  # the directory says what a member unpacks to
    raw[at + 24 : at + 28] = (2**32 - 2).to_bytes(4, "little")
    (data_directory / "data.npz").write_bytes(raw)
    with pytest.raises(DataError, match=r"unpacks to .* bytes|cut off"):
        NPZ().load()


def test_a_configuration_from_before_means_what_it_meant(data_directory: Path) -> None:
    np.savez(data_directory / "data.npz", x=X, y=1 + T)
    old = {
        "kind": "npz",
        "train_samples": None,
        "layout": "flat",
        "validation": 0.2,
        "file": "data.npz",
    }
    config = RunConfig.parse({"dataset": old, "layers": [{"kind": "dense"}]})
    assert config.dataset.load().classes == 5
    assert NPZ().load().classes == 4
