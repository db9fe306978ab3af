"""What needs more memory than there is ends in one sentence, before the machine is brought down."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.config import RunConfig
from engine.datasets import AnyDataset, Digits, Noise
from engine.datasets.generated import Generated
from engine.layers import Dense
from engine.memory import VARIABLE, TooLargeError, enough, most
from engine.messages import Message
from engine.records import MemoryRecorder
from engine.spec import family
from engine.training import train
from tests.engine.idx_files import write_idx

SMALL = {"digits", "diabetes", "openml"}
"""Data sets of one size, which is small or known."""


@pytest.fixture
def little(data_directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A megabyte, and files that need more."""
    monkeypatch.setenv(VARIABLE, "1")
    np.savez(data_directory / "data.npz", x=np.zeros((100, 1000)), y=np.arange(100) % 2)
    (data_directory / "data.csv").write_text("a,b,label\n" + "1.5,2,x\n2,1,y\n" * 20_000)
    folder = data_directory / "mnist"
    write_idx(folder / "train-images-idx3-ubyte", np.zeros((1000, 28, 28), np.uint8))
    write_idx(folder / "train-labels-idx1-ubyte", np.arange(1000).astype(np.uint8))
    return data_directory


@pytest.mark.usefixtures("little")
@pytest.mark.parametrize(
    "kind", [each for each in family(AnyDataset) if each.kind_name() not in SMALL]
)
def test_a_data_set_that_is_too_large_is_refused(kind: Any) -> None:
    dataset = kind(samples=100_000) if issubclass(kind, Generated) else kind()
    with pytest.raises(TooLargeError, match=r"about [\d.]+ GB of memory; at most 0.0 GB .*_MB"):
        dataset.load()


def test_a_link_to_a_huge_data_set_costs_nothing() -> None:
    """Its page asks for shapes alone; drawing it would take a million gigabytes."""
    huge = Noise(samples=1_000_000, shape=(4096, 4096, 4))
    assert huge.info().sample_shape == (4096, 4096, 4)
    assert huge.info().train_samples == 800_000


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"dataset": Noise(samples=2_000, shape=(100,))}, "the data set Noise would take"),
        ({"dataset": Digits()}, "the scaled samples would take"),
        (
            {"dataset": Noise(samples=40), "layers": (Dense(units=1000), Dense(units=10))},
            "the network and the state of its optimizer would take",
        ),
    ],
    ids=str,
)
def test_a_run_that_is_too_large_does_not_begin(
    changes: Any, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "1")
    config = RunConfig(layers=(Dense(units=10),)).model_copy(update=changes)
    with pytest.raises(TooLargeError, match=says):
        train(config, MemoryRecorder())


def test_an_allocation_that_fails_all_the_same_is_a_sentence() -> None:
    with (
        pytest.raises(
            TooLargeError, match=r"not enough memory for training: .*1\.00 PiB"
        ) as caught,
        enough(Message("training")),
    ):
        np.empty(2**47)
    assert "\n" not in str(caught.value)


def test_the_most_is_what_the_setting_says_and_else_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(VARIABLE, "3000")
    assert most() == 3_000_000_000
    for nothing in ("", "0", "much"):
        monkeypatch.setenv(VARIABLE, nothing)
        assert (most() or 2**40) > 2**27
