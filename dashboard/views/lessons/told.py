"""A lesson's verdict in words: its state, and each comparison with its numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.views.compare.pairs import NBSP
from dashboard.views.lessons.samples import counted, samples_of
from dashboard.words.arms import arm_names
from dashboard.words.i18n import _, integer, msg, ngettext, number, percent
from engine.analyses.surfaces import SURFACES
from engine.analyses.verdicts import LEAST_SEEDS, Finding, State, Verdict
from engine.lessons.arms import Walk, Worked
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, knowing_nothing
from engine.lessons.sources import SOURCES

STATES: Mapping[State, str] = {
    "supported": msg("Supported"),
    "contradicted": msg("Contradicted"),
    "depends": msg("It depends"),
    "too_few": msg("Not decided yet"),
}
COLORS: Mapping[State, str] = {
    "supported": "green",
    "contradicted": "orange",
    "depends": "violet",
    "too_few": "gray",
}
"""Streamlit's names, so that the theme decides the shade."""


def chapters_of(lesson: Lesson) -> list[str]:
    """Where its claim is made: each source and, where there is one, the chapter."""
    return [_placed(_(_title(each.source)), _(each.chapter)) for each in lesson.chapters]


def _placed(source: str, chapter: str) -> str:
    if not chapter:
        return source
    return _("{source} ({chapter})").format(source=source, chapter=chapter)


def _title(source: str) -> str:
    known = SOURCES.get(source)
    return known.title if known else source


def parts_of(latex: str) -> list[str]:
    """The equations that stand side by side in one line of LaTeX; the line itself where a group or
    an environment goes across the spaces between them."""
    parts = [part.strip() for part in latex.split(r"\qquad")]
    pairs = (r"{", r"}"), (r"\\begin", r"\\end"), (r"\\left\b", r"\\right\b")
    whole = all(
        len(re.findall(begin, part)) == len(re.findall(end, part))
        for part in parts
        for begin, end in pairs
    )
    return [part for part in parts if part] if whole else [latex]


def data_name(lesson: Lesson) -> str:
    """What the arms are trained on, or walk on, or are worked out of."""
    first = lesson.arms[0]
    if isinstance(first, Worked):
        return _("what is worked out here")
    if isinstance(first, Walk):
        return _(SURFACES[first.surface].title)
    return _(first.config.dataset.title())


def because(lesson: Lesson, verdict: Verdict) -> str:
    """Why the verdict is what it is, with N and the data set."""
    data, n = data_name(lesson), verdict.n
    if n < LEAST_SEEDS:
        text = ngettext(
            "{n} whole seed so far, of at least {least}.",
            "{n} whole seeds so far, of at least {least}.",
            n,
        )
        return text.format(n=integer(n), least=LEAST_SEEDS)
    counts = counted(lesson, n)
    texts: Mapping[State, str] = {
        "supported": _("Measured with {counts} on {data}: all that the claim says holds."),
        "contradicted": _(
            "Measured with {counts} on {data}: there is no such difference of at least {effect},"
            " or it is the other way round."
        ),
        "depends": _(
            "Measured with {counts} on {data}: some of what the claim says holds, some of it does"
            " not."
        ),
        "too_few": _(
            "With {counts} on {data}, chance alone could explain what is seen; more of them would"
            " tell more."
        ),
    }
    if lesson.comparisons[0].relation == "alike":
        texts = {
            **texts,
            "contradicted": _(
                "Measured with {counts} on {data}: there is a difference of at least {effect}."
            ),
        }
    shown = score_text(lesson, lesson.effect, difference=True)
    return texts[verdict.state].format(counts=counts, data=data, effect=shown)


def findings_table(lesson: Lesson, verdict: Verdict) -> pd.DataFrame:
    """One row per comparison of the claim; what matters most first, for windows that are narrow."""
    rows = [
        {
            _("What the claim says"): _claimed(lesson, finding),
            _("Verdict"): _(STATES[finding.state]),
            _("Better by (95 % interval)"): _measured(lesson, finding),
            _("p (Holm)"): "–" if finding.p is None else number(finding.p, 2),
            _(samples_of(lesson).heading): integer(finding.n),
        }
        for finding in verdict.findings
    ]
    return pd.DataFrame(rows)


def judged_by(lesson: Lesson) -> str:
    """By which score and which effect is judged."""
    text = _(
        "Judged by: {score}. The smallest difference that counts is {effect}. {paired} Intervals"
        " are Student's t at 95 %, p-values are adjusted for all comparisons of the claim (Holm)."
    )
    return text.format(
        score=_(SCORES[lesson.score].label),
        paired=_(samples_of(lesson).paired),
        effect=score_text(lesson, lesson.effect, difference=True),
    )


def diverged_text(lesson: Lesson, diverged: Mapping[str, int], classes: int | None) -> str:
    """Which arms diverged how often, and what that counts as; "" where none did."""
    if not any(diverged.values()):
        return ""
    names = arm_names(lesson)
    counts = [f"{names[name]} {integer(n)}" for name, n in diverged.items() if n]
    counted = knowing_nothing(lesson.score, classes)
    if counted is None:
        text = _("Diverged runs, which have no score: {arms}.")
        return text.format(arms=_(", ").join(counts))
    text = _(
        "Diverged runs: {arms}. Each counts as a network that knows nothing does, with {score}."
    )
    return text.format(arms=_(", ").join(counts), score=score_text(lesson, counted))


def predicted_text(lesson: Lesson, counts: Sequence[int]) -> str:
    """How many predicted what."""
    choices = zip(lesson.choices, counts, strict=True)
    return _(", ").join(f"{_(choice)}: {integer(n)}" for choice, n in choices)


def score_text(lesson: Lesson, value: float, *, difference: bool = False) -> str:
    """A value of the judged score; of shares, differences are in percentage points."""
    info = SCORES[lesson.score]
    if info.share:
        return _("{n} points").format(n=number(100 * value, 3)) if difference else percent(value)
    return number(value, 3)


def _claimed(lesson: Lesson, finding: Finding) -> str:
    compared = finding.compared
    text = _("{arm} as {than}") if compared.relation == "alike" else _("{arm} better than {than}")
    names = arm_names(lesson)
    return text.format(arm=names[compared.arm], than=names[compared.than])


def _measured(lesson: Lesson, finding: Finding) -> str:
    """The mean difference, and its interval in the same unit."""
    if finding.mean is None or finding.low is None or finding.high is None:
        return "–"
    unit = 100 if SCORES[lesson.score].share else 1
    ends = ", ".join(
        _signed(number(abs(unit * end), 3), end) for end in (finding.low, finding.high)
    )
    mean = score_text(lesson, abs(finding.mean), difference=True)
    return f"{_signed(mean, finding.mean)} " + f"[{ends}]".replace(" ", NBSP)


def _signed(text: str, value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else '±'}{text}"
