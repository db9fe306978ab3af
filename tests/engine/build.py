"""Build small parts of the engine for a test."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.initialization import initialize
from engine.layers import Layer, LayerSpec, Shape
from engine.network import Network


def network_of(*specs: LayerSpec, shape: Shape, dtype: str = "float64", seed: int = 0) -> Network:
    """An initialized stack that also computes the gradient of its inputs."""
    network = Network(specs, shape, xp=np, dtype=dtype)
    initialize(network, seed, np.zeros((2, *shape), dtype))
    network.layers[0].needs_dx = True
    return network


def one_layer(spec: LayerSpec, shape: Shape, *, dtype: str = "float64") -> Layer[Any]:
    """One layer at work, at its start."""
    return network_of(spec, shape=shape, dtype=dtype).layers[0]
