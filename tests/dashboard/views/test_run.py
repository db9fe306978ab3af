"""What a run is and how it stands, in words."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.views.run.configuration import whole_configuration
from dashboard.views.run.overview import progress_text
from dashboard.views.run.summary import summary
from db.records import Status
from engine.config import RunConfig
from engine.datasets import Digits
from engine.default import default_config
from engine.initializers import He, Normal
from engine.layers import BatchNorm, Conv2D, Dense, Flatten, LayerSpec, ReLU, Sigmoid
from engine.optimizers import SGD, Adam
from engine.stack import multilayer
from tests.dashboard.conftest import small
from tests.dashboard.records import run

HE = multilayer([100] * 5, 10, activation=ReLU(), init=He(), batch_norm=BatchNorm())
PLAIN = multilayer([100, 50], 10, activation=Sigmoid(), init=Normal(std=0.01))
IMAGES: tuple[LayerSpec, ...] = (
    *(Conv2D(filters=16), ReLU(), Conv2D(filters=16), ReLU()),
    *(Flatten(), Dense(units=64), ReLU(), Dense(units=10)),
)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        (
            {"layers": HE, "optimizer": Adam(lr=0.001), "batch_size": 100, "dataset": Digits()},
            "5 × 100 ReLU, He, BN before activation, Adam 0.001, batch 100, Digits",
        ),
        (
            {"layers": PLAIN, "optimizer": SGD(lr=0.1), "batch_size": 2500},
            "100-50 Sigmoid, Normal 0.01, no BN, SGD 0.1, batch 2,500, Digits",
        ),
        ({"layers": (Dense(units=10, init=He()),)}, "no hidden layer, He, Adam 0.01"),
        (
            {"layers": IMAGES},
            "Conv2D → ReLU → Conv2D → ReLU → Flatten → Dense → ReLU → Dense, Adam",
        ),
    ],
)
def test_the_head_of_a_run_says_what_it_is_in_one_line(changes: dict[str, Any], line: str) -> None:
    assert summary(small(**changes)).startswith(line)


def test_the_whole_configuration_is_told_and_what_was_changed_stands_first() -> None:
    default = default_config()
    config = default.model_copy(update={"epochs": default.epochs + 1, "seed": 77})
    table, changed = whole_configuration(config)
    assert changed == 2
    assert set(table["Parameter"][:2]) == {"Epochs", "Seed"}
    rest = table[2:]
    assert (rest["This run"] == rest["Default"]).all()
    assert len(rest) > 10, "the whole of it"
    assert len(set(table["Parameter"])) == len(table), "each once"
    assert whole_configuration(default)[1] == 0


def test_a_stack_that_the_default_does_not_have_is_told_whole() -> None:
    config = RunConfig(dataset=Digits(), layers=IMAGES)
    table, changed = whole_configuration(config)
    assert changed > 2
    assert len(set(table["Parameter"])) == len(table)


def test_a_run_of_which_nothing_is_heard_has_no_time_left_but_says_that_it_reconnects() -> None:
    running = run(1, status=Status.RUNNING)
    assert "reconnecting" in progress_text(running, 90_000.0, heard=False)
    assert "left" not in progress_text(running, 90_000.0, heard=False)
    assert "about 5s left" in progress_text(running, 5.0)
