"""How much of what reaches an activation it can learn from, before and after normalization."""

from __future__ import annotations

from dashboard.words.i18n import _, percent
from engine.analyses.inspection import InspectedBatchNorm
from engine.analyses.normalization import Normalization


def verdict_text(found: Normalization, layer: InspectedBatchNorm) -> str:
    """How much of the values the activation can learn from, before and after."""
    if found.before.saturated is None or found.after.saturated is None or not found.activation:
        return _(
            "No activation follows **{layer}**: what it normalizes goes straight into the next"
            " layer's sums."
        ).format(layer=layer.name.replace("_", "\\_"))
    text = _(
        "Without normalization **{before}** of what reaches {activation} would be saturated, where"
        " its slope is below 5% of its largest; after **{layer}** it is **{after}**."
    )
    return text.format(
        before=percent(found.before.saturated),
        after=percent(found.after.saturated),
        activation=_(found.activation.title()),
        layer=layer.name.replace("_", "\\_"),
    )
