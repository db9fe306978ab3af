"""In words: whether the signals of an untrained network stay healthy, and where they do not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.words.i18n import _, number, percent
from engine.analyses.health import MOST_SATURATED
from engine.analyses.normalization import relative_slope
from engine.analyses.signals import LayerSignals
from engine.layers import Activation
from engine.layers.activation import Saturating
from engine.records import Histogram
from engine.spec import Spec
from engine.statistics import FLAT

RANGE = 10.0
"""How many times stronger or weaker a signal may become and still be called healthy."""


def sums(signals: Sequence[LayerSignals]) -> Sequence[LayerSignals]:
    """The hidden layers' sums z, from the inputs on."""
    return signals[:-1:2]


def activations(signals: Sequence[LayerSignals]) -> Sequence[LayerSignals]:
    """The hidden layers' activations a, from the inputs on."""
    return signals[1::2]


def verdict(signals: Sequence[LayerSignals], activation: Spec, init: str) -> tuple[bool, list[str]]:
    """Whether the network is healthy, and what there is to say about it. `init` is the kind of its
    initialization."""
    found = [
        *_alike(init),
        *_forward([layer.std for layer in sums(signals)]),
        *_saturated(signals, activation),
        *_backward([layer.gradient_std for layer in activations(signals)]),
    ]
    healthy = _(
        "**Healthy**: signals and gradients keep their strength through all {n} hidden layers, and"
        " the activation is not flat where the sums lie."
    )
    return not found, found or [healthy.format(n=len(sums(signals)))]


def bounds() -> str:
    """By which bounds the page judges, and why by these."""
    text = _(
        "Healthy here means: each hidden layer's sums z have a standard deviation within a factor"
        " of {range} of the inputs', its gradients within a factor of {range} of the last hidden"
        " layer's, and at most {share} of its outputs lie where the slope of a saturating"
        " activation is below {flat} of its largest. These are rules of thumb: what shrinks or"
        " grows by the same factor in every layer does so exponentially with depth."
    )
    return text.format(range=f"{RANGE:g}", share=percent(MOST_SATURATED, 0), flat=percent(FLAT, 0))


def _alike(init: str) -> list[str]:
    if init not in ("zeros", "constant"):
        return []
    return [
        _(
            "**All units alike**: with equal weights every unit of a layer computes the same and"
            " learns the same; the layer is worth one unit."
        )
    ]


def _forward(stds: Sequence[float]) -> list[str]:
    """The first layer that the signal does not reach, or where it is far too strong."""
    for layer, std in enumerate(stds, start=1):
        if std < 1 / RANGE:
            text = _(
                "**Vanishing** from hidden layer {layer} on: its sums have standard deviation"
                " {std}, where the inputs have 1; every sample looks the same from there."
            )
        elif not std <= RANGE:
            text = _(
                "**Exploding** from hidden layer {layer} on: its sums have standard deviation"
                " {std}, where the inputs have 1."
            )
        else:
            continue
        return [text.format(layer=layer, std=number(std, 3))]
    return []


def _saturated(signals: Sequence[LayerSignals], activation: Spec) -> list[str]:
    if not isinstance(activation, Saturating):
        return []
    shares = [flat_share(layer.activations, activation) for layer in sums(signals)]
    first = next((i for i, share in enumerate(shares) if share > MOST_SATURATED), None)
    if first is None:
        return []
    text = _(
        "**Saturated** from hidden layer {layer} on: {share} of its outputs lie where the slope of"
        " the activation is below {flat} of its largest, and learn almost nothing."
    )
    return [text.format(layer=first + 1, share=percent(shares[first], 0), flat=percent(FLAT, 0))]


def flat_share(z: Histogram, activation: Activation) -> float:
    """The share of the sums z at which an activation is flat; within a bin they lie evenly."""
    parts = 16
    places = np.linspace(z.low, z.high, len(z.counts) * parts + 1)
    flat = relative_slope(activation, (places[:-1] + places[1:]) / 2) < FLAT
    shares = flat.reshape(-1, parts).mean(axis=1)
    return float(shares @ z.counts / max(1, int(z.counts.sum())))


def _backward(stds: Sequence[float]) -> list[str]:
    """The first layer, from the outputs back, that the gradient reaches far too weak or strong."""
    for layer in range(len(stds), 0, -1):
        own, last = stds[layer - 1], stds[-1]
        if own == 0 or own < last / RANGE:
            text = _(
                "**Vanishing gradient** from hidden layer {layer} back: standard deviation {own},"
                " where the last hidden layer has {last}; the layers before it learn far more"
                " slowly."
            )
        elif not own <= last * RANGE:
            text = _(
                "**Exploding gradient** from hidden layer {layer} back: standard deviation {own},"
                " where the last hidden layer has {last}."
            )
        else:
            continue
        return [text.format(layer=layer, own=number(own, 3), last=number(last, 3))]
    return []
