"""Networks and runs as lessons name them: so many hidden layers of 100 on the digits."""

from __future__ import annotations

from typing import Any

from engine.config import RecordSpec, RunConfig
from engine.datasets import Diabetes, Digits, Noise
from engine.initializers import He, InitializerSpec
from engine.layers import Activation, BatchNorm, Conv2D, Dense, Flatten, LayerSpec, MaxPool2D, ReLU
from engine.losses import MeanSquaredError
from engine.optimizers import SGD
from engine.scaling import Unscaled, ZScore
from engine.stack import Position, multilayer

WIDTH = 100
NONE: Position = "none"
BEFORE: Position = "before"
AFTER: Position = "after"


def deep(
    depth: int,
    activation: Activation,
    init: InitializerSpec,
    *,
    position: Position = "none",
    **changes: Any,
) -> RunConfig:
    """So many hidden layers of 100 on the digits, trained by plain gradient descent at rate 0.1
    unless said."""
    layers = multilayer(
        [WIDTH] * depth,
        10,
        activation=activation,
        init=init,
        batch_norm=None if position == "none" else BatchNorm(),
        position=position,
    )
    usual = {"layers": layers, "optimizer": SGD(lr=0.1), "record": RecordSpec(checkpoints_kept=2)}
    return RunConfig(**(usual | changes))


def noise(depth: int, activation: Activation, init: InitializerSpec) -> RunConfig:
    """The textbook's untrained network: 1,000 samples of N(0, 1) through hidden layers of 100."""
    data = Noise(samples=1_250)  # of which 1,000 are left for training
    return deep(depth, activation, init, dataset=data, scaling=Unscaled())


def few(samples: int) -> Digits:
    """The digits with so many training samples."""
    return Digits(train_samples=samples)


def convolutions() -> tuple[LayerSpec, ...]:
    """Two blocks of convolution, Batch Normalization, ReLU and pooling."""
    block = (Conv2D(filters=16, padding="same", bias=False), BatchNorm(), ReLU(), MaxPool2D())
    return (*block, *block, Flatten(), Dense(units=10))


def diabetes(*, batch_norm: bool) -> RunConfig:
    """A network of two hidden layers of 50 that predicts how diabetes goes on."""
    layers = multilayer(
        [50, 50],
        1,
        activation=ReLU(),
        init=He(),
        batch_norm=BatchNorm() if batch_norm else None,
    )
    return RunConfig(
        dataset=Diabetes(),
        scaling=ZScore(),
        layers=layers,
        loss=MeanSquaredError(),
        batch_size=40,
    )
