"""A network: layers see views into the flat vectors, and the whole computes what its parts do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.errors import DataError
from engine.initializers import Xavier
from engine.layers import BatchNorm, Dense, ReLU, Sigmoid, Tanh
from engine.losses import SoftmaxCrossEntropy
from engine.network import Network
from engine.records import Checkpoint
from tests.engine.build import network_of
from tests.engine.gradients import assert_gradient

STACK = (
    Dense(units=6, bias=False),
    BatchNorm(),
    ReLU(),
    Dense(units=5, init=Xavier()),
    Tanh(),
    BatchNorm(variance="unbiased"),
    Dense(units=5),
    Sigmoid(),
    Dense(units=3),
)


def stack() -> Network:
    return network_of(*STACK, shape=(4,))


def test_the_gradient_of_a_whole_stack_through_the_loss() -> None:
    network, loss = stack(), SoftmaxCrossEntropy()
    generator = np.random.default_rng(3)
    x, t = generator.standard_normal((7, 4)), generator.integers(0, 3, 7)

    def mean_loss() -> float:
        return float(loss.sum(np, network.forward(x, "training"), t)[0]) / len(x)

    network.backward(loss.sum(np, network.forward(x, "training"), t)[2])
    dx, dw = network.passed.dx, network.dw.copy()
    assert dx is not None
    assert_gradient(dx.copy(), mean_loss, x)
    assert_gradient(dw, mean_loss, network.w)


def test_layers_are_views_into_the_flat_vectors_without_gap_or_overlap() -> None:
    network = stack()
    for flat in (network.w, network.dw, network.buffers):
        flat[...] = np.arange(1, len(flat) + 1)
    for views, flat in (
        ([layer.parameters for layer in network.layers], network.w),
        ([layer.gradients for layer in network.layers], network.dw),
        ([layer.buffers for layer in network.layers], network.buffers),
    ):
        seen = [array.ravel() for layer in views for array in layer.values()]
        assert_array_equal(np.concatenate(seen), flat)
    for info, place, layer in zip(network.info, network.places, network.layers, strict=True):
        own = [array.ravel() for array in layer.parameters.values()]
        assert_array_equal(np.concatenate([np.empty(0), *own]), network.w[place])
        assert info.parameters == place.stop - place.start


def test_outputs_and_gradients_are_kept_for_each_layer() -> None:
    network = stack()
    x = np.random.default_rng(4).standard_normal((6, 4))
    z = network.forward(x, "training")
    kept = [output.copy() for output in network.outputs]
    network.backward(np.ones_like(z))
    for output, before, dout in zip(network.outputs, kept, network.douts, strict=True):
        assert_array_equal(output, before)
        assert dout.shape == output.shape
    assert_array_equal(network.forward(x, "training", upto=3), kept[2])


def test_a_first_layer_that_needs_no_input_gradient_learns_the_same() -> None:
    x = np.random.default_rng(5).standard_normal((6, 4))
    networks = [stack(), stack()]
    networks[1].input_gradient = False
    for network in networks:
        network.backward(np.ones_like(network.forward(x, "training")))
    assert_array_equal(networks[0].dw, networks[1].dw)


def test_a_checkpoint_of_another_network_is_refused() -> None:
    network = stack()
    checkpoint = Checkpoint(step=1, epoch=1, w=network.w[:-1], buffers=network.buffers, slots={})
    with pytest.raises(DataError, match=r"holds \d+ values where the network has \d+"):
        network.load(checkpoint)
