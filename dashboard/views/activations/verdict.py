"""In words: whether the signals of an untrained network stay healthy, and where they do not."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.views.run.health import remedies_text
from dashboard.words.i18n import _, number, percent
from engine.analyses.health import INITIAL_RANGE, LEAST_SPREAD, MOST_SATURATED, RANGE
from engine.analyses.normalization import flat_share
from engine.analyses.remedies import made_for, suits
from engine.analyses.signals import Drift, LayerSignals, drift
from engine.config import RunConfig
from engine.layer_statistics import FLAT
from engine.layers import Activation, Dense, LayerSpec
from engine.layers.activation import Saturating

FAR = 20
"""Hidden layers for which a factor is told too."""


def sums(signals: Sequence[LayerSignals], layers: Sequence[LayerSpec]) -> Sequence[LayerSignals]:
    """What the hidden layers' activations are given, from the inputs on: the sums z, normalized
    where Batch Normalization stands between."""
    return [signals[i - 1] for i, layer in enumerate(layers) if isinstance(layer, Activation)]


def activations(
    signals: Sequence[LayerSignals], layers: Sequence[LayerSpec]
) -> Sequence[LayerSignals]:
    """The hidden layers' activations a, from the inputs on."""
    return [signals[i] for i, layer in enumerate(layers) if isinstance(layer, Activation)]


def verdict(signals: Sequence[LayerSignals], config: RunConfig) -> tuple[bool, list[str]]:
    """Whether the network is healthy, and what there is to say about it."""
    z, a = sums(signals, config.layers), activations(signals, config.layers)
    activation = next(layer for layer in config.layers if isinstance(layer, Activation))
    found = [
        *_alike(z),
        *_forward([layer.std for layer in z]),
        *_saturated(z, activation),
        *_backward([layer.gradient_std for layer in a]),
    ] or _drifting(z, a, config)
    healthy = _(
        "**Healthy**: signals and gradients keep their strength through all {n} hidden layers, and"
        " the activation is not flat where the sums lie."
    )
    return not found, found or [healthy.format(n=len(z))]


def bounds() -> str:
    """By which bounds the page judges, and why by these."""
    text = _(
        "Healthy here means: each hidden layer's sums z have a standard deviation within a factor"
        " of {range} of the inputs', its gradients within a factor of {range} of the last hidden"
        " layer's, and at most {share} of its outputs lie where the slope of a saturating"
        " activation is below {flat} of its largest. These are rules of thumb: what shrinks or"
        " grows by the same factor in every layer does so exponentially with depth. What a run"
        " recorded is judged by a factor of {trained}, since training moves strengths apart by"
        " itself."
    )
    return text.format(
        range=f"{INITIAL_RANGE:g}",
        trained=f"{RANGE:g}",
        share=percent(MOST_SATURATED, 0),
        flat=percent(FLAT, 0),
    )


def _alike(sums: Sequence[LayerSignals]) -> list[str]:
    first = next((i for i, layer in enumerate(sums, start=1) if layer.spread < LEAST_SPREAD), None)
    if first is None:
        return []
    text = _(
        "**All units alike** from hidden layer {layer} on: every unit of a layer computes the same"
        " and so learns the same; the layer is worth one unit. Weights drawn at random tell them"
        " apart."
    )
    return [text.format(layer=first)]


def _forward(stds: Sequence[float]) -> list[str]:
    """The first layer that the signal does not reach, or where it is far too strong."""
    for layer, std in enumerate(stds, start=1):
        if std < 1 / INITIAL_RANGE:
            text = _(
                "**Vanishing** from hidden layer {layer} on: its sums have standard deviation"
                " {std}, where the inputs have 1; every sample looks the same from there."
            )
        elif not std <= INITIAL_RANGE:
            text = _(
                "**Exploding** from hidden layer {layer} on: its sums have standard deviation"
                " {std}, where the inputs have 1."
            )
        else:
            continue
        return [text.format(layer=layer, std=number(std, 3))]
    return []


def _drifting(z: Sequence[LayerSignals], a: Sequence[LayerSignals], config: RunConfig) -> list[str]:
    """A strength that changes by the same factor in every layer, though not far enough yet to be
    outside the range at this depth: of the signals, else of the gradients."""
    found = drift([layer.std for layer in z], [layer.std_theory for layer in z])
    if found is not None:
        shrinking = _(
            "**Shrinking**: from one hidden layer to the next the sums become about {factor} times"
            " as strong, and {total} times over all {n} layers; over {far} layers it would be"
            " {then} times."
        )
        growing = _(
            "**Growing**: from one hidden layer to the next the sums become about {factor} times as"
            " strong, and {total} times over all {n} layers; over {far} layers it would be {then}"
            " times."
        )
        text = shrinking if found.factor < 1 else growing
        return [_drift_text(text, found, z[-1].std / z[0].std, config)]
    back = a[::-1]
    found = drift(
        [layer.gradient_std for layer in back], [layer.gradient_std_theory for layer in back]
    )
    if found is None:
        return []
    shrinking = _(
        "**Shrinking gradient**: from one hidden layer back to the one before it the gradients"
        " become about {factor} times as strong, and {total} times over all {n} layers; over {far}"
        " layers it would be {then} times. The first layers learn that much more slowly."
    )
    growing = _(
        "**Growing gradient**: from one hidden layer back to the one before it the gradients become"
        " about {factor} times as strong, and {total} times over all {n} layers; over {far} layers"
        " it would be {then} times."
    )
    text = shrinking if found.factor < 1 else growing
    return [_drift_text(text, found, a[0].gradient_std / a[-1].gradient_std, config)]


def _drift_text(text: str, found: Drift, total: float, config: RunConfig) -> str:
    """What changes by which factor, and what helps."""
    activation = next(layer for layer in config.layers if isinstance(layer, Activation))
    told = text.format(
        factor=number(found.factor, 2),
        n=sum(isinstance(layer, Activation) for layer in config.layers),
        total=number(total, 2),
        far=FAR,
        then=number(found.factor ** (FAR - 1), 2),
    )
    inits = [layer.init for layer in config.layers if isinstance(layer, Dense)]
    suited = all(suits(init, activation) for init in inits)
    helps = _("What helps: {remedies}.").format(
        remedies=remedies_text(("batch_norm",) if suited else (made_for(activation), "batch_norm"))
    )
    return f"{told} {helps}"


def _saturated(sums: Sequence[LayerSignals], activation: Activation) -> list[str]:
    if not isinstance(activation, Saturating):
        return []
    shares = [flat_share(layer.activations, activation) for layer in sums]
    first = next((i for i, share in enumerate(shares) if share > MOST_SATURATED), None)
    if first is None:
        return []
    text = _(
        "**Saturated** from hidden layer {layer} on: {share} of its outputs lie where the slope of"
        " the activation is below {flat} of its largest, and learn almost nothing."
    )
    return [text.format(layer=first + 1, share=percent(shares[first], 0), flat=percent(FLAT, 0))]


def _backward(stds: Sequence[float]) -> list[str]:
    """The first layer, from the outputs back, that the gradient reaches far too weak or strong."""
    for layer in range(len(stds), 0, -1):
        own, last = stds[layer - 1], stds[-1]
        if own == 0 or own < last / INITIAL_RANGE:
            text = _(
                "**Vanishing gradient** from hidden layer {layer} back: standard deviation {own},"
                " where the last hidden layer has {last}; the layers before it learn far more"
                " slowly."
            )
        elif not own <= last * INITIAL_RANGE:
            text = _(
                "**Exploding gradient** from hidden layer {layer} back: standard deviation {own},"
                " where the last hidden layer has {last}."
            )
        else:
            continue
        return [text.format(layer=layer, own=number(own, 3), last=number(last, 3))]
    return []
