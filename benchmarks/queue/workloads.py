"""What is launched, and the same in a process of its own: nothing recorded, loops compiled."""

from __future__ import annotations

import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.neural_network import MLPClassifier

from engine.config import RunConfig
from engine.datasets import Digits, Noise
from engine.default import default_config
from engine.initializers import He
from engine.layers import BatchNorm, Conv2D, Dense, Flatten, MaxPool2D, ReLU
from engine.records import MemoryRecorder
from engine.samples import load_samples
from engine.stack import multilayer
from engine.sweeps.axes import Choices
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import Grid
from engine.training import train

DEFAULT = default_config()
TRIVIAL = RunConfig(
    dataset=Digits(train_samples=200),
    layers=multilayer([8], 10, activation=ReLU(), init=He()),
    epochs=1,
    backend="numpy",
)
_BLOCK = Conv2D(filters=16, padding="same", bias=False), BatchNorm(), ReLU(), MaxPool2D()
CONVOLUTIONS = RunConfig(
    dataset=Noise(shape=(28, 28, 1), samples=10_000, validation=0.1),
    layers=(*_BLOCK, *_BLOCK, Flatten(), Dense(units=10)),
    epochs=2,
)
"""The gallery's, on as many samples of the shape of MNIST's digits as two epochs take seconds."""
DENSE = DEFAULT.model_copy(
    update={"dataset": Noise(shape=(784,), samples=10_000, validation=0.1), "epochs": 10}
)
RATES = tuple(float(rate) for rate in np.logspace(-4, -1, 10))
SIZES, SEEDS = (50, 100), 5
SWEEP = SweepConfig(
    base=DEFAULT,
    axes=(
        Choices(name="optimizer.lr", values=RATES),
        Choices(name="batch_size", values=SIZES),
    ),
    sampler=Grid(),
    seeds=SEEDS,
)


def alone(config: RunConfig, times: int = 1) -> float:
    """Seconds that a training takes in this process, compiled and unrecorded."""
    nothing = {"every": 1_000_000, "dense": 0, "histograms": False, "checkpoint_every": 10_000}
    record = config.record.model_copy(update=nothing | {"checkpoint_best": False})
    bare = config.model_copy(update={"record": record})
    if bare.backend == "auto":
        bare = bare.model_copy(update={"backend": "numba"})
    begun = time.perf_counter()
    for _ in range(times):
        train(bare, MemoryRecorder())
    return (time.perf_counter() - begun) / times


def grid_search() -> float:
    """Seconds that scikit-learn takes for as many trainings of the network without its Batch
    Normalization, on the same split, two at a time."""
    samples = load_samples(DEFAULT)
    x = np.concatenate([samples.x_train, samples.x_validation])
    t = np.concatenate([samples.t_train, samples.t_validation])
    fold = np.r_[np.full(len(samples.x_train), -1), np.zeros(len(samples.x_validation))]
    network = MLPClassifier([100] * 4, max_iter=20, n_iter_no_change=1000, tol=0)
    grid = {"learning_rate_init": RATES, "batch_size": SIZES, "random_state": range(SEEDS)}
    search = GridSearchCV(network, grid, n_jobs=2, refit=False, cv=PredefinedSplit(fold))
    begun = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        search.fit(x, t)
    return time.perf_counter() - begun
