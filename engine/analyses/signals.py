"""What reaches each layer of an untrained network, forward and backward, measured beside theory.

Vanishing and exploding signals show before the first step: the standard deviation of the
activations from the input on, and of the gradients from the outputs back, must neither die out nor
grow (Glorot and Bengio 2010; He et al. 2015). What they should be is in
`engine.analyses.mean_field`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine import histogram
from engine.analyses import mean_field
from engine.analyses.mean_field import Signal, Step, Values
from engine.config import RunConfig
from engine.initialization import initialize
from engine.layers import Activation, LayerSpec
from engine.network import Network
from engine.randomness import Use, stream
from engine.records import Histogram, Quantity
from engine.samples import load_samples
from engine.sums import spread_of

STEP = 0
"""The step that the histograms carry: before the first."""

STEADY = 1.35
"""A factor from layer to layer that is not yet told: tanh with Xavier initialization comes near it
in its first layers, before it settles."""

CHANGED = 1.9
"""By how much a strength must have changed from the first layer to the last to be spoken of."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerSignals:
    """One layer's outputs and dL/d(outputs), over the samples: their distributions, and standard
    deviations as measured and in theory (None where there is none for the layer); and how far its
    units lie apart, 0 where all are equal."""

    layer: int
    name: str
    activations: Histogram
    gradients: Histogram
    mean: float
    std: float
    std_theory: float | None
    gradient_std: float
    gradient_std_theory: float | None
    spread: float


def untrained_signals(config: RunConfig, *, samples: int = 1_000) -> tuple[LayerSignals, ...]:
    """The signals of a configuration's network before its first step, on its first training
    samples, from the gradient of its loss. Raises DataError where the data cannot be read."""
    data = load_samples(config)
    x, t = data.x_train[:samples].astype(np.float64), data.t_train[:samples]
    outputs = _network(config.layers, x, config.seed).forward(x, "training")
    _, _, dout = config.loss.sum(np, outputs, t)
    return signals(config.layers, x, dout=dout, seed=config.seed)


def signals(
    layers: Sequence[LayerSpec],
    x: Values,
    *,
    dout: Values | None = None,
    seed: int = 0,
) -> tuple[LayerSignals, ...]:
    """The signals of an untrained stack on samples x, in float64.

    `dout` is the gradient that comes back to the outputs; where None, independent normal noise of
    variance one, which is what the theory of the backward pass is exact for.
    """
    x = np.asarray(x, np.float64)
    network = _network(layers, x, seed)
    outputs = network.forward(x, "training")
    if dout is None:
        dout = stream(seed, Use.ANALYSIS).standard_normal(outputs.shape)
    network.backward(dout)
    steps = _theory(network, Signal.of(x))
    back = _theory_back(network, steps)
    return tuple(_layer(network, i, steps[i], back[i]) for i in range(len(network.layers)))


@dataclass(frozen=True, slots=True)
class Drift:
    """A strength that changes by about the same factor in each layer."""

    factor: float


def drift(measured: Sequence[float], theory: Sequence[float | None]) -> Drift | None:
    """Whether a strength, layer by layer, shrinks or grows exponentially with depth; None where it
    does not, or settles with depth as that of tanh does with Xavier initialization.

    By theory where there is one for every layer, else as measured: the factor is the mean one of
    the deeper half.
    """
    strengths = [t for t in theory if t] if all(theory) else list(measured)
    if len(strengths) < 2 or not all(0 < s < np.inf for s in strengths):
        return None
    middle = (len(strengths) - 1) // 2
    deeper = strengths[-1] / strengths[middle]
    factor = float(deeper ** (1 / (len(strengths) - 1 - middle)))
    steady = 1 / STEADY < factor < STEADY
    small = 1 / CHANGED < strengths[-1] / strengths[0] < CHANGED
    return None if steady or small else Drift(factor)


def _network(layers: Sequence[LayerSpec], x: Values, seed: int) -> Network:
    network = Network(layers, x.shape[1:], xp=np, dtype="float64")
    initialize(network, seed, x)
    return network


def _theory(network: Network, signal: Signal) -> list[Step | None]:
    """Layer by layer. Where a layer has no theory, it goes on from what is measured there."""
    steps = []
    for layer, out in zip(network.layers, network.outputs, strict=True):
        step = mean_field.step(layer.spec, layer, signal, out)
        steps.append(step)
        signal = step.signal if step else Signal.of(out)
    return steps


def _theory_back(network: Network, steps: Sequence[Step | None]) -> list[float | None]:
    """The standard deviation of each layer's dL/d(outputs), from that of the last one's.

    Where a layer has no theory it goes on from what is measured before it, but not before an
    activation: the channels whose gradient is out of the common are those whose slope is, too.
    """
    g: Values | None = mean_field.mean_square(network.douts[-1])
    back: list[float | None] = []
    for i in reversed(range(len(steps))):
        back.append(None if g is None else float(np.sqrt(g.mean())))
        if g is None and not isinstance(network.layers[i].spec, Activation):
            g = mean_field.mean_square(network.douts[i])
        through = step.back if (step := steps[i]) else None
        g = None if g is None or through is None else through(g)
    return back[::-1]


def _layer(network: Network, i: int, step: Step | None, back: float | None) -> LayerSignals:
    out, dout = network.outputs[i], network.douts[i]
    return LayerSignals(
        layer=i,
        name=network.info[i].name,
        activations=_histogram(i, "activation", out),
        gradients=_histogram(i, "gradient", dout),
        mean=float(out.mean()),
        std=float(out.std()),
        std_theory=step.signal.std if step else None,
        gradient_std=float(dout.std()),
        gradient_std_theory=back,
        spread=float(spread_of(out)),
    )


def _histogram(layer: int, quantity: Quantity, values: Values) -> Histogram:
    ((low, high),), (counts,) = histogram.count(np, [values])
    return Histogram(STEP, layer, quantity, float(low), float(high), counts.astype(np.uint32))
