"""A run's network as one of its checkpoints left it."""

from __future__ import annotations

import numpy as np

from engine.config import RunConfig
from engine.layers import Shape
from engine.network import Network
from engine.records import Checkpoint


def trained_network(
    config: RunConfig, checkpoint: Checkpoint, shape: Shape, *, dtype: str | None = None
) -> Network:
    """A network of one's own for samples of `shape`, on the host, in the run's precision or
    another; raises DataError where the checkpoint does not fit."""
    network = Network(config.layers, shape, xp=np, dtype=dtype or config.dtype)
    network.load(checkpoint)
    return network
