"""What defeats itself is said before a run is launched, and nothing else is."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.views.launch.warnings import warnings
from engine.architecture import describe
from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.early_stopping import EarlyStopping
from engine.initializers import He
from engine.layers import BatchNorm, Conv2D, Dense, Flatten, ReLU
from engine.learning_rates import WarmUp
from engine.lessons.ours import LESSONS
from engine.stack import multilayer

WITHOUT = multilayer([9], 10, activation=ReLU(), init=He())
IMAGES = (Conv2D(filters=2), BatchNorm(), Flatten(), Dense(units=10))


def told(**changes: Any) -> list[str]:
    layers = multilayer([9], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm())
    config = RunConfig(dataset=Digits(train_samples=200), layers=layers)  # type: ignore[arg-type]
    config = config.model_copy(update=changes)
    return list(warnings(config, describe(config)))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"batch_size": 201}, "200 training samples"),
        ({"batch_size": 1}, "batches of one"),
        ({"dataset": Digits(train_samples=1)}, "batches of one"),
        ({"early_stopping": EarlyStopping(patience=20)}, "patience"),
        ({"learning_rate": WarmUp(warm_steps=40)}, "warm-up"),
        ({"record": RecordSpec(every=41, dense=0)}, "Recording"),
    ],
)
def test_what_defeats_itself_is_said(changes: dict[str, Any], word: str) -> None:
    assert any(word in text for text in told(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"batch_size": 200},
        {"batch_size": 1, "layers": WITHOUT},
        {"batch_size": 1, "dataset": Digits(layout="image"), "layers": IMAGES},
    ],
)
def test_what_is_meant_is_not(changes: dict[str, Any]) -> None:
    assert told(**changes) == []


def test_no_lesson_of_ours_is_warned_of() -> None:
    for found in LESSONS:
        for config in found.configs:
            assert list(warnings(config, describe(config))) == []
