"""What a configuration will build and how long it trains, in words."""

from __future__ import annotations

from dashboard.words.i18n import _, integer, ngettext
from engine.architecture import Architecture, LayerInfo
from engine.datasets import DatasetInfo
from engine.layers import Shape


def size_line(plan: Architecture, epochs: int) -> str:
    """Parameters and steps, beside the button."""
    parameters = ngettext("{n} parameter", "{n} parameters", plan.parameters)
    per_epoch = ngettext("{n} step/epoch", "{n} steps/epoch", plan.steps_per_epoch)
    steps = ngettext("{n} step", "{n} steps", plan.steps)
    return (
        f"**{parameters.format(n=integer(plan.parameters))}**  \n"
        f"{per_epoch.format(n=integer(plan.steps_per_epoch))} × {integer(epochs)}"
        f" = **{steps.format(n=integer(plan.steps))}**"
    )


def data_line(info: DatasetInfo) -> str:
    """How much data there is."""
    if info.classes is None:
        text = _("Data: {train} training and {validation} validation samples, {n} target(s).")
    else:
        text = _("Data: {train} training and {validation} validation samples, {n} classes.")
    return text.format(
        train=integer(info.train_samples),
        validation=integer(info.validation_samples),
        n=info.outputs,
    )


def network_in_words(shape: Shape, layers: tuple[LayerInfo, ...]) -> str:
    """The drawing for those who do not see it."""
    inputs = _("input")
    words = [f"{inputs} {_shape(shape)}"]
    words += [f"{layer.name} {_shape(layer.output_shape)}" for layer in layers]
    return _("The network, with the shape after each layer: {layers}").format(
        layers=", ".join(words)
    )


def _shape(shape: Shape) -> str:
    return " × ".join(map(str, shape))
