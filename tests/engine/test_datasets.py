"""The contract that every data set keeps, and scikit-learn's digits."""

from __future__ import annotations

import os
import time
from collections import Counter
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from engine.datasets import CSV, IDX, NPZ, AnyDataset, Dataset, DatasetSpec, Digits
from engine.datasets.holdout import hold_out
from engine.errors import DataError
from engine.spec import family
from tests.engine.idx_files import write_split

SPECS = [spec(**given) for spec in family(AnyDataset) for given in ({}, {"train_samples": 7})]


@pytest.fixture
def mnist(data_directory: Path) -> None:
    x = np.random.default_rng(0).integers(0, 256, (30, 5, 4)).astype(np.uint8)
    write_split(data_directory / "mnist", "train", x, np.arange(30) % 10)


@pytest.fixture
def files(data_directory: Path) -> None:
    """What NPZ, CSV and OpenML read when nothing is said; OpenML's would be fetched once."""
    generator = np.random.default_rng(1)
    labels = np.arange(40) % 4
    np.savez(data_directory / "data.npz", x=generator.standard_normal((40, 6)), y=labels)
    rows = [f"{i},{i * i},{'abc'[i % 3]}" for i in range(30)]
    (data_directory / "data.csv").write_text("\n".join(["p,q,class", *rows]))
    kept = data_directory / "openml" / "mnist.npz"
    kept.parent.mkdir()
    x = np.zeros((70_000, 784), np.uint8)
    np.savez_compressed(kept, x=x, t=np.arange(70_000) % 10)


@pytest.mark.usefixtures("mnist", "files")
@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_a_data_set_is_what_it_announces_and_the_same_each_time(spec: DatasetSpec) -> None:
    data, again = spec.load(), spec.load()
    assert spec.info() == data.info
    assert data.info.train_samples == (spec.train_samples or data.info.train_samples)
    for split in ("train", "validation"):
        x, t = getattr(data, f"x_{split}"), getattr(data, f"t_{split}")
        assert x.shape == (len(t), *data.info.sample_shape)
        assert t.dtype == (np.float64 if data.classes is None else np.int64)
        assert_array_equal(x, getattr(again, f"x_{split}"))


def test_the_digits_are_split_without_overlap_and_with_every_class_in_its_share() -> None:
    whole = Digits().load()
    assert (whole.info.train_samples, whole.info.validation_samples) == (1437, 360)
    assert whole.info.sample_shape == (64,)
    assert whole.classes == 10
    train = {row.tobytes() for row in whole.x_train}
    validation = {row.tobytes() for row in whole.x_validation}
    assert len(train & validation) == 0
    shares = Counter(whole.t_validation.tolist())
    assert all(abs(n / 360 - 0.1) < 0.01 for n in shares.values())


@given(
    t=st.lists(st.integers(0, 2), min_size=2, max_size=100).map(np.array),
    share=st.floats(0.05, 0.5),
    classes=st.sampled_from([3, None]),
)
def test_samples_are_held_out_as_scikit_learn_does(
    t: np.ndarray, share: float, classes: int | None
) -> None:
    """Else a run from before would go on with samples that it had been validated on."""
    from sklearn.model_selection import train_test_split

    held_out, counts = ceil(len(t) * share), np.bincount(t, minlength=3)
    by_label = classes and counts.min() >= 2 and min(held_out, len(t) - held_out) >= classes
    expected = train_test_split(
        np.arange(len(t)), t, test_size=held_out, random_state=0, stratify=t if by_label else None
    )
    targets = t if classes else t[:, np.newaxis].astype(float)
    held = hold_out(np.arange(len(t)).reshape(-1, 1), targets, share, classes=classes)
    found = held.x_train, held.x_validation, held.t_train, held.t_validation
    for ours, theirs in zip(found, expected, strict=True):
        assert_array_equal(ours.ravel(), theirs)


def test_the_digits_are_all_of_scikit_learns() -> None:
    from sklearn.datasets import load_digits

    x, t = load_digits(return_X_y=True)
    whole = Digits().load()
    found = np.concatenate([whole.x_train, whole.x_validation])
    labels = np.concatenate([whole.t_train, whole.t_validation])
    assert Counter(zip(map(bytes, found), labels, strict=True)) == Counter(
        zip(map(bytes, x), t, strict=True)
    )


def test_replicates_share_their_validation_samples_whatever_they_train_on() -> None:
    few, all_of_them = Digits(train_samples=100).load(), Digits().load()
    assert_array_equal(few.x_validation, all_of_them.x_validation)
    assert_array_equal(few.x_train, all_of_them.x_train[:100])


def samples(n: int, **changes: Any) -> dict[str, Any]:
    t = np.zeros(n, np.int64)
    given = {"x_train": np.ones((n, 2)), "t_train": t, "x_validation": np.ones((n, 2))}
    return {**given, "t_validation": t, "classes": 2, **changes}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"x_train": np.empty((0, 2)), "t_train": np.empty(0)}, "at least one sample"),
        ({"x_validation": np.ones((2, 2))}, "2 samples but 3 targets"),
        ({"x_train": np.full((3, 2), np.inf)}, "must be finite"),
        ({"t_validation": np.array([0, 1, 2])}, r"labels must be in 0\.\.1; got 0\.\.2"),
        ({"t_train": np.array([0, -1, 1])}, r"labels must be in 0\.\.1; got -1\.\.1"),
        ({"x_validation": np.ones((3, 5))}, r"shape \(2,\), validation samples \(5,\)"),
    ],
)
def test_data_that_does_not_fit_is_refused(changes: dict[str, Any], rule: str) -> None:
    Dataset(**samples(3))
    with pytest.raises(DataError, match=rule):
        Dataset(**samples(3, **changes))


def test_the_data_directory_is_the_users_own_where_none_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("LAYERLAB_DATA_DIR", raising=False)
    with pytest.raises(DataError, match=r"layerlab.*LAYERLAB_DATA_DIR"):
        IDX(folder="no such folder").info()


def test_shapes_of_a_file_are_read_once_and_again_when_it_changes(
    data_directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each edit of the form would read the file anew, in each process."""
    file = data_directory / "data.csv"

    def written(content: str, *, age: float = 60.0) -> None:
        file.write_text(content)
        os.utime(file, (time.time() - age,) * 2)

    written("p,q,class\n" + "1,2,a\n2,5,b\n" * 20)
    info = CSV().info()
    read = CSV._load
    monkeypatch.setattr(CSV, "_load", lambda self: pytest.fail("it was read again"))
    assert CSV().info() == info
    assert CSV(train_samples=7).info().train_samples == 7
    monkeypatch.setattr(CSV, "_load", read)
    written("p,q,class\n" + "1,2,a\n2,5,c\n" * 20, age=50.0)
    assert CSV().info().class_names == ("a", "c")
    for label in "de":  # within one tick of the clock of a file system
        written("p,q,class\n" + f"1,2,a\n2,5,{label}\n" * 20, age=0.0)
        assert CSV().info().class_names == ("a", label)
    file.unlink()
    with pytest.raises(DataError, match="there is no"):
        CSV().info()


@pytest.mark.parametrize("kind", [IDX, NPZ, CSV])
def test_a_name_that_is_too_long_is_refused_in_a_sentence(kind: Any, data_directory: Path) -> None:
    dataset = kind.model_validate({"folder" if kind is IDX else "file": "x" * 5000})
    for read in (dataset.info, dataset.load):
        with pytest.raises(DataError, match="name is too long"):
            read()
