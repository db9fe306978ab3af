"""What a lesson that is being written claims: by which score it is judged, of which arms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.app_pages.lessons.write_texts import Pen
from dashboard.reads.lessons import fitting
from dashboard.words.i18n import _, msg
from engine.analyses.verdicts import Compared, Relation
from engine.lessons.arms import Trained
from engine.lessons.lesson import MOST_ARMS
from engine.lessons.scores import SCORES, LessonScore

RELATIONS: Mapping[Relation, str] = {
    "better": msg("better than"),
    "alike": msg("alike, as far as it matters"),
}
POINTS, LOSS = 0.02, 0.05
"""The smallest difference that counts where nobody has said another: of shares, of losses."""


def choose_judged(arms: Sequence[Trained], pen: Pen) -> dict[str, Any]:
    """The claim in words, the score, the comparisons and the smallest difference that counts."""
    start = pen.start
    label = _("The claim in one sentence")
    claim = pen.line("claim", label, _(start.claim) if start else "")
    left, right = st.columns(2, gap="medium")
    with left:
        words = {name: _(SCORES[name].label) for name in fitting(arms)}
        score = pen.choose("score", _("Judged by"), words, start.score if start else None)
    with right:
        effect = _effect(score, pen)
    found = {
        "claim": claim,
        "score": score,
        "effect": effect,
        "comparisons": _comparisons(arms, pen),
    }
    with st.expander(_("More to say (optional)")):
        held = ("measured", _("What was measured before")), ("further", _("What to try next"))
        for field, text in held:
            usual = _(getattr(start, field)) if start else ""
            found[field] = pen.area(field, text, usual, longest=1_000, height=90, needed=False)
    if start is not None:
        found["expected"] = start.expected
    return found


def _effect(score: LessonScore, pen: Pen) -> float:
    """The smallest difference that counts; of shares in percentage points."""
    share, start = SCORES[score].share, pen.start
    usual = POINTS if share else LOSS
    if start is not None and SCORES[start.score].share == share:
        usual = start.effect
    label = _("Smallest difference that counts")
    typed = st.number_input(
        _("Smallest difference that counts, in percentage points") if share else label,
        value=round(100 * usual, 6) if share else usual,
        min_value=1e-6,
        max_value=100.0 if share else 1e6,
        format="%g",
        key=pen.name(f"effect {share}"),
        persist_state="session",
    )
    return float(typed) / 100 if share else float(typed)


def _comparisons(arms: Sequence[Trained], pen: Pen) -> list[dict[str, str]]:
    """What the claim says of the arms, two by two."""
    held: Sequence[Compared] = pen.start.comparisons if pen.start else ()
    n = st.number_input(
        _("Comparisons"),
        value=max(1, len(held)),
        min_value=1,
        max_value=MOST_ARMS,
        key=pen.name("comparisons"),
        persist_state="session",
        help=_("The claim holds where all of them do."),
        width=200,
    )
    return [_comparison(i, arms, held[i] if i < len(held) else None, pen) for i in range(int(n))]


def _comparison(i: int, arms: Sequence[Trained], held: Compared | None, pen: Pen) -> dict[str, str]:
    """One arm, held against another. Arms are chosen by their places: names are still changed."""
    words = {place: arm.name or "–" for place, arm in enumerate(arms)}
    first, second = 0, min(i + 1, len(arms) - 1)
    if held is not None and pen.start is not None:
        configs = {arm.name: arm.config for arm in pen.start.arms if isinstance(arm, Trained)}
        places = {arm.config: place for place, arm in enumerate(arms)}
        first = places.get(configs[held.arm], first)
        second = places.get(configs[held.than], second)
    arm, relation, than = st.columns(3, gap="medium")
    with arm:
        one = pen.choose(f"arm of {i}", _("Arm"), words, first)
    with relation:
        told = {name: _(text) for name, text in RELATIONS.items()}
        usual = held.relation if held else "better"
        related = pen.choose(f"relation of {i}", _("Said to be"), told, usual)
    with than:
        other = pen.choose(f"than of {i}", _("Held against"), words, second)
    return {"arm": arms[one].name, "relation": related, "than": arms[other].name}
