"""How strong a signal is in each layer of an untrained network, in theory.

In a wide layer with independent weights of mean zero, what a unit sums up is normally distributed,
and one number per sample says all of it: the mean square q over the units (Poole et al.,
"Exponential expressivity in deep neural networks through transient chaos", NeurIPS 2016). Layer by
layer,
    z = x W + b     q_z = fan_in Var(W) q_x + Var(b)
    a = θ(z)        q_a = E[θ(sqrt(q_z) u)²],  u ~ N(0, 1)

and on the way back the mean square g of the gradient (Schoenholz et al., "Deep Information
Propagation", ICLR 2017), as if the weights met backward were not those met forward,

    g_x = fan_out Var(W) g_z        g_z = g_a E[θ'(sqrt(q_z) u)²]

For ReLU both expectations are 1/2: Var(W) = 2/fan_in, He et al. (2015). Weights are taken as they
were drawn: Var(W) is their mean square.

All this is exact in the limit of infinite width. Batch Normalization is an approximation:

- It divides by the variance within a channel, q less the mean square c of the channels' own means,
  which all samples share. c follows the correlation map of Poole et al. for one pair of samples
  that stands for all.
- Every sample is then taken to have q = 1, which holds on average but not for each.
- The gradient is multiplied by the mean of γ²/σ² over the channels as drawn (few directions in the
  data make σ² differ from channel to channel, and 1/σ² is then larger than 1 over the mean: Yang
  et al., "A Mean Field Theory of Batch Normalization", ICLR 2019), and loses 2 of its m degrees of
  freedom a channel. Where σ² differs so much that a few channels carry all the gradient, as behind
  a rectifier whose channels are nearly dead, there is no theory.

Images have a q at each position: a convolution adds up those its windows see. Poolings mix values
that are not independent: for them there is no theory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.initialization import initialize
from engine.layers import Activation, BatchNorm, Conv2D, Dense, Dropout, Flatten, Layer, LayerSpec
from engine.network import Network

Values = NDArray[np.float64]
NODES = 100
REACH = 9.0
"""The normal density beyond so many standard deviations is below the rounding of a double."""
STRENGTHS = 500
"""Expectations are computed for at most so many values of q, and interpolated between."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """The values of a layer for N samples: the mean square q over the channels (N, ...), of each
    sample and position, the mean over all, and the mean square c of the channels' own means."""

    q: Values
    mean: float
    c: float

    @property
    def std(self) -> float:
        """Standard deviation over samples and units."""
        return float(np.sqrt(max(self.q.mean() - self.mean**2, 0.0)))

    @property
    def within(self) -> float:
        """Variance within a channel, over the batch."""
        return float(max(self.q.mean() - self.c, 0.0))

    @classmethod
    def of(cls, x: Values) -> Signal:
        """As measured on values (N, ..., C)."""
        channels = x.reshape(-1, x.shape[-1]).mean(axis=0)
        return cls(mean_square(x), float(x.mean()), float(np.square(channels).mean()))


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What a layer makes of a signal, and what it makes of the mean square g (N, ...) of the
    gradient on its way back, None where there is no theory for that."""

    signal: Signal
    back: Callable[[Values], Values] | None


def mean_square(x: Values) -> Values:
    """Over the channels (N, ...)."""
    squares: Values = np.square(x).mean(axis=-1)
    return squares


@singledispatch
def step(spec: LayerSpec, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    """One layer further; `out` is what it gave. None where there is no theory for the layer or its
    weights."""
    return None


@step.register
def _(spec: Dense, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    W = layer.parameters["W"]
    fan_in, fan_out = W.shape
    if not _centred(W):
        return None
    forward, backward = fan_in * _variance(W), fan_out * _variance(W)
    return Step(_summed(layer, forward * x.q, forward * x.c), lambda g: backward * g)


@step.register
def _(spec: Conv2D, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    W = layer.parameters["W"]
    size, _, channels, filters = W.shape
    if not _centred(W):
        return None
    taps = list(spec.placement((*x.q.shape[1:], channels)).taps())

    def back(g: Values) -> Values:
        received = np.zeros(x.q.shape)
        for outputs, inputs in taps:
            received[inputs] += g[outputs]
        received *= filters * _variance(W)
        return received

    seen = np.zeros(out.shape[:-1])
    for outputs, inputs in taps:
        seen[outputs] += x.q[inputs]
    forward = channels * _variance(W)
    return Step(_summed(layer, forward * seen, forward * size**2 * x.c), back)


def _centred(W: Values) -> bool:
    """Whether weights have mean zero, as far as chance allows: else the units are all alike."""
    return bool(abs(W.mean()) <= 5 * W.std() / W.size**0.5)


def _variance(W: Values) -> float:
    return float(np.square(W).mean())


def _summed(layer: Layer[Any], q: Values, c: float) -> Signal:
    """What units sum up, with the bias they add."""
    bias = _variance(layer.parameters.get("b", np.zeros(1)))
    return Signal(q + bias, 0.0, c + bias)


@step.register
def _(spec: Activation, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    u, weight = quadrature()
    q = np.unique(x.q)
    nodes = q if len(q) <= STRENGTHS else np.quantile(q, np.linspace(0, 1, STRENGTHS))
    theta, slope = apply(spec, np.sqrt(nodes)[:, None] * u)  # (nodes, len(u))
    mean, square, squared_slope = (
        np.interp(x.q, nodes, values @ weight) for values in (theta, theta**2, slope**2)
    )
    signal = Signal(square, float(mean.mean()), _correlated(spec, x))
    return Step(signal, lambda g: squared_slope * g)


def _correlated(spec: Activation, x: Signal) -> float:
    """E[θ(z) θ(z')] of two samples of mean strength whose covariance is c."""
    u, weight = quadrature()
    q = float(x.q.mean())
    rho = min(x.c / q, 1.0) if q else 0.0
    second = rho * u[:, None] + np.sqrt(1 - rho**2) * u
    given_first = apply(spec, np.sqrt(q) * second)[0] @ weight
    first = apply(spec, np.sqrt(q) * u)[0]
    return float((first * given_first) @ weight)


@step.register
def _(spec: BatchNorm, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    gamma, beta = (_variance(layer.parameters[name]) for name in ("gamma", "beta"))
    normalized = gamma * x.within / (x.within + spec.epsilon)
    signal = Signal(np.full_like(x.q, normalized + beta), 0.0, beta)
    precision = 1 / (layer.batch["var"] + spec.epsilon)
    if precision.std() > 0.5 * precision.mean():
        return Step(signal, None)
    m = x.q.size
    gain = gamma * float(precision.mean()) * max(1 - 2 / m, 0.0)
    return Step(signal, lambda g: gain * g)


@step.register
def _(spec: Flatten, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    q = x.q.reshape(len(x.q), -1).mean(axis=1)
    c = Signal.of(out).c  # of each position's own means: more than the theory knows
    return Step(Signal(q, x.mean, c), lambda g: np.broadcast_to(_along(g, x.q), x.q.shape))


def _along(g: Values, like: Values) -> Values:
    """One value per sample, with the axes of `like`."""
    return g.reshape(-1, *[1] * (like.ndim - 1))


@step.register
def _(spec: Dropout, layer: Layer[Any], x: Signal, out: Values) -> Step | None:
    return Step(x, lambda g: g)  # nothing is dropped before training


def apply(spec: Activation, z: Values) -> tuple[Values, Values]:
    """θ(z) and θ'(z), with learned slopes at their start."""
    network = Network([spec], (1,), xp=np, dtype="float64")
    initialize(network, 0, z)
    theta = network.forward(z.reshape(-1, 1), "training").reshape(z.shape)
    slope = network.passed.slope(0)
    assert slope is not None
    return theta, slope.reshape(z.shape)


@cache
def quadrature() -> tuple[Values, Values]:
    """Nodes u and weights for expectations over N(0, 1): Gauss-Legendre on either side of zero, so
    that the kink of a rectifier falls between two panels and costs no accuracy."""
    x, w = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * REACH * (x + 1)
    weight = 0.5 * REACH * w * np.exp(-0.5 * half**2) / np.sqrt(2 * np.pi)
    u = np.concatenate([-half[::-1], half])
    return u, np.concatenate([weight[::-1], weight])
