"""A folded network is the same function in inference, without the BN layers that could go."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.analyses.folding import Folded, compare_folded, fold_batch_norms
from engine.initialization import initialize
from engine.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LayerSpec,
    MaxPool2D,
    PReLU,
    ReLU,
    Shape,
    Tanh,
)
from engine.network import Network
from engine.records import Checkpoint
from tests.engine.build import tiny, trained


def lived_in(layers: tuple[LayerSpec, ...], shape: Shape) -> tuple[Network, Checkpoint]:
    """A network with parameters and running statistics far from their start."""
    generator = np.random.default_rng(len(layers))
    network = Network(layers, shape, xp=np, dtype="float64")
    initialize(network, 0, generator.standard_normal((4, *shape)))
    network.w += 0.3 * generator.standard_normal(network.w.shape)
    network.buffers[...] = generator.uniform(0.2, 3.0, network.buffers.shape)
    return network, Checkpoint(1, 1, network.w.copy(), network.buffers.copy(), slots={})


def check(layers: tuple[LayerSpec, ...], shape: Shape) -> Folded:
    network, checkpoint = lived_in(layers, shape)
    folded = fold_batch_norms(tiny(layers=layers), checkpoint, shape)
    x = np.random.default_rng(9).standard_normal((33, *shape))
    expected = network.forward(x, "inference").copy()
    found = folded.network().forward(x, "inference")
    assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max())
    return folded


@settings(max_examples=30)
@given(
    widths=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    bias=st.booleans(),
    epsilon=st.sampled_from([1e-7, 1e-3, 0.5]),
    activation=st.sampled_from([ReLU(), Tanh(), PReLU()]),
)
def test_bn_behind_dense_layers_disappears(
    widths: list[int], bias: bool, epsilon: float, activation: LayerSpec
) -> None:
    layers: list[LayerSpec] = []
    for units in widths:
        layers += [Dense(units=units, bias=bias), BatchNorm(epsilon=epsilon), activation]
    folded = check((*layers, Dense(units=10)), (5,))
    assert not any(isinstance(layer, BatchNorm) for layer in folded.layers)
    assert folded.left == ()


def test_bn_behind_a_convolution_disappears_with_its_padding_and_stride() -> None:
    conv: Any = {"filters": 4, "kernel": 3, "stride": 2, "padding": "same"}
    layers = (
        *(Conv2D(**conv, bias=False), BatchNorm(), ReLU(), MaxPool2D()),
        *(Flatten(), Dense(units=6), BatchNorm(), Dense(units=10)),
    )
    folded = check(layers, (8, 8, 2))
    kinds = [layer.kind_name() for layer in folded.layers]
    assert kinds == ["conv2d", "relu", "max_pool2d", "flatten", "dense", "dense"]


def test_bn_elsewhere_stays_and_says_why() -> None:
    layers = (BatchNorm(), Dense(units=6), ReLU(), BatchNorm(), Dense(units=10), BatchNorm())
    folded = check(layers, (5,))
    assert [layer.kind_name() for layer in folded.layers] == [
        *("batch_norm", "dense", "relu", "batch_norm", "dense")
    ]
    assert [str(reason).split(",")[0] for reason in folded.left] == [
        "batch_norm1 stays: it comes first",
        "batch_norm2 stays: it follows relu1",
    ]


def test_of_two_bn_layers_in_a_row_the_first_is_folded() -> None:
    folded = check((Dense(units=6), BatchNorm(), BatchNorm(), Dense(units=10)), (5,))
    assert [layer.kind_name() for layer in folded.layers] == ["dense", "batch_norm", "dense"]


def test_folding_is_held_against_the_network_as_it_is() -> None:
    config = tiny()
    found = compare_folded(config, trained(config).checkpoints[-1])
    assert found.layers.keys() == {1, 4}
    assert found.layers[1].name == "dense1"
    assert found.layers[1].norms.shape == (9,)
    assert found.largest_difference < 1e-9
    assert found.parameters - found.folded_parameters == 9 + 6  # γ and β go, a bias comes
