"""Which layers' distributions stand together, and the axis that their outputs fill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.layers import BatchNorm, LayerSpec
from engine.layers.activation import Activation, Saturating

Shown = Literal["activations", "sums", "all"]
"""What activations put out, what goes into them (the weighted sums and what Batch Normalization
makes of them), or every layer. The sums lie on another scale, on which a sigmoid's outputs, which
fill 0 to 1, are a spike."""


def layers_of(layers: Sequence[LayerSpec], shown: Shown) -> list[int]:
    """The places of those layers in a stack."""
    return [i for i, layer in enumerate(layers) if _is_shown(layer, shown)]


def _is_shown(layer: LayerSpec, shown: Shown) -> bool:
    if shown == "activations":
        return isinstance(layer, Activation)
    return shown == "all" or layer.weight is not None or isinstance(layer, BatchNorm)


def usual_layers(stacks: Sequence[Sequence[LayerSpec]]) -> Shown:
    """What is shown at first: the activations, if there are any."""
    return "activations" if any(layers_of(stack, "activations") for stack in stacks) else "all"


def filled_range(layers: Sequence[LayerSpec]) -> tuple[float, float] | None:
    """The values that outputs of these layers can have, where all of them are bounded."""
    bounds = [layer.bounds for layer in layers if isinstance(layer, Saturating)]
    if not bounds or len(bounds) < len(layers):
        return None
    return min(low for low, _high in bounds), max(high for _low, high in bounds)
