"""In how far two backends agree in single precision, and where they cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.config import RunConfig
from engine.network import Network
from engine.records import MemoryRecorder
from engine.training import Trainer


def trained(optimizer: str, backend: str, *, bias: bool) -> Trainer:
    """A convolutional network after two epochs."""
    layers: list[dict[str, Any]] = [
        {"kind": "conv2d", "filters": 8, "padding": "same", "bias": bias},
        {"kind": "batch_norm"},
        {"kind": "relu"},
        {"kind": "max_pool2d"},
        {"kind": "flatten"},
        {"kind": "dense", "units": 10},
    ]
    config = {
        "dataset": {"kind": "digits", "layout": "image"},
        "layers": layers,
        "optimizer": {"kind": optimizer},
        "epochs": 2,
        "backend": backend,
        "record": {"every": 1_000_000, "dense": 0},
    }
    trainer = Trainer(RunConfig.parse(config))
    trainer.run(MemoryRecorder())
    return trainer


def parameters(network: Network) -> dict[str, np.ndarray]:
    return {
        f"{i}{n}": p for i, layer in enumerate(network.layers) for n, p in layer.parameters.items()
    }


@pytest.mark.parametrize("optimizer", ["nadam", "adam"])
def test_backends_agree_but_in_a_bias_that_batch_normalization_takes_out(optimizer: str) -> None:
    """The gradient of that bias is rounding alone, and such optimizers step as far for it as for
    any other. Without it everything agrees, the outputs too."""
    with_bias, without = (
        [trained(optimizer, backend, bias=bias) for backend in ("numpy", "numba")]
        for bias in (True, False)
    )
    mine, theirs = (parameters(each.network) for each in with_bias)
    for name in mine.keys() - {"0b"}:
        assert_allclose(mine[name], theirs[name], rtol=0, atol=1e-5)
    assert np.abs(with_bias[0].network.layers[0].gradients["b"]).max() < 1e-6
    mine, theirs = (parameters(each.network) for each in without)
    for name in mine:
        assert_allclose(mine[name], theirs[name], rtol=0, atol=1e-5)
    outputs = [each.evaluated.forward(each.x[:200], "inference") for each in without]
    assert_allclose(*outputs, rtol=0, atol=1e-4)
