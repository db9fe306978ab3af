"""What becomes of a BN layer that is folded into the layer before it."""

from __future__ import annotations

from dashboard.words.i18n import _, integer, number
from db.records import Run
from engine.analyses.folding import Folding
from engine.analyses.inspection import InspectedBatchNorm
from engine.architecture import layer_names


def folded_text(found: Folding) -> str:
    """How much smaller the network is, and that its outputs stay the same."""
    text = _(
        "In inference mode this is one affine map. Folded wherever a dense or convolutional layer"
        " comes right before, the network has **{after}** parameters instead of {before} and no"
        " running statistics for those layers; on {samples} training samples its outputs differ by"
        " at most **{difference}**, which is rounding."
    )
    return text.format(
        after=integer(found.folded_parameters),
        before=integer(found.parameters),
        samples=integer(found.samples),
        difference=number(found.largest_difference, 2),
    )


def stays_text(run: Run, layer: InspectedBatchNorm) -> str:
    """Why a layer cannot be folded."""
    names = layer_names(run.config.layers)
    if layer.layer == 0:
        text = _("{batch_norm} comes first: there is no layer before it that could take it in.")
        return text.format(batch_norm=layer.name).replace("_", "\\_")
    text = _(
        "{batch_norm} stays: it follows {before}, and only the weights of a layer right before it"
        " could take it in."
    )
    return text.format(batch_norm=layer.name, before=names[layer.layer - 1]).replace("_", "\\_")
