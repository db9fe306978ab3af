"""Build small parts of the engine for a test."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.initialization import initialize
from engine.initializers import He
from engine.layers import BatchNorm, Layer, LayerSpec, ReLU, Shape
from engine.network import Network
from engine.optimizers import Adam
from engine.records import MemoryRecorder
from engine.stack import multilayer
from engine.training import train


def network_of(*specs: LayerSpec, shape: Shape, dtype: str = "float64", seed: int = 0) -> Network:
    """An initialized stack that also computes the gradient of its inputs."""
    network = Network(specs, shape, xp=np, dtype=dtype)
    initialize(network, seed, np.zeros((2, *shape), dtype))
    network.layers[0].needs_dx = True
    return network


def one_layer(spec: LayerSpec, shape: Shape, *, dtype: str = "float64") -> Layer[Any]:
    """One layer at work, at its start."""
    return network_of(spec, shape=shape, dtype=dtype).layers[0]


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
