"""Where running and population statistics differ most, and what it costs, in words and numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.views.charts.batch_norm import Moment
from dashboard.views.numbers import Number
from dashboard.words.i18n import _, integer, number, percent
from dashboard.words.text import plain
from engine.analyses.inspection import (
    BatchNormInspection,
    InspectedBatchNorm,
    ModeEvaluation,
    Statistics,
)
from engine.analyses.replay import Lag

MEAN_GAP = r"|\mu_{run} - \mu_{pop}| \,/\, \sqrt{\sigma^2_{pop} + \varepsilon}"
VAR_GAP = r"(\sigma^2_{run} - \sigma^2_{pop}) \,/\, (\sigma^2_{pop} + \varepsilon)"
UPDATE = r"\mu_{run} \leftarrow k\,\mu_{run} + (1-k)\,\mu_{batch}"

MANY = 2.0
"""A gap of a variance, as a share, from which on people say how many times as large it is."""

SMALL = 0.1
"""A gap of the means, in standard deviations, below which nobody need look further."""


def worst(inspection: BatchNormInspection) -> tuple[InspectedBatchNorm, int]:
    """The layer and the channel whose running mean is furthest from the population's."""
    found = [(layer, *_furthest(layer)) for layer in inspection.layers]
    layer, channel, _gap = max(found, key=lambda item: item[2])
    return layer, channel


def headline(inspection: BatchNormInspection) -> list[Number]:
    """What a reader looks for first: both largest gaps, what they cost, and the momentum."""
    layer, channel = worst(inspection)
    where = _("{layer}, channel {channel}")
    var_layer, var_channel, var_gap = worst_variance(inspection)
    lag, gap = Lag(layer.momentum), float(layer.mean_gap[channel])
    return [
        Number(
            _("Largest gap of the means"),
            f"{number(gap, 2)} σ" if np.isfinite(gap) else number(gap),
            where.format(layer=layer.name, channel=channel),
            gap_help("mean"),
        ),
        Number(
            _("Largest gap of the variances"),
            signed_percent(var_gap),
            where.format(layer=var_layer.name, channel=var_channel),
            gap_help("var"),
        ),
        _cost(inspection),
        Number(
            _("Momentum"),
            f"{layer.momentum:g}",
            _("averages about {n} batches").format(n=number(lag.window, 3)),
            _("Share of the running statistics kept each step; PyTorch's is one minus this.")
            + f"\n\n${UPDATE}$",
        ),
    ]


def _cost(inspection: BatchNormInspection) -> Number:
    inference = _score(inspection, "inference", "validation")
    exact = _score(inspection, "population", "validation")
    labelled = inference.accuracy is not None
    title = _("Accuracy at inference") if labelled else _("Loss at inference")
    value, other = (percent(e.accuracy) if labelled else number(e.loss) for e in (inference, exact))
    note = _("validation; exact: {score}").format(score=other)
    return Number(title, value, note, _("On the same weights and samples; only μ and σ² differ."))


def gap_help(moment: Moment) -> str:
    """The equation of a gap."""
    if moment == "mean":
        text = _("By how many standard deviations inference shifts the normalized channel.")
        return f"{text}\n\n${MEAN_GAP}$"
    text = _("How much larger or smaller the variance is that inference divides by.")
    return f"{text}\n\n${VAR_GAP}$"


def worst_variance(inspection: BatchNormInspection) -> tuple[InspectedBatchNorm, int, float]:
    """The layer and channel whose running variance is furthest off as a factor, and by what share
    of the population's."""

    def off(ratio: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.nan_to_num(np.abs(np.log(np.maximum(ratio, 1e-300))), nan=np.inf)

    layer = max(inspection.layers, key=lambda layer: float(off(layer.var_ratio).max()))
    channel = int(off(layer.var_ratio).argmax())
    return layer, channel, float(layer.var_ratio[channel] - 1)


def signed_percent(share: float) -> str:
    """+3.1%, −2.7%; what is many times as large is told as a factor: × 905."""
    if np.isfinite(share) and share >= MANY:
        return f"× {number(1 + share, 3)}"
    sign = "−" if share < 0 else "+"
    return f"{sign}{_share(abs(share))}" if np.isfinite(share) else number(share)


def _share(share: float) -> str:
    """A share; of what is many times as large, the factor."""
    if not np.isfinite(share):
        return number(share)
    return percent(share) if share < MANY else f"× {number(1 + share, 3)}"


def verdict_text(inspection: BatchNormInspection) -> str:
    """Where mean and variance are furthest off, by how much, and whether that matters."""
    layer, channel = worst(inspection)
    gap = layer.mean_gap[channel]
    if not np.isfinite(gap):
        text = _(
            "The running mean of **{layer}**, channel **{channel}**, is not a finite number"
            " (NaN): the run has diverged."
        )
        told = text.format(layer=plain(layer.name), channel=channel)
        return f"{told} {cost_text(inspection)}"
    if gap < SMALL:
        head = _("The running means agree with the population's everywhere.")
    else:
        head = _("The running statistics miss the population's.")
    text = _(
        "The mean is furthest off in **{layer}**, channel **{channel}**: by **{gap} standard"
        " deviations**, with {median} as the layer's median."
    )
    said = text.format(
        layer=plain(layer.name),
        channel=channel,
        gap=number(float(gap), 2),
        median=number(float(np.median(layer.mean_gap)), 2),
    )
    return f"{head} {said} {variance_text(inspection)} {cost_text(inspection)}"


def variance_text(inspection: BatchNormInspection) -> str:
    """Where the running variance is furthest off, and by what share of the population's."""
    layer, channel, gap = worst_variance(inspection)
    if not np.isfinite(gap):
        text = _("The variance of **{layer}**, channel **{channel}**, is not a finite number.")
    elif gap >= MANY:
        text = _(
            "The variance is furthest off in **{layer}**, channel **{channel}**: **{gap} times as"
            " large** as it should be, with {median} as the layer's median gap."
        )
    elif gap < 0:
        text = _(
            "The variance is furthest off in **{layer}**, channel **{channel}**: **{gap} too"
            " small**, with {median} as the layer's median gap."
        )
    else:
        text = _(
            "The variance is furthest off in **{layer}**, channel **{channel}**: **{gap} too"
            " large**, with {median} as the layer's median gap."
        )
    return text.format(
        layer=plain(layer.name),
        channel=channel,
        gap=number(1 + gap, 3) if gap >= MANY else _share(abs(gap)),
        median=_share(float(np.median(np.abs(layer.var_ratio - 1)))),
    )


def scores_table(inspection: BatchNormInspection) -> pd.DataFrame:
    """One row per kind of statistics; accuracies in percent, where there are any."""
    rows = []
    for mode, name in mode_names(inspection).items():
        train, validation = (_score(inspection, mode, s) for s in ("train", "validation"))
        row: dict[str, str | float] = {_("Normalized with"): name, _("Training loss"): train.loss}
        if train.accuracy is not None:
            row[_("Training accuracy")] = 100 * train.accuracy
        row[_("Validation loss")] = validation.loss
        if validation.accuracy is not None:
            row[_("Validation accuracy")] = 100 * validation.accuracy
        rows.append(row)
    return pd.DataFrame(rows)


def cost_text(inspection: BatchNormInspection) -> str:
    """What the running statistics cost: in validation accuracy, in points, or else in loss."""
    inference = _score(inspection, "inference", "validation")
    population = _score(inspection, "population", "validation")
    running, exact = inference.accuracy, population.accuracy
    if running is None or exact is None:
        text = _(
            "On the validation samples, the loss is **{running}** with running statistics and"
            " {exact} with the exact ones."
        )
        return text.format(running=number(inference.loss), exact=number(population.loss))
    points = 100 * (exact - running)
    if abs(points) < 0.05:
        text = _(
            "On the validation samples, inference with running statistics is as accurate as with"
            " the exact ones: **{running}**."
        )
    elif points > 0:
        text = _(
            "On the validation samples, inference with running statistics reaches **{running}**;"
            " with the exact ones it would be {exact}: **{points} points lost**."
        )
    else:
        text = _(
            "On the validation samples, inference with running statistics reaches **{running}**,"
            " by chance {points} points more than with the exact ones ({exact})."
        )
    return text.format(running=percent(running), exact=percent(exact), points=f"{abs(points):.1f}")


def mode_names(inspection: BatchNormInspection) -> dict[Statistics, str]:
    """What normalizes, in the reader's language."""
    own = _("Each batch of {m}: training mode").format(m=integer(inspection.batch_size))
    return {
        "inference": _("Running statistics: inference"),
        "population": _("Exact population statistics"),
        "training": own,
    }


def _score(inspection: BatchNormInspection, mode: Statistics, split: str) -> ModeEvaluation:
    return next(e for e in inspection.evaluations if e.mode == mode and e.split == split)


def _furthest(layer: InspectedBatchNorm) -> tuple[int, float]:
    gap = np.nan_to_num(layer.mean_gap, nan=np.inf, posinf=np.inf)
    channel = int(gap.argmax())
    return channel, float(gap[channel])


def worst_channels(layer: InspectedBatchNorm) -> list[int]:
    """The channels in the order of their mean's gap, the largest first."""
    gap = np.nan_to_num(layer.mean_gap, nan=np.inf)
    return [int(channel) for channel in np.argsort(-gap, kind="stable")]
