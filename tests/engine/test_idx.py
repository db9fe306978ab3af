"""IDX folders: read whole, or refused in one sentence whatever the bytes are."""

from __future__ import annotations

import gzip
import shutil
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine.architecture import describe
from engine.config import RunConfig
from engine.datasets import IDX
from engine.errors import DataError, LayerlabError
from tests.engine.idx_files import idx_bytes, write_idx, write_split

X = np.random.default_rng(1).integers(0, 256, (20, 4, 3)).astype(np.uint8)
T = np.arange(20) % 4
FOLDER = "mnist"
NAMES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]


@pytest.fixture
def folder(data_directory: Path) -> Path:
    return data_directory / FOLDER


@contextmanager
def folder_of(images: bytes, labels: bytes, *, suffix: str = "") -> Iterator[Path]:
    """A fresh data directory around these two files, for tests that try many."""
    directory = Path(tempfile.mkdtemp())
    (directory / FOLDER).mkdir()
    for name, content in zip(NAMES, (images, labels), strict=True):
        (directory / FOLDER / f"{name}{suffix}").write_bytes(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERLAB_DATA_DIR", str(directory))
        yield directory
    shutil.rmtree(directory)


def refused(images: bytes, labels: bytes, *, suffix: str = "") -> str:
    """The one sentence with which data that cannot be read is refused."""
    with folder_of(images, labels, suffix=suffix), pytest.raises(DataError) as caught:
        IDX().load()
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_four_files_are_read_plain_or_gzipped(folder: Path, suffix: str) -> None:
    for split, x, t in (("train", X, T), ("t10k", X[:6] // 2, T[:6])):
        write_idx(folder / f"{split}-images-idx3-ubyte{suffix}", x)
        write_idx(folder / f"{split}-labels-idx1-ubyte{suffix}", t.astype(np.uint8))
    data = IDX().load()
    assert_array_equal(data.x_train, X.reshape(20, 12))
    assert_array_equal(data.x_validation, X[:6].reshape(6, 12) // 2)
    assert_array_equal(data.t_train, T)
    assert_array_equal(data.t_validation, T[:6])
    assert (data.classes, data.x_train.dtype) == (4, np.uint8)
    assert IDX().info() == data.info


@pytest.mark.parametrize("code", ["u1", "i1", "i2", "i4", "f4", "f8"])
def test_samples_keep_their_own_type(folder: Path, code: str) -> None:
    x = (X // 3).astype(code)
    write_split(folder, "train", x, T)
    data = IDX(validation=0.5).load()
    assert data.x_train.dtype == np.dtype(code)
    assert_array_equal(data.x_train, x[:10].reshape(10, 12))
    assert_array_equal(data.x_validation, x[10:].reshape(10, 12))


@pytest.mark.parametrize(("share", "held_out"), [(0.01, 1), (0.1, 2), (0.25, 5), (0.5, 10)])
def test_without_t10k_files_the_last_samples_validate(
    folder: Path, share: float, held_out: int
) -> None:
    write_split(folder, "train", X, T)
    spec = IDX(validation=share)
    assert_array_equal(spec.load().t_validation, T[-held_out:])
    assert spec.info() == spec.load().info


def test_fewer_training_samples_are_the_first_and_leave_validation_alone(folder: Path) -> None:
    write_split(folder, "train", X, T)
    data = IDX(train_samples=5).load()
    assert_array_equal(data.t_train, T[:5])
    assert len(data.t_validation) == 2
    assert IDX(train_samples=5).info() == data.info
    assert IDX(train_samples=10**6).info() == IDX().info()


def test_a_class_that_only_validates_is_still_a_class(folder: Path) -> None:
    write_split(folder, "train", X, np.array([*[0] * 19, 1]))
    assert IDX().info() == IDX().load().info
    assert IDX().load().classes == 2


def test_missing_files_are_named_with_the_remedy(folder: Path) -> None:
    for missing in ("train-images", "train-labels"):
        with pytest.raises(DataError, match=rf"{missing}.*LAYERLAB_DATA_DIR"):
            IDX().load()
        write_idx(folder / NAMES[0], X)
    with pytest.raises(DataError, match=r"dataset\.folder"):
        IDX(folder="x" * 5000).info()


@pytest.mark.parametrize("name", ["images", "labels"])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_file_cut_off_at_any_byte_is_refused(name: str, suffix: str) -> None:
    whole = [idx_bytes(X[:3]), idx_bytes(T[:3].astype(np.uint8))]
    files = [gzip.compress(content) for content in whole] if suffix else whole
    at = ["images", "labels"].index(name)
    for end in range(len(files[at])):
        cut = [*files]
        cut[at] = files[at][:end]
        sentence = refused(*cut, suffix=suffix)
        assert NAMES[at] in sentence


LABELS = idx_bytes(T.astype(np.uint8))


@pytest.mark.parametrize(
    ("images", "labels", "rule"),
    [
        (b"\x89PNG\r\n", LABELS, "not an IDX file"),
        (b"\0\0\x07\3" + bytes(20), LABELS, "not an IDX file"),
        (b"\0\0\x08\0", LABELS, "not an IDX file"),
        (b"\0\0\x08\xff" + bytes(2000), LABELS, "not an IDX file"),
        (idx_bytes(X) + b"x", LABELS, "more data than its header says"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 60_000, 28_000, 28_000), LABELS, "announces"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, *[2**32 - 1] * 3), LABELS, "announces"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 60_000, 28, 28), LABELS, "is cut off"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 0, 28, 28), LABELS, "holds no data"),
        (struct.pack(">BBBB3I", 0, 0, 8, 3, 20, 0, 28), LABELS, "holds no data"),
        (idx_bytes(X), idx_bytes(np.zeros(0, np.uint8)), "holds no data"),
        (idx_bytes(X), LABELS[:7] + b"\x13" + LABELS[8:-1], "20 train images but 19 labels"),
        (idx_bytes(X), idx_bytes(np.zeros((20, 2), np.uint8)), "one whole number per sample"),
        (idx_bytes(X), idx_bytes(T.astype(float)), "one whole number per sample"),
        (idx_bytes(X), idx_bytes(T.astype(np.uint8) * 0), "two classes or more; all are 0"),
        (idx_bytes(np.full((20, 2), np.nan)), LABELS, "must be finite"),
        (idx_bytes(X[:1]), idx_bytes(np.zeros(1, np.uint8)), "at least two samples"),
    ],
    ids=range(17),
)
def test_each_fault_has_its_sentence(images: bytes, labels: bytes, rule: str) -> None:
    assert rule in refused(images, labels)


NAMINGS = {
    "MNIST": ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"),
    "dots": ("train-images.idx3-ubyte", "t10k-images.idx3-ubyte"),
    "test for t10k": ("train-images-idx3-ubyte", "test-images-idx3-ubyte"),
    "EMNIST": (
        "emnist-letters-train-images-idx3-ubyte.gz",
        "emnist-letters-test-images-idx3-ubyte.gz",
    ),
}


@pytest.mark.parametrize("names", NAMINGS.values(), ids=NAMINGS)
@pytest.mark.parametrize("packed", [False, True])
def test_files_are_found_by_any_of_their_names_and_unpacked_by_what_they_are(
    folder: Path, names: tuple[str, str], packed: bool
) -> None:
    folder.mkdir()
    for name, x, t in zip(names, (X, X[:8]), (T, T[:8]), strict=True):
        for content, array in (("images", x), ("labels", 1 + t.astype(np.uint8))):
            data = idx_bytes(array)
            path = folder / name.replace("images", content).replace("idx3", f"idx{array.ndim}")
            path.write_bytes(gzip.compress(data) if packed else data)
    data = IDX().load()
    assert (len(data.x_train), len(data.x_validation)) == (20, 8)
    assert data.class_names == ("1", "2", "3", "4")
    assert IDX().info() == data.info


def test_of_several_data_sets_in_a_folder_one_is_chosen(folder: Path) -> None:
    for prefix, t in (("emnist-letters", T), ("emnist-digits", T % 2)):
        write_split(folder, f"{prefix}-train", X, t)
    with pytest.raises(DataError, match=r"dataset\.prefix.*emnist-digits, emnist-letters"):
        IDX().load()
    assert IDX(prefix="emnist-digits").load().classes == 2


def test_test_images_without_labels_are_told(folder: Path) -> None:
    """Else they would be left unused in silence."""
    write_split(folder, "train", X, T)
    write_idx(folder / "t10k-images-idx3-ubyte", X)
    with pytest.raises(DataError, match="t10k-labels"):
        IDX().load()


def test_a_configuration_from_before_counts_its_classes_from_zero(folder: Path) -> None:
    write_split(folder, "train", X, 1 + T)
    old = {"train_samples": None, "layout": "flat", "folder": FOLDER, "validation": 0.1}
    assert IDX.model_validate({"kind": "idx", **old}).load().classes == 5
    assert IDX(folder=FOLDER).load().classes == 4


def test_images_of_two_sizes_are_refused(folder: Path) -> None:
    write_split(folder, "train", X, T)
    write_split(folder, "t10k", X[:, :3], T)
    with pytest.raises(DataError, match=r"shape \(4, 3\), validation samples \(3, 3\)"):
        IDX().load()


def test_a_directory_in_place_of_a_file_is_refused(folder: Path) -> None:
    write_split(folder, "train", X, T)
    (folder / "t10k-images-idx3-ubyte").mkdir()
    write_idx(folder / "t10k-labels-idx1-ubyte", T.astype(np.uint8))
    with pytest.raises(DataError, match="cannot be read"):
        IDX().info()


VALID = [idx_bytes(X), LABELS]
CONFIG: dict[str, Any] = {"layers": [{"kind": "dense", "units": 4}], "dataset": {"kind": "idx"}}


@st.composite
def mangled(draw: st.DrawFn, content: bytes) -> bytes:
    """A file with some bytes replaced, most often in its header, and cut or grown."""
    changed = bytearray(content)
    for _ in range(draw(st.integers(0, 3))):
        changed[draw(st.integers(0, 18) | st.integers(0, len(content) - 1))] = draw(
            st.integers(0, 255)
        )
    end = draw(st.just(len(content)) | st.integers(0, len(content)))
    return bytes(changed[:end]) + draw(st.binary(max_size=4))


@settings(max_examples=150)
@given(
    images=mangled(VALID[0]) | st.binary(max_size=40),
    labels=mangled(VALID[1]),
    suffix=st.sampled_from(["", ".gz"]),
    gzipped=st.booleans(),
)
@example(images=VALID[0], labels=VALID[1], suffix="", gzipped=False)
@example(images=gzip.compress(VALID[0])[:-9], labels=VALID[1], suffix=".gz", gzipped=False)
def test_whatever_the_bytes_the_answer_is_data_or_one_clear_error(
    images: bytes, labels: bytes, suffix: str, gzipped: bool
) -> None:
    pack = gzip.compress if gzipped else bytes
    with folder_of(pack(images), pack(labels), suffix=suffix):
        message, data = "", None
        try:
            describe(RunConfig.parse(CONFIG))
            data = IDX().load()
        except LayerlabError as error:
            message = str(error)
        assert (data is None) == bool(message)
        assert "\n" not in message
        if data is not None:
            assert data.info == IDX().info()
            assert len(data.x_train) == len(data.t_train) > 0
