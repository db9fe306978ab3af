"""How strong a signal is in each layer of an untrained network, in theory.

In a wide layer with independent weights of mean zero, what a unit sums up is normally distributed,
and one number a sample says all of it: the mean square q over the units (Poole et al., "Exponential
expressivity in deep neural networks through transient chaos", NeurIPS 2016). Layer by layer,

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

The borders of a padded convolution are counted as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, singledispatch
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.initialization import initialize
from engine.layers import Activation, BatchNorm, Dense, Layer, LayerSpec
from engine.network import Network

Values = NDArray[np.float64]
NODES = 100
REACH = 9.0
"""The normal density beyond so many standard deviations is below the rounding of a double."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """The values of a layer for N samples: each sample's mean square q (N,), the mean over all, and
    the mean square c of the channels' means over the batch."""

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
    """What a layer makes of a signal, and by what factor (N,) it multiplies the mean square of the
    gradient on its way back, None where there is no theory for that."""

    signal: Signal
    gain: Values | None


def mean_square(x: Values) -> Values:
    """Of each sample (N,)."""
    squares: Values = np.square(x.reshape(len(x), -1)).mean(axis=1)
    return squares


@singledispatch
def step(spec: LayerSpec, layer: Layer[Any], x: Signal) -> Step | None:
    """One layer further; None where there is no theory for the layer or its weights."""
    return None


@step.register
def _(spec: Dense, layer: Layer[Any], x: Signal) -> Step | None:
    fan_in, fan_out = layer.parameters["W"].shape
    return _linear(layer, x, fan_in, fan_out)


def _linear(layer: Layer[Any], x: Signal, fan_in: float, fan_out: float) -> Step | None:
    W = layer.parameters["W"]
    if abs(W.mean()) > 5 * W.std() / W.size**0.5:  # not of mean zero: the units are all alike
        return None
    variance = float(np.square(W).mean())
    bias = float(np.square(layer.parameters.get("b", np.zeros(1))).mean())
    scale = fan_in * variance
    signal = Signal(scale * x.q + bias, 0.0, scale * x.c + bias)
    return Step(signal, np.full_like(x.q, fan_out * variance))


@step.register
def _(spec: Activation, layer: Layer[Any], x: Signal) -> Step | None:
    u, weight = quadrature()
    theta, slope = apply(spec, np.sqrt(x.q)[:, None] * u)  # (N, nodes)
    signal = Signal(np.square(theta) @ weight, float((theta @ weight).mean()), _correlated(spec, x))
    return Step(signal, np.square(slope) @ weight)


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
def _(spec: BatchNorm, layer: Layer[Any], x: Signal) -> Step | None:
    gamma, beta = (float(np.square(layer.parameters[p]).mean()) for p in ("gamma", "beta"))
    scale = gamma / (x.within + spec.epsilon)
    signal = Signal(np.full_like(x.q, scale * x.within + beta), 0.0, beta)
    precision = np.square(layer.inv_std)  # type: ignore[attr-defined]
    if precision.std() > 0.5 * precision.mean():
        return Step(signal, None)
    m = layer.x_hat.size // len(precision)  # type: ignore[attr-defined]
    return Step(signal, np.full_like(x.q, gamma * precision.mean() * max(1 - 2 / m, 0.0)))


def apply(spec: Activation, z: Values) -> tuple[Values, Values]:
    """θ(z) and θ'(z), with learned slopes at their start."""
    network = Network([spec], (1,), xp=np, dtype="float64")
    initialize(network, 0, z)
    theta = network.forward(z.reshape(-1, 1), "training").reshape(z.shape)
    slope = network.layers[0].slope()
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
