"""The lessons are measured on MNIST, too, where its four files are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks.lessons.__main__ import mnist, on
from engine.datasets import Digits
from engine.lessons.arms import Brief, Trained
from engine.lessons.ours import LESSONS
from tests.engine.idx_files import write_split

TRAIN, TEST = 400, 100


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few images of MNIST's shape, in MNIST's files: scikit-learn's digits, enlarged."""
    data = Digits(layout="image").load()
    x = np.kron(data.x_train[: TRAIN + TEST, :, :, 0], np.ones((1, 3, 3)))
    images = (np.pad(x, ((0, 0), (2, 2), (2, 2))) * 255 / x.max()).astype(np.uint8)
    labels = data.t_train[: TRAIN + TEST]
    folder = tmp_path_factory.mktemp("files") / "mnist"
    write_split(folder, "train", images[:TRAIN], labels[:TRAIN])
    write_split(folder, "t10k", images[TRAIN:], labels[TRAIN:])
    return folder


def test_the_lessons_on_digits_run_on_mnists_files(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "rows.json"
    command = [sys.executable, "-m", "benchmarks.lessons", "init", "bell"]
    options = ["--seeds", "1", "--workers", "1", "--json", str(out), "--data", str(folder)]
    done = subprocess.run(
        command + options, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    written = json.loads(out.read_text())
    assert written["setting"]["data"] == str(folder)
    rows = {row["lesson"]: row for row in written["rows"]}
    assert rows.keys() == {"init", "bell"}
    assert (rows["init"]["n"], rows["init"]["verdict"]) == (1, "too_few")
    assert all(np.isfinite(mean) for row in rows.values() for mean in row["means"].values())
    losses = rows["init"]["means"]
    assert losses["He"] < losses["std 0.01"], "the images are learned from"


def test_every_lesson_on_digits_takes_the_images_in_their_place(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", "elsewhere")
    images = mnist(str(folder))
    assert images.info().sample_shape == (784,)
    for lesson in LESSONS:
        for before, after in zip(lesson.arms, on(images, lesson).arms, strict=True):
            if not isinstance(before, Trained | Brief):
                assert after == before
                continue
            assert isinstance(after, Trained | Brief)
            old, new = before.config.dataset, after.config.dataset
            if not isinstance(old, Digits):
                assert new == old
                continue
            assert new.kind == "idx"
            assert (new.layout, new.train_samples) == (old.layout, old.train_samples)


def test_a_folder_without_the_files_is_a_sentence(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.lessons", "bell", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2
    assert "must hold" in done.stderr
    assert "Traceback" not in done.stderr
