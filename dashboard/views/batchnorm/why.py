"""Why a layer's running statistics miss the population's: the causes, in words and numbers."""

from __future__ import annotations

import numpy as np

from dashboard.views.charts.batch_norm import Moment
from dashboard.views.charts.causes import CAUSES, cause_names, in_units, typical
from dashboard.words.i18n import _, integer, number, percent
from engine.analyses.causes import GapCauses
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm
from engine.analyses.replay import Lag

TINY = 5e-4
"""A size, in σ or percent, that is as good as none."""


NEGLIGIBLE = 1e-3
"""A typical gap of the means, in standard deviations, that needs no remedy."""


def verdict_text(
    causes: GapCauses, layer: InspectedBatchNorm, inspection: BatchNormInspection
) -> str:
    """The largest cause of either gap, and what would help."""
    means, variances = (_sizes(causes, layer, moment) for moment in ("mean", "var"))
    names = cause_names()
    text = _(
        "A channel of **{layer}** typically misses the population's mean by **{mean} σ**; the"
        " largest cause is **{cause}**. It misses the variance by **{var}**; the largest cause is"
        " **{var_cause}**."
    )
    first, second = _largest(means), _largest(variances)
    said = text.format(
        layer=layer.name.replace("_", "\\_"),
        mean=number(typical(in_total(causes, layer, "mean")), 2),
        cause=names[first],
        var=percent(typical(in_total(causes, layer, "var"))),
        var_cause=names[second],
    )
    if typical(in_total(causes, layer, "mean")) < NEGLIGIBLE:
        return said
    return f"{said} {remedies(inspection)[first]}"


def in_total(causes: GapCauses, layer: InspectedBatchNorm, moment: Moment) -> np.ndarray:
    """All causes of a channel's gap together."""
    parts = in_units(getattr(causes, moment), layer, moment)
    total: np.ndarray = np.sum(list(parts.values()), axis=0)
    return total


def remedies(inspection: BatchNormInspection) -> dict[str, str]:
    """What makes each cause smaller."""
    larger = _("Larger batches than {m} would make it smaller, and so would evaluating with exact"
               " statistics.")  # fmt: skip
    return {
        "lag": _("A smaller momentum, or a learning rate that decays, would make it smaller."),
        "dropout": _("Dropout behind the last Batch Normalization layer would not cause it."),
        "start": _("Longer training or a smaller momentum would make it smaller."),
        "short_batches": _(
            "Leaving the last batch out (`drop_last`), or a batch size that divides the samples,"
            " would not cause it."
        ),
        "chance": _("A larger momentum averages more batches and would make it smaller."),
        "estimator": _("The unbiased estimator, as in PyTorch, would not have it."),
        "batching": larger.format(m=integer(inspection.batch_size)),
    }


def _sizes(causes: GapCauses, layer: InspectedBatchNorm, moment: Moment) -> dict[str, float]:
    """How much each cause typically contributes."""
    parts = in_units(getattr(causes, moment), layer, moment)
    return {name: typical(parts[name]) for name in CAUSES}


def _largest(sizes: dict[str, float]) -> str:
    return max(sizes, key=lambda name: np.nan_to_num(sizes[name]))


def furthest_off(causes: GapCauses, layer: InspectedBatchNorm, moment: Moment) -> list[int]:
    """The channels in the order of their gap, the largest first."""
    total = np.nan_to_num(np.abs(in_total(causes, layer, moment)))
    return [int(channel) for channel in np.argsort(-total, kind="stable")]


def cause_table(
    causes: GapCauses, layer: InspectedBatchNorm, inspection: BatchNormInspection
) -> str:
    """Every cause that contributes, the largest first, with what it is: a table in Markdown."""
    means, variances = (_sizes(causes, layer, moment) for moment in ("mean", "var"))
    names, words = cause_names(), explanations(layer, inspection)
    titles = [_("Cause"), _("Mean (σ)"), _("Variance (%)"), _("What it is")]
    lines = [f"| {' | '.join(titles)} |", "|:--|--:|--:|:--|"]
    for name in sorted(CAUSES, key=lambda name: -np.nan_to_num(means[name] + variances[name])):
        if means[name] or variances[name]:
            size = f"{_small(means[name])} | {_small(100 * variances[name])}"
            lines.append(f"| **{names[name]}** | {size} | {words[name]} |")
    return "\n".join(lines)


def _small(size: float) -> str:
    """A share of the gap in two digits; what nobody could see is nothing."""
    return number(size, 2) if not 0 < size < TINY else "≈ 0"


def explanations(layer: InspectedBatchNorm, inspection: BatchNormInspection) -> dict[str, str]:
    """What each cause is, with this layer's own numbers."""
    lag, m = Lag(layer.momentum), integer(inspection.batch_size)
    window = number(lag.window, 3)
    biased = _("The running variance averages variances divided by m = {m}, not m − 1: 1/m less.")
    unbiased = _("The running variance averages unbiased variances: nothing is lost here.")
    few = _(
        "An epoch's last batch holds {short} of {m} samples and weighs as much as every other"
        " batch."
    )
    alone = _(
        "An epoch's last batch holds a single sample, whose variance is 0, and weighs as much as"
        " every other batch."
    )
    words = {
        "lag": _(
            "The weights moved while the last batches were averaged: with momentum {momentum} about"
            " {window} steps, half of the weight on the last {half}."
        ),
        "dropout": _(
            "Units were silenced in training, where statistics are kept, but not in inference."
        ),
        "start": _(
            "The value before the first step (mean 0) still weighs {momentum}^{step} = {kept}."
        ),
        "chance": _(
            "About {window} batches of {m} samples are few: which ones they were is left to chance."
        ),
        "short_batches": alone if inspection.short_batch == 1 else few,
        "estimator": biased if layer.variance == "biased" else unbiased,
        "batching": _(
            "In training every layer is normalized with its batch of {m}, in inference with the"
            " population; and values vary less within a batch than over all samples."
        ),
    }
    facts = {
        "momentum": f"{layer.momentum:g}",
        "window": window,
        "half": number(lag.half_life, 2),
        "m": m,
        "short": integer(inspection.short_batch),
        "step": integer(inspection.step),
        "kept": number(lag.initial_weight(inspection.step), 2),
    }
    return {name: text.format(**facts) for name, text in words.items()}
