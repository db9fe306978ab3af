"""In words: what is unhealthy inside a run's layers, since which step, and by which bounds."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from dashboard.words.i18n import _, integer, msg, percent
from dashboard.words.text import plain
from db.records import Run
from engine.analyses.health import (
    LARGEST_UPDATE,
    LASTING,
    MOST_DEAD,
    MOST_SATURATED,
    RANGE,
    Finding,
    Kind,
)
from engine.statistics import FLAT

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
    "large_updates": msg("Large updates"),
}
"""What each ill is called, the worst first."""

_ILLS: dict[Kind, str] = {
    "not_finite": msg("NaN or infinity in {layers}."),
    "exploding": msg(
        "over {range} times as strong as in the first layer, in {layers}. A"
        " smaller initialization or Batch Normalization holds it."
    ),
    "vanishing": msg(
        "under 1/{range} of the first layer's strength, in {layers}. What"
        " tells samples apart is lost on the way; He or Xavier initialization keeps it."
    ),
    "exploding_gradient": msg(
        "over {range} times as strong as in the last layer, in {layers}. A"
        " smaller initialization, clipping or Batch Normalization holds it."
    ),
    "vanishing_gradient": msg(
        "under 1/{range} of the last layer's strength, in {layers}. These"
        " layers hardly learn; another activation, He or Xavier initialization or Batch"
        " Normalization helps."
    ),
    "saturated": msg(
        "over {saturated} of the outputs lie where the activation's slope is below"
        " {flat} of its largest, in {layers}. They learn almost nothing there; a smaller"
        " initialization or Batch Normalization before the activation helps."
    ),
    "dead": msg(
        "over {dead} of the units are off for every sample of the batch, in"
        " {layers}. They get no gradient; a lower learning rate, He initialization or LeakyReLU"
        " helps."
    ),
    "large_updates": msg(
        "over {update} of the weights' norm in one step, in {layers}. About"
        " 0.1% is usual; the learning rate may be too high."
    ),
}

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
    "update_ratio": msg("Healthy: at most {update}, in layers with weights; about 0.1% is usual."),
}


def tell_health(run: Run, findings: Sequence[Finding], names: Sequence[str]) -> None:
    """A sentence for each ill; what has passed apart from what lasts."""
    lasting = [f for f in findings if f.lasts]
    passed = [f for f in findings if not f.lasts]
    if lasting:
        st.warning("\n\n".join(sentences(lasting, names)), icon=":material/stethoscope:")
    elif not passed:
        text = _("**Healthy**: nothing saturates, dies, vanishes or explodes in any layer.")
        if not run.status.ended:
            text = _("**Healthy** so far: nothing saturates, dies, vanishes or explodes.")
        st.success(text, icon=":material/check_circle:")
    if passed:
        label = _("Passed by itself ({n})").format(n=len(by_kind(passed)))
        with st.expander(label, icon=":material/history:"):
            st.markdown("\n\n".join(sentences(passed, names)))
    if findings:
        st.caption(not_found(findings))


def first_told(findings: Sequence[Finding]) -> str | None:
    """The statistic by which the first ill that lasts was found."""
    told = by_kind([f for f in findings if f.lasts])
    return next((found[0].statistic for found in told.values()), None)


def sentences(findings: Sequence[Finding], names: Sequence[str]) -> list[str]:
    """One sentence a kind of ill, naming its layers and when each began."""
    told = _("**{ill}**: {what}")
    return [
        told.format(ill=_(NAMES[kind]), what=_worded(_ILLS[kind])).replace(
            "{layers}", layers_text(found, names)
        )
        for kind, found in by_kind(findings).items()
    ]


def not_found(findings: Sequence[Finding]) -> str:
    """The ills that were looked for, too: that a layer is not named says that it is well."""
    others = [_(name) for kind, name in NAMES.items() if kind not in by_kind(findings)]
    return _("Looked for and not found: {ills}.").format(ills=_(", ").join(others))


def healthy_text(statistic: str) -> str:
    """The range in which a statistic is healthy, or nothing where no rule is known."""
    text = _RANGES.get(statistic)
    return _worded(text) if text else ""


def explain_bounds() -> None:
    """Where the bounds come from."""
    with st.popover(_("How this is judged"), icon=":material/rule:", type="tertiary"):
        st.markdown(
            _(
                "A layer is told of when it is outside its healthy range at {lasting} recorded"
                " steps in a row. The bounds are rules of thumb, wide enough that what lies outside"
                " is worth a look:"
            ).format(lasting=LASTING)
        )
        sources = [
            _(
                "**Signals** should keep their strength from layer to layer, since a factor in each"
                " acts exponentially with depth ([Glorot and Bengio, 2010]"
                "(https://proceedings.mlr.press/v9/glorot10a.html); [He et al., 2015]"
                "(https://arxiv.org/abs/1502.01852))."
            ),
            _(
                "**Saturation**: an activation learns only where it is not flat (Glorot and Bengio,"
                " 2010)."
            ),
            _(
                "**Dead units** get no gradient and may stay so ([Lu et al., 2019]"
                "(https://arxiv.org/abs/1903.06733))."
            ),
            _(
                "**Updates** of about 0.1% of the weights' norm are usual ([CS231n]"
                "(https://cs231n.github.io/neural-networks-3/#ratio))."
            ),
        ]
        st.markdown("\n".join(f"- {source}" for source in sources))


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
    }
    text = _(text)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
