"""What is known of a data set's files is read once, and again when they change."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboard.reads.store import dataset_info
from engine.datasets import CSV, IDX, NPZ, Dataset
from engine.errors import DataError


def test_a_file_is_read_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit of the launch form asks for the shapes of its data each time."""
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    reads = []
    load = CSV._load

    def counted(dataset: CSV) -> Dataset:
        reads.append(dataset)
        return load(dataset)

    monkeypatch.setattr(CSV, "_load", counted)
    data = CSV(file="flowers.csv", target="kind")
    with pytest.raises(DataError):
        dataset_info(data)
    (tmp_path / "flowers.csv").write_text("a,kind\n1.5,0\n0.2,1\n1.7,0\n0.4,1\n1.1,0\n")
    assert [dataset_info(data).sample_shape for _ in range(3)] == [(1,)] * 3
    assert len(reads) == 2, "the attempt that failed, and one"
    (tmp_path / "flowers.csv").write_text(
        "a,b,kind\n1.5,2.5,0\n0.2,0.1,1\n1.7,2.2,0\n0.4,0.3,1\n1.1,2,0\n"
    )
    assert dataset_info(data).sample_shape == (2,)
    assert len(reads) == 3


def test_a_data_set_names_the_files_that_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    assert CSV(file="a.csv").files() == (tmp_path / "a.csv",)
    assert NPZ(file="a.npz").files() == (tmp_path / "a.npz",)
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist" / "train-labels-idx1-ubyte").touch()
    assert IDX().files() == (tmp_path / "mnist" / "train-labels-idx1-ubyte",)
