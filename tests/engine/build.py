"""Build small parts of the engine for a test."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.initialization import initialize
from engine.initializers import He
from engine.layers import BatchNorm, LayerSpec, Mode, ReLU, Shape
from engine.layers.base import LayerPass
from engine.network import Masks, Network
from engine.optimizers import Adam
from engine.records import MemoryRecorder
from engine.stack import multilayer
from engine.training import train


def network_of(*specs: LayerSpec, shape: Shape, dtype: str = "float64", seed: int = 0) -> Network:
    """An initialized stack that also computes the gradient of its inputs."""
    network = Network(specs, shape, xp=np, dtype=dtype, input_gradient=True)
    initialize(network, seed, np.zeros((2, *shape), dtype))
    return network


class OneLayer:
    """One layer at its start, and passes through it alone; `masks` drop."""

    def __init__(self, network: Network) -> None:
        self.network, (self.layer,) = network, network.layers
        self.spec, self.batch = self.layer.spec, self.layer.batch
        self.parameters, self.gradients = self.layer.parameters, self.layer.gradients
        self.buffers = self.layer.buffers
        self.masks: Masks | None = None

    @property
    def passed(self) -> LayerPass[Any]:
        """The layer in its last pass."""
        return self.network.passed.layers[0]

    def forward(self, x: np.ndarray, mode: Mode) -> np.ndarray:
        y: np.ndarray = self.network.forward(x, mode, masks=self.masks)
        return y

    def backward(self, dout: np.ndarray) -> np.ndarray | None:
        self.network.backward(dout)
        return self.network.passed.dx


def one_layer(spec: LayerSpec, shape: Shape, *, dtype: str = "float64") -> OneLayer:
    """One layer at work, at its start."""
    return OneLayer(network_of(spec, shape=shape, dtype=dtype))


def tiny(**changes: Any) -> RunConfig:
    """A run of a few milliseconds: 47 digits in batches of 10, so the last of an epoch holds 7."""
    data: dict[str, Any] = {
        "dataset": Digits(train_samples=47, validation=0.05),
        "layers": multilayer([9, 6], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm()),
        "optimizer": Adam(lr=0.01),
        "batch_size": 10,
        "epochs": 3,
        "record": RecordSpec(every=4, dense=2),
        "backend": "numpy",
    }
    return RunConfig(**data | changes)


def trained(config: RunConfig) -> MemoryRecorder:
    """What a run leaves behind."""
    recorder = MemoryRecorder()
    train(config, recorder)
    return recorder


def plain(value: Any) -> Any:
    """A record as nested tuples of bytes and numbers: equal where every bit is."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        return value.hex()
    if is_dataclass(value):
        return tuple((field.name, plain(getattr(value, field.name))) for field in fields(value))
    if isinstance(value, dict):
        return tuple((key, plain(inner)) for key, inner in value.items())
    return tuple(map(plain, value)) if isinstance(value, list | tuple) else value
