"""Signals of an untrained network: measured as NumPy measures them, and where theory puts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.analyses import mean_field
from engine.analyses.mean_field import Signal
from engine.analyses.signals import LayerSignals, drift, signals, untrained_signals
from engine.datasets import Digits
from engine.histogram import BINS
from engine.initializers import (
    Constant,
    He,
    Initializer,
    LeCun,
    Normal,
    Orthogonal,
    Uniform,
    Xavier,
    Zeros,
)
from engine.layers import (
    Activation,
    AnyActivation,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Identity,
    LayerSpec,
    LeakyReLU,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from engine.spec import family
from engine.stack import multilayer
from tests.engine.build import network_of, tiny

ALIKE = np.random.default_rng(0).standard_normal((150, 60))
X = ALIKE * np.linspace(0.2, 2, 150)[:, None]  # some samples ten times as strong as others
WIDE = 800
HIDDEN = slice(0, -1)  # the 10 outputs are too few for a law of large numbers


def stack(activation: LayerSpec, init: Initializer, *, depth: int, bn: str = "") -> list[LayerSpec]:
    layers: list[LayerSpec] = []
    for _ in range(depth):
        layers.append(Dense(units=WIDE, init=init))
        layers += [BatchNorm()] if bn == "before" else []
        layers.append(activation)
        layers += [BatchNorm()] if bn == "after" else []
    return [*layers, Dense(units=10, init=init)]


def check(layers: Sequence[LayerSignals], *, forward: float, backward: float) -> None:
    """Theory within some share of the measured root mean square."""
    for layer in layers:
        assert layer.std_theory is not None, layer.name
        strength = np.hypot(layer.mean, layer.std)
        assert_allclose(layer.std, layer.std_theory, atol=forward * strength, err_msg=layer.name)
        if layer.gradient_std_theory is not None:
            assert_allclose(
                layer.gradient_std, layer.gradient_std_theory, rtol=backward, err_msg=layer.name
            )


@pytest.mark.parametrize("init", [He(), Xavier(), Orthogonal(), Uniform(limit=0.1)], ids=repr)
@pytest.mark.parametrize("activation", family(AnyActivation))
def test_wide_layers_follow_the_theory(activation: Any, init: Initializer) -> None:
    check(signals(stack(activation(), init, depth=3), X)[HIDDEN], forward=0.06, backward=0.06)


@pytest.mark.parametrize("activation", family(AnyActivation))
def test_batch_normalization_before_the_activation_follows_the_theory(activation: Any) -> None:
    found = signals(stack(activation(), He(), depth=3, bn="before"), ALIKE)[HIDDEN]
    assert all(layer.gradient_std_theory for layer in found)
    check(found, forward=0.05, backward=0.08)


@pytest.mark.parametrize("activation", family(AnyActivation))
def test_batch_normalization_after_the_activation_follows_the_theory(activation: Any) -> None:
    """Backward where there is a theory: some rectifiers leave channels nearly dead."""
    found = signals(stack(activation(), He(), depth=3, bn="after"), ALIKE)[HIDDEN]
    check(found, forward=0.07, backward=0.12)


def test_he_keeps_and_xavier_halves_the_second_moment_of_relu() -> None:
    """He et al. 2015, equations 10 and 14, with the 1/2 of each ReLU layer."""
    x = np.random.default_rng(1).standard_normal((200, WIDE))
    depth = 6
    kept = signals(stack(ReLU(), He(), depth=depth), x)
    halved = signals(stack(ReLU(), Xavier(), depth=depth), x)
    for k in range(depth):
        assert_allclose(kept[2 * k].std_theory, np.sqrt(2), rtol=0.03)
        assert_allclose(halved[2 * k].std_theory, 2 ** (-k / 2), rtol=0.06)
        assert_allclose(halved[2 * k].std, 2 ** (-k / 2), rtol=0.12)


def test_deep_tanh_with_small_weights_dies_out_as_its_slope_at_zero_says() -> None:
    """Weights too small by half: each layer halves the signal, forward and backward."""
    init = Normal(std=0.5 / WIDE**0.5)
    found = signals(stack(Tanh(), init, depth=8), X)
    assert_allclose(found[14].std_theory / found[12].std_theory, 0.5, rtol=0.02)
    assert_allclose(found[4].gradient_std_theory / found[6].gradient_std_theory, 0.5, rtol=0.02)


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("bn", [False, True])
def test_convolutions_follow_the_theory_up_to_their_borders(
    padding: Any, stride: int, bn: bool
) -> None:
    x = np.random.default_rng(2).standard_normal((60, 9, 8, 20))
    conv = Conv2D(filters=150, kernel=3, stride=stride, padding=padding)
    again = Conv2D(filters=150, kernel=2, padding=padding)
    norm = [BatchNorm()] if bn else []
    layers = [conv, *norm, ReLU(), again, *norm, Tanh(), Dropout(rate=0.4), Flatten()]
    found = signals([*layers, Dense(units=WIDE), ReLU(), Dense(units=10)], x)
    check(found[HIDDEN], forward=0.06, backward=0.08)


def test_measured_values_are_numpys_own_on_a_network_of_ones_own() -> None:
    layers = stack(ReLU(), He(), depth=2, bn="before")
    dout = np.random.default_rng(4).standard_normal((len(X), 10))
    network = network_of(*layers, shape=(60,), seed=3)
    network.forward(X, "training")
    network.backward(dout)
    for i, layer in enumerate(signals(layers, X, dout=dout, seed=3)):
        assert_allclose(layer.mean, network.outputs[i].mean(), rtol=1e-12, atol=1e-15)
        assert_allclose(layer.std, network.outputs[i].std(), rtol=1e-12)
        assert_allclose(layer.gradient_std, network.douts[i].std(), rtol=1e-12)
        assert layer.activations.counts.shape == layer.gradients.counts.shape == (BINS,)
        assert network.outputs[i].min() <= layer.activations.low < layer.mean
        assert layer.mean < layer.activations.high <= network.outputs[i].max()
    assert_allclose(layer.gradient_std_theory, np.sqrt(np.square(dout).mean()))  # given, not found


def test_weights_that_are_all_alike_have_no_theory_and_zeros_silence() -> None:
    alike = signals(stack(ReLU(), Constant(), depth=2), X)
    assert alike[0].std_theory is None
    assert alike[1].std_theory is not None  # from the first layer's own outputs on
    silent = signals(stack(Tanh(), Zeros(), depth=2), X)
    assert [layer.std_theory for layer in silent] == [layer.std for layer in silent] == [0] * 5


def test_theory_takes_up_again_behind_a_layer_it_does_not_know() -> None:
    x = np.random.default_rng(2).standard_normal((60, 8, 8, 20))
    layers = [Conv2D(filters=150), Tanh(), MaxPool2D(), Flatten(), Dense(units=WIDE), Tanh()]
    found = signals([*layers, Dense(units=10)], x)
    assert found[2].std_theory is None  # the pooling itself
    check(found[3:-1], forward=0.06, backward=0.06)
    assert found[1].gradient_std_theory is None  # what comes back through it
    assert found[0].gradient_std_theory is None or found[0].gradient_std_theory > 0


def test_a_configurations_signals_come_from_its_data_and_its_loss() -> None:
    config = tiny(dataset=Digits(), layers=tuple(stack(Tanh(), Xavier(), depth=2)))
    found = untrained_signals(config, samples=300)
    assert [layer.name for layer in found] == ["dense1", "tanh1", "dense2", "tanh2", "dense3"]
    assert 1e-5 < found[-1].gradient_std < 1e-2  # dL/dz of a mean over 300 samples
    check(found[HIDDEN], forward=0.08, backward=0.3)


@pytest.mark.parametrize("strength", [1e-3, 0.3, 1.0, 5.0, 40.0])
@pytest.mark.parametrize("activation", family(AnyActivation))
def test_expectations_are_exact_to_many_digits(activation: Any, strength: float) -> None:
    """Against SciPy's adaptive integration, kinks and saturation included."""
    from scipy.integrate import quad

    tolerance = 1e-3 if strength > 10 else 1e-7
    spec: Activation = activation()
    u, weight = mean_field.quadrature()
    theta, slope = mean_field.apply(spec, (strength * u)[None])

    def integrand(z: float, which: int) -> float:
        value = mean_field.apply(spec, np.full((1, 1), strength * z))[which].item()
        return float(value**2 * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))

    for which, values in enumerate((theta, slope)):
        halves = [(-9, -1), (-1, -0.05), (-0.05, 0), (0, 0.05), (0.05, 1), (1, 9)]
        expected = sum(quad(integrand, a, b, args=(which,), limit=200)[0] for a, b in halves)
        assert_allclose((values**2 @ weight).item(), expected, rtol=tolerance, atol=1e-12)


def test_the_correlation_map_of_relu_is_the_arc_cosine_kernel() -> None:
    """Cho and Saul, 2009: E[max(u,0) max(v,0)] = q (sin φ + (π - φ) cos φ) / 2π, cos φ = c/q."""
    q, c = 1.7, 0.6
    phi = np.arccos(c / q)
    expected = q * (np.sin(phi) + (np.pi - phi) * np.cos(phi)) / (2 * np.pi)
    layer = network_of(ReLU(), shape=(3,)).layers[0]
    step = mean_field.step(ReLU(), layer, Signal(np.array([q]), 0.0, c), np.zeros((1, 3)))
    assert step is not None
    assert_allclose(step.signal.c, expected, rtol=1e-3)
    assert_allclose(step.signal.mean, np.sqrt(q / (2 * np.pi)), rtol=1e-12)


def test_identity_leaves_signal_and_gradient_as_they_are() -> None:
    found = signals([Dense(units=WIDE), Identity(), Dense(units=10)], X)
    assert found[0].std == found[1].std
    assert_allclose(found[0].std_theory, found[1].std_theory)
    assert_allclose(found[0].gradient_std_theory, found[1].gradient_std_theory)


@pytest.mark.parametrize(
    ("activation", "init", "factor"),
    [
        (ReLU(), He(), None),
        (ReLU(), Xavier(), 0.5**0.5),
        (LeakyReLU(alpha=0.0), LeCun(), 0.5**0.5),
        (Identity(), He(), 2**0.5),
        (Tanh(), Xavier(), None),
        (Sigmoid(), Xavier(), None),
    ],
)
@pytest.mark.parametrize("depth", [3, 5, 10])
def test_a_strength_that_changes_by_one_factor_in_every_layer_is_told(
    activation: Activation, init: Initializer, factor: float | None, depth: int
) -> None:
    """That of tanh with Xavier settles: it is no exponential."""
    layers = multilayer([100] * depth, 10, activation=activation, init=init)  # type: ignore[arg-type]
    x = np.random.default_rng(0).standard_normal((300, 100))
    sums = signals(layers, x)[:-1:2]
    found = drift([layer.std for layer in sums], [layer.std_theory for layer in sums])
    assert (found and found.factor) == (factor and pytest.approx(factor, rel=0.05))


def test_units_that_are_all_equal_do_not_spread() -> None:
    x = np.random.default_rng(0).standard_normal((300, 20))
    for init, spreads in ((Zeros(), False), (Constant(value=0.01), False), (Normal(), True)):
        layers = multilayer([30, 20], 10, activation=Sigmoid(), init=init)  # type: ignore[arg-type]
        for layer in signals(layers, x)[:-1:2]:
            assert layer.spread > 0.5 if spreads else layer.spread < 1e-6
