"""In words: what is unhealthy inside the layers of a run, since which step, and by which bounds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np
import pandas as pd

from dashboard.words.i18n import _, integer, msg, percent
from dashboard.words.sentences import sentence
from dashboard.words.text import plain
from db.records import Run
from engine.analyses.health import (
    LARGEST_UPDATE,
    LEAST_SPREAD,
    MOST_DEAD,
    MOST_SATURATED,
    RANGE,
    Finding,
    Kind,
    Recorded,
    outside,
    stretches,
)
from engine.analyses.remedies import Remedy, remedies
from engine.architecture import layer_names
from engine.config import RunConfig
from engine.layer_statistics import FLAT, Statistic
from engine.messages import either

NAMED = 6
"""Layers that a sentence names; of more it says how many."""


NAMES: dict[Kind, str] = {
    "not_finite": msg("Not finite"),
    "exploding": msg("Exploding signal"),
    "vanishing": msg("Vanishing signal"),
    "exploding_gradient": msg("Exploding gradient"),
    "vanishing_gradient": msg("Vanishing gradient"),
    "saturated": msg("Saturated"),
    "dead": msg("Dead units"),
    "alike": msg("Units all alike"),
    "large_updates": msg("Large updates"),
}
"""What each ill is called, the worst first."""


_ILLS: dict[Kind, str] = {
    "not_finite": msg("NaN or infinity in {layers}."),
    "exploding": msg("over {range} times as strong as in the first layer, in {layers}."),
    "vanishing": msg(
        "under 1/{range} of the first layer's strength, in {layers}. What"
        " tells samples apart is lost on the way."
    ),
    "exploding_gradient": msg("over {range} times as strong as in the last layer, in {layers}."),
    "vanishing_gradient": msg(
        "under 1/{range} of the last layer's strength, in {layers}. These layers hardly learn."
    ),
    "saturated": msg(
        "over {saturated} of the outputs lie where the activation's slope is below"
        " {flat} of its largest, in {layers}. They learn almost nothing there."
    ),
    "dead": msg(
        "over {dead} of the units have almost no slope for any sample of the batch, in"
        " {layers}. They get almost no gradient."
    ),
    "alike": msg(
        "all units of a layer do the same, in {layers}. They learn the same, too: the layer is"
        " worth one unit."
    ),
    "large_updates": msg(
        "over {update} of the weights' norm in one step, in {layers}. About 0.1% is usual."
    ),
}


REMEDIES: dict[Remedy, str] = {
    "he": msg("He initialization"),
    "xavier": msg("Xavier initialization"),
    "lecun": msg("LeCun initialization"),
    "batch_norm": msg("Batch Normalization before the activation"),
    "rectifier": msg("ReLU as the activation"),
    "leaky": msg("LeakyReLU as the activation"),
    "lower_rate": msg("a lower learning rate"),
    "clipping": msg("gradient clipping"),
    "fewer_layers": msg("fewer layers"),
    "random": msg("weights drawn at random"),
}
"""What each remedy is called within a sentence."""


_RANGES = {
    "activation_std": msg(
        "Healthy: every layer with weights within a factor of {range} of the first one."
    ),
    "gradient_std": msg(
        "Healthy: every layer with weights within a factor of {range} of the last one."
    ),
    "saturated": msg(
        "Healthy: at most {saturated}, in activations that level off on both sides. ReLU is meant"
        " to be off about half of the time."
    ),
    "dead": msg("Healthy: at most {dead} of the units."),
    "unit_spread": msg("Healthy: at least {spread}. At 0 all units of a layer do the same."),
    "update_ratio": msg("Healthy: at most {update}, in layers with weights; about 0.1% is usual."),
}


def first_told(findings: Sequence[Finding]) -> str | None:
    """The statistic by which the first ill that lasts was found."""
    told = by_kind([f for f in findings if f.lasts])
    return next((found[0].statistic for found in told.values()), None)


def sentences(findings: Sequence[Finding], config: RunConfig) -> list[str]:
    """What there is to say of each kind of ill: its layers, when each began, and what helps."""
    told, names = _("**{ill}**: {what} What helps: {remedies}."), layer_names(config.layers)
    return [
        told.format(
            ill=_(NAMES[kind]),
            what=_worded(_ILLS[kind]).replace("{layers}", layers_text(found, names)),
            remedies=remedies_text(remedies(found, config)),
        )
        for kind, found in by_kind(findings).items()
    ]


def remedies_text(found: Sequence[Remedy]) -> str:
    """What helps, within a sentence: `He initialization or gradient clipping`."""
    return sentence(either(*(_(REMEDIES[remedy]) for remedy in found)))


def not_found(findings: Sequence[Finding]) -> str:
    """The ills that were looked for, too: that a layer is not named says that it is well."""
    others = [_(name) for kind, name in NAMES.items() if kind not in by_kind(findings)]
    return _("Looked for and not found: {ills}.").format(ills=_(", ").join(others))


def healthy_text(statistic: str) -> str:
    """The range in which a statistic is healthy, or nothing where no rule is known."""
    text = _RANGES.get(statistic)
    return _worded(text) if text else ""


def by_kind(findings: Sequence[Finding]) -> dict[Kind, list[Finding]]:
    """In the order in which each kind is told: what is worst first."""
    return {kind: found for kind in NAMES if (found := [f for f in findings if f.kind == kind])}


def layers_text(findings: Sequence[Finding], names: Sequence[str]) -> str:
    """`sigmoid1, sigmoid2 (from step 1 on), sigmoid3 (from step 40 on)`."""
    ordered = sorted(findings, key=lambda f: (f.since, f.until, f.layer))
    named, rest = ordered[:NAMED], ordered[NAMED:]
    parts = []
    for (since, until, lasts), group in groupby(named, key=lambda f: (f.since, f.until, f.lasts)):
        layers = _(", ").join(plain(names[f.layer]) for f in group)
        when = _("from step {since} on") if lasts else _("steps {since} to {until}")
        times = when.format(since=integer(since), until=integer(until))
        parts.append(_("{layers} ({when})").format(layers=layers, when=times))
    if rest:
        parts.append(_("{n} more").format(n=len(rest)))
    return _(", ").join(parts)


def _worded(text: str) -> str:
    values = {
        "range": f"{RANGE:g}",
        "saturated": percent(MOST_SATURATED, 0),
        "dead": percent(MOST_DEAD, 0),
        "update": percent(LARGEST_UPDATE, 0),
        "flat": percent(FLAT, 0),
        "spread": f"{LEAST_SPREAD:g}",
    }
    text = _(text)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def unhealthy_spans(
    info: Statistic, history: Recorded, run: Run, names: Sequence[str]
) -> pd.DataFrame:
    """One row per stretch of recorded steps at which a layer was unhealthy: `line`, `step`,
    `until`."""
    end = min(int(history.steps[-1]) + 1, run.final_step)
    ends = np.append(history.steps[1:], end)
    found = [
        (names[int(layer)], int(history.steps[first]), int(ends[last - 1]))
        for cells in outside(info.name, history, run.config.layers).values()
        for layer in np.flatnonzero(cells.any(axis=0))
        for first, last in zip(*stretches(cells[:, layer]), strict=True)
    ]
    return pd.DataFrame(found, columns=["line", "step", "until"])
