"""What a run keeps of its data: enough to predict without them, and to know them again."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.analyses.inspection import inspect_batch_norm
from engine.branching import branched
from engine.config import RunConfig
from engine.datasets import CSV, Digits, Moons
from engine.errors import DataError
from engine.layers import BatchNorm, Dense, ReLU
from engine.losses import MeanSquaredError
from engine.model import model_of
from engine.records import Checkpoint, MemoryRecorder
from engine.remaking import trained_again
from engine.samples import kept_of, load_samples
from engine.scaling import ZScore
from engine.trained_on import DataChangedError, TrainedOn, fingerprint_of, read_trained_on
from engine.training import train
from tests.engine.build import plain

CLASSES = "acid,sugar,quality\n" + "".join(
    f"{i / 8},{40 - i},{('bad', 'good')[i % 3 == 0]}\n" for i in range(40)
)
NUMBERS = "acid,sugar,price\n" + "".join(f"{i / 8},{40 - i},{i * 3.5}\n" for i in range(40))


def config(**changes: Any) -> RunConfig:
    given: dict[str, Any] = {
        "dataset": CSV(),
        "scaling": ZScore(),
        "layers": (Dense(units=4), BatchNorm(), ReLU(), Dense(units=2)),
        "batch_size": 8,
        "epochs": 2,
        "backend": "numpy",
    }
    return RunConfig(**given | changes)


def trained(config: RunConfig) -> Checkpoint:
    recorder = MemoryRecorder()
    train(config, recorder)
    return recorder.checkpoints[-1]


@pytest.fixture
def file(data_directory: Path) -> Path:
    path = data_directory / "data.csv"
    path.write_text(CLASSES)
    return path


def test_data_are_known_by_their_numbers_not_by_how_they_are_packed(file: Path) -> None:
    before = fingerprint_of(CSV().load())
    file.write_bytes(gzip.compress(CLASSES.replace(",", ";").encode("utf-16")))
    assert fingerprint_of(CSV().load()) == before
    file.write_text(CLASSES.replace("40,bad", "41,bad").replace("40,good", "41,good"))
    assert fingerprint_of(CSV().load()) != before


def test_data_are_others_by_a_split_or_a_type_alone() -> None:
    data = Moons(samples=40).load()
    others = [
        replace(data, x_train=data.x_train.astype(np.float32)),
        replace(data, t_train=1 - data.t_train),
        replace(data, x_train=data.x_validation, x_validation=data.x_train,
                t_train=data.t_validation, t_validation=data.t_train),
    ]  # fmt: skip
    assert len({fingerprint_of(each) for each in [data, *others]}) == 4
    reversed_twice = replace(data, x_train=data.x_train[:, ::-1].copy()[:, ::-1])
    assert fingerprint_of(reversed_twice) == fingerprint_of(data)


@pytest.mark.parametrize(
    ("content", "changes"),
    [
        (CLASSES, {}),
        (NUMBERS, {"layers": (Dense(units=1),), "loss": MeanSquaredError()}),
        (CLASSES, {"dataset": Digits(), "layers": (Dense(units=10),)}),
    ],
)
def test_a_version_is_read_back_to_the_last_bit(
    file: Path, content: str, changes: dict[str, Any]
) -> None:
    file.write_text(content)
    run = config(**changes)
    version = kept_of(run.dataset.load(), run)
    assert plain(read_trained_on(version.to_json())) == plain(version)


DAMAGED: list[dict[str, Any]] = [
    {"fingerprint": "abc"},
    {"fingerprint": "é" * 64},
    {"info": None},
    {"info": {"sample_shape": "x"}},
    {"inputs": {"offset": [1, 2, 3], "scale": 1}},
    {"inputs": {"offset": 0, "scale": 0}},
    {"inputs": {"offset": float("nan"), "scale": 1}},
    {"inputs": {"offset": [[[[[]]]]], "scale": {}}},
    {"inputs": None},
    {"targets": 3},
]


@pytest.mark.parametrize("change", DAMAGED, ids=str)
def test_what_is_no_version_is_refused_in_a_sentence(file: Path, change: dict[str, Any]) -> None:
    held = json.loads(kept_of(CSV().load(), config()).to_json())
    with pytest.raises(DataError, match="cannot be read"):
        TrainedOn.from_document(held | change)


def test_an_overwritten_file_changes_nothing_of_what_a_network_predicts(file: Path) -> None:
    checkpoint, x = trained(config()), np.array([[1.0, 30.0], [4.0, 8.0]])
    before = model_of(config(), checkpoint)
    outputs = before.outputs(x)
    file.write_text(CLASSES.replace("good", "fine").replace(".5", ".75"))
    after = model_of(config(), checkpoint)
    assert_array_equal(after.outputs(x), outputs)
    assert after.class_names == before.class_names == ("bad", "good")
    file.unlink()
    assert_array_equal(model_of(config(), checkpoint).outputs(x), outputs)


def test_what_needs_the_very_data_says_that_they_changed(file: Path) -> None:
    checkpoint = trained(config())
    file.write_text(CLASSES + "1,2,bad\n")
    with pytest.raises(DataChangedError, match="had 8 validation samples, now 9"):
        train(config(epochs=3), MemoryRecorder(), resume=checkpoint)
    file.write_text(CLASSES.replace("0.125", "0.126"))
    for needs in (
        lambda: train(config(epochs=3), MemoryRecorder(), resume=checkpoint),
        lambda: inspect_batch_norm(config(), checkpoint),
        lambda: trained_again(config(), 4, data=checkpoint.data),
    ):
        with pytest.raises(DataChangedError, match="its values have changed"):
            needs()
    file.write_text(CLASSES)
    inspect_batch_norm(config(), checkpoint)
    train(config(epochs=3), MemoryRecorder(), resume=checkpoint)


def test_a_branch_keeps_its_scaling_while_data_and_scaling_stay(file: Path) -> None:
    checkpoint = trained(config())
    assert branched(checkpoint, config(), config(epochs=3)).data is checkpoint.data
    unlike = {"scaling": ZScore(per="dataset")}, {"dataset": CSV(validation=0.21)}
    for changes in unlike:
        assert branched(checkpoint, config(), config(epochs=3, **changes)).data is None


def test_samples_are_scaled_as_the_run_scaled_them(file: Path) -> None:
    version = kept_of(CSV().load(), config())
    kept = replace(version, inputs=replace(version.inputs, offset=version.inputs.offset + 1))
    shifted, own = load_samples(config(), kept), load_samples(config())
    np.testing.assert_allclose(
        shifted.x_train * version.inputs.scale + 1, own.x_train * version.inputs.scale, atol=1e-4
    )
