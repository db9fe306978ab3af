"""How much of what reaches an activation it can learn from, before and after normalization."""

from __future__ import annotations

import numpy as np

from dashboard.words.i18n import _, number, percent
from engine.analyses.inspection import InspectedBatchNorm
from engine.analyses.normalization import Normalization
from engine.layer_statistics import FLAT
from engine.layers import Activation
from engine.layers.activation import Saturating


def verdict_text(found: Normalization, layer: InspectedBatchNorm) -> str:
    """How much of the values the activation can learn from, before and after."""
    if found.before.saturated is None or found.after.saturated is None or not found.activation:
        return _(
            "No activation follows **{layer}**: what it normalizes goes straight into the next"
            " layer's sums."
        ).format(layer=layer.name.replace("_", "\\_"))
    before, after = (percent(side.saturated) for side in (found.before, found.after))
    names = {
        "activation": _(found.activation.title()),
        "layer": layer.name.replace("_", "\\_"),
        "flat": percent(FLAT, 0),
    }
    if before == after == percent(0.0):
        return _spread_text(found).format(**names)
    return _flat_text(found.activation).format(before=before, after=after, **names)


def _flat_text(activation: Activation) -> str:
    """A rectifier is off where it is flat; what levels off on both sides is saturated."""
    if isinstance(activation, Saturating):
        return _(
            "Without normalization **{before}** of what reaches {activation} would saturate it,"
            " that is lie where its slope is below {flat} of its largest; after **{layer}** it is"
            " **{after}**."
        )
    return _(
        "Without normalization {activation} would be off for **{before}** of what reaches it, that"
        " is have a slope below {flat} of its largest; after **{layer}** it is **{after}**."
    )


def _spread_text(found: Normalization) -> str:
    """Where no value is lost either way, what normalization does to the channels' width."""
    low, high = (
        number(float(np.median(side.channels[2] - side.channels[0])), 2)
        for side in (found.before, found.after)
    )
    text = _(
        "Nothing that reaches {activation} lies where its slope is below {flat} of its largest,"
        " before **{layer}** or after: here it does not keep values from the flat parts. It sets"
        " their width: the middle 90 % of a channel spans **{before}** before and **{after}** after"
        " it, in the median."
    )
    return text.replace("{before}", low).replace("{after}", high)
