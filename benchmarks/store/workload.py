"""What both stores are given: the values of a recorded step, and runs to be searched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.config import RunConfig
from engine.default import default_config
from engine.layer_statistics import STATISTICS
from engine.overrides import override
from engine.records import LayerStatistics, Metric, StepRecord

LAYERS = 5
VALUES = 2 + LAYERS * len(STATISTICS)  # of one recorded step
BATCH = 20  # recorded steps a write: 840 values, of the 1,000 that MLflow takes at once
PARAMETERS = 20
PAGE = 50

_RANDOM = np.random.default_rng(0).random((997, VALUES))  # a few, used again and again
_RATES = tuple(float(f"{rate:.3g}") for rate in np.geomspace(1e-4, 1, 50))
_OPTIMIZERS = ("sgd", "momentum", "adam", "rmsprop")


def record(step: int, *, evaluated: bool = False) -> StepRecord:
    """A recorded step; one that is evaluated has scores on training and validation, too."""
    loss, accuracy, *rest = _RANDOM[step % len(_RANDOM)].tolist()
    width = len(STATISTICS)
    layers = (LayerStatistics(step, i, *rest[i * width :][:width]) for i in range(LAYERS))
    splits = ("batch", "train", "validation") if evaluated else ("batch",)
    metrics = (Metric(step, step // 20, split, loss, accuracy) for split in splits)
    return StepRecord(step, tuple(metrics), tuple(layers))


def names() -> list[str]:
    """A recorded step's values by names, as trackers of flat metrics need them."""
    statistics = [f"layer_{i}.{info.name}" for i in range(LAYERS) for info in STATISTICS]
    return ["loss", "accuracy", *statistics]


def values(step: int) -> list[float]:
    return list(_RANDOM[step % len(_RANDOM)].tolist())


def config(number: int) -> RunConfig:
    """One of the runs to be searched; their values do not depend on how many there are."""
    optimizer = _OPTIMIZERS[number % len(_OPTIMIZERS)]
    changes = [
        f"optimizer.kind={optimizer}",
        f"optimizer.lr={_RATES[number * 7 % len(_RATES)]}",
        f"batch_size={(10, 50, 100, 200)[number // 4 % 4]}",
        f"seed={number}",
    ]
    return override(default_config(), changes)


def parameters(config: RunConfig) -> dict[str, Any]:
    """As many hyperparameters as MLflow is given, those that are searched for among them."""
    flat = config.flat()
    first = ("optimizer.kind", "optimizer.lr", "batch_size", "seed")
    return {name: flat[name] for name in [*first, *(set(flat) - set(first))][:PARAMETERS]}


@dataclass(frozen=True)
class Question:
    """A page of a list of runs, asked of both stores in their own languages."""

    name: str
    query: str = ""
    sort: str = "created"
    page: int = 0  # -1: from the middle
    mlflow_filter: str = ""
    mlflow_order: str = "attributes.start_time DESC"

    def offset(self, runs: int) -> int:
        return runs // 2 if self.page < 0 else self.page * PAGE


QUESTIONS = (
    Question("the newest 50 runs"),
    Question(
        "50 runs with the best validation accuracy",
        sort="best_val_accuracy",
        mlflow_order="metrics.val_accuracy DESC",
    ),
    Question(
        "the second page of runs with Adam above 0.5, sorted by validation accuracy",
        query="optimizer.kind = adam and best.val_accuracy > 0.5",
        sort="best_val_accuracy",
        page=1,
        mlflow_filter="params.`optimizer.kind` = 'adam' and metrics.val_accuracy > 0.5",
        mlflow_order="metrics.val_accuracy DESC",
    ),
    Question(
        "50 newest runs with Adam and a validation accuracy above 0.9",
        query="optimizer.kind = adam and best.val_accuracy > 0.9",
        mlflow_filter="params.`optimizer.kind` = 'adam' and metrics.val_accuracy > 0.9",
    ),
    Question(
        "50 runs sorted by learning rate, filtered by batch size",
        query="batch_size = 100",
        sort="optimizer.lr",
        mlflow_filter="params.batch_size = '100'",
        mlflow_order="params.`optimizer.lr` DESC",
    ),
    Question("50 runs from the middle of the list", page=-1),
)
