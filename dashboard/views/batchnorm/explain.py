"""What the words of the BatchNorm page mean, with a layer's own numbers."""

from __future__ import annotations

from dashboard.words.i18n import _
from engine.analyses.inspection import InspectedBatchNorm


def conventions(layer: InspectedBatchNorm) -> str:
    """What differs elsewhere: momentum, the kind of variance, epsilon; and what a gap is."""
    momentum = _(
        "**Momentum** {keep} is the share kept at each step, as in Keras and the textbooks; PyTorch"
        " calls the new share so and would write {new}."
    )
    biased = _(
        "**Variance**: the running variance averages the biased estimate, divided by m, as in Keras"
        " and the textbooks."
    )
    unbiased = _(
        "**Variance**: the running variance averages the unbiased estimate, divided by m − 1, as in"
        " PyTorch; training itself normalizes with the biased one."
    )
    epsilon = _("**ε** = {epsilon} is added to the variance under the root.")
    gap = _(
        "**Gap of the means**: |running − population| / √(population variance + ε): by how many"
        " standard deviations the normalized channel is shifted in inference."
    )
    lines = [
        momentum.format(keep=f"{layer.momentum:g}", new=f"{1 - layer.momentum:g}"),
        biased if layer.variance == "biased" else unbiased,
        epsilon.format(epsilon=f"{layer.epsilon:g}"),
        gap,
    ]
    return "\n".join(f"- {line}" for line in lines)
