"""Whole runs on the digits, 64-100x4-10 for 20 epochs: this project with Batch Normalization and
recording off, scikit-learn's MLPClassifier without."""

from __future__ import annotations

import warnings

from engine.config import RunConfig
from engine.default import default_config
from engine.records import MemoryRecorder
from engine.training import train

EPOCHS = 20
NAME = "digits 64-100x4-10, BN, Adam, 20 epochs, whole run"


class WholeRun:
    def __init__(self) -> None:
        config = default_config().model_dump()
        config["record"] = {
            "every": 1_000_000,
            "dense": 0,
            "checkpoint_every": 10_000,
            "checkpoint_best": False,
        }
        self.config = RunConfig.parse({**config, "epochs": EPOCHS, "backend": "numba"})

    def steps(self, count: int) -> None:
        for _ in range(count):
            train(self.config, MemoryRecorder())


class ScikitLearn:
    def __init__(self) -> None:
        data = default_config().dataset.load()
        self.x, self.t = data.x_train / 16, data.t_train

    def steps(self, count: int) -> None:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.neural_network import MLPClassifier

        for _ in range(count):
            network = MLPClassifier(
                [100] * 4, batch_size=100, max_iter=EPOCHS, random_state=0, n_iter_no_change=EPOCHS
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ConvergenceWarning)
                network.fit(self.x, self.t)
