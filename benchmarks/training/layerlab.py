"""This project's contestant: the trainer itself, as every run uses it."""

from __future__ import annotations

from typing import Any

from benchmarks.training.workloads import (
    BATCH,
    BATCHES,
    CHANNELS,
    CLASSES,
    HIDDEN,
    LAYERS,
    Workload,
)
from engine.blocks import in_threads
from engine.config import RunConfig
from engine.loops import compiled
from engine.training import Trainer

NEVER = 1_000_000


class Layerlab:
    def __init__(
        self, workload: Workload, *, record_every: int = NEVER, backend: str = "numba"
    ) -> None:
        config = RunConfig.parse(
            {
                "dataset": {
                    "kind": "noise",
                    "shape": workload.sample_shape,
                    "samples": round(BATCH * BATCHES / 0.95),
                    "validation": 0.05,
                    "classes": CLASSES,
                },
                "scaling": {"kind": "none"},
                "layers": _layers(workload),
                "optimizer": {"kind": workload.optimizer},
                "batch_size": BATCH,
                "epochs": 10_000,
                "backend": backend,
                "record": {
                    "every": record_every,
                    "dense": 0,
                    "checkpoint_every": 10_000,
                    "checkpoint_best": False,
                },
            }
        )
        self.trainer = Trainer(config)

    def steps(self, count: int) -> None:
        with in_threads(), compiled(self.trainer.backend.compiles):
            for _ in range(count):
                self.trainer.advance()


def _layers(workload: Workload) -> list[dict[str, Any]]:
    norm: list[dict[str, Any]] = [{"kind": "batch_norm"}] if workload.batch_norm else []
    layers: list[dict[str, Any]] = []
    if workload.network == "dense":
        for _ in range(LAYERS):
            dense = {"kind": "dense", "units": HIDDEN, "bias": not workload.batch_norm}
            layers += [dense, *norm, {"kind": "relu"}]
    else:
        for _ in range(2):
            convolution = {"kind": "conv2d", "filters": CHANNELS, "padding": "same"}
            layers += [convolution, {"kind": "relu"}, *norm]
        layers += [{"kind": "max_pool2d"}, {"kind": "flatten"}]
    return [*layers, {"kind": "dense", "units": CLASSES}]
