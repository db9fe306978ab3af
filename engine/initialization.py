"""Where a network starts: every parameter and buffer set from the seed, and from data where an
initializer asks for it."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.backend import Array
from engine.initializers import LSUV
from engine.layers.base import Layer
from engine.network import Network
from engine.randomness import Use, stream


def initialize(network: Network, seed: int, x: Array) -> None:
    """Set a network to its start; x are the training samples, for initializers that look at data.

    The stream of a layer is counted among the layers that draw, so a BN layer more or less leaves
    everyone else's draw as it was.
    """
    drawing = 0
    for info, layer in zip(network.info, network.layers, strict=True):
        generator = stream(seed, Use.INITIALIZATION, drawing)
        _set(layer, info.spec.initial(info.input_shape, generator.standard_normal))
        drawing += info.spec.draws
    if any(_lsuv(layer) for layer in network.layers):
        _unit_variance(network, x)


def _set(layer: Layer[Any], start: dict[str, Any]) -> None:
    for name, value in start.items():
        target = layer.parameters if name in layer.parameters else layer.buffers
        target[name][...] = layer.xp.asarray(value, layer.dtype)


def _lsuv(layer: Layer[Any]) -> LSUV | None:
    init = getattr(layer.spec, "init", None)
    return init if isinstance(init, LSUV) else None


@np.errstate(all="ignore")
def _unit_variance(network: Network, x: Array) -> None:
    """Layer-sequential unit variance: scale each layer in turn until its outputs have variance one.

    Batch Normalization in between normalizes with the batch, as training will; its running
    statistics are put back.
    """
    buffers = network.buffers.copy()
    for index, layer in enumerate(network.layers):
        init = _lsuv(layer)
        if init is None:
            continue
        for _ in range(init.trials):
            z = network.forward(x[: init.samples], "training", upto=index + 1)
            variance = float(z.var())
            if abs(variance - 1) < init.tolerance or not 0 < variance < np.inf:
                break
            layer.parameters["W"][...] /= variance**0.5
    network.buffers[...] = buffers
