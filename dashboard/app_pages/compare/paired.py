"""Arms against one of them, pair by pair: the mean difference with its interval and N."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.app_pages.compare.choose_score import choose_score
from dashboard.state.kept import choose
from dashboard.views.charts.estimates import Row, difference_chart
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.pairs import Paired, paired
from dashboard.views.compare.scores import Score
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer, number


def differences_by_seed(arms: Sequence[Arm]) -> None:
    """Choose a score and a baseline; the differences from it as a chart and a table."""
    with guarded():
        if len(arms) < 2:
            st.caption(_("Two runs or groups at least are needed for a difference."))
            return
        st.caption(
            _(
                "Runs of one seed start from the same weights and see the same batches. Paired by"
                " seed, what luck does to both falls out of their difference."
            )
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            score = choose_score([run for arm in arms for run in arm.runs], key="paired_score")
            base = _choose_base(arms)
        found = paired(arms, base)
        rows = [row for each in found if (row := estimate_row(each, score, dark=is_dark()))]
        if not rows:
            st.info(
                _(
                    "No two runs of these share a seed and a score: launch the arms of a comparison"
                    " with the same seeds."
                ),
                icon=":material/casino:",
            )
            return
        title = difference_title(score, base)
        draw(difference_chart(rows, title=title, share=score.share), key="paired_chart", alt=title)
        st.dataframe(difference_table(found, score), hide_index=True, alt=title)
        st.caption(
            _(
                "The interval is that of Student's t at 95 %: where it leaves out 0, chance alone"
                " would rarely make such a difference. One pair has no interval."
            )
        )


def difference_title(score: Score, base: Arm) -> str:
    text = _("{score}: difference from {base}")
    return text.format(score=_(score.label), base=base.name)


def estimate_row(found: Paired, score: Score, *, dark: bool) -> Row | None:
    """An arm as the chart draws it; None where no pair has the score."""
    mean = found.estimate(score)
    if mean is None:
        return None
    values = [(pair.seed, value) for pair, value in found.differences(score)]
    return Row(found.arm.line(dark=dark), values, mean.mean, mean.low, mean.high)


def difference_table(found: Sequence[Paired], score: Score) -> pd.DataFrame:
    """The same as numbers."""
    columns = [
        _("Group"),
        _("Mean difference"),
        _("95 % interval"),
        _("Pairs (N)"),
        _("Better in"),
    ]
    return pd.DataFrame([_numbers(each, score) for each in found], columns=columns)


def _numbers(found: Paired, score: Score) -> tuple[str, str, str, str, str]:
    mean = found.estimate(score)
    if mean is None:
        return found.arm.label, "–", "–", "0", "–"
    values = [value for _pair, value in found.differences(score)]
    better = sum((value > 0) == score.higher and value != 0 for value in values)
    interval = "–"
    if mean.low is not None and mean.high is not None:
        interval = f"[{signed(mean.low, score)}, {signed(mean.high, score)}]"
    share = f"{integer(better)} / {integer(mean.n)}"
    return found.arm.label, signed(mean.mean, score), interval, integer(mean.n), share


def signed(value: float, score: Score) -> str:
    """A difference with its sign; of shares in percentage points."""
    shown = number(abs(100 * value if score.share else value), 3)
    sign = "+" if value > 0 else "−" if value < 0 else "±"
    return (
        _("{difference} points").format(difference=f"{sign}{shown}")
        if score.share
        else (f"{sign}{shown}")
    )


def _choose_base(arms: Sequence[Arm]) -> Arm:
    by_key = {str(arm.key): arm for arm in arms}
    words = {key: _("against {arm}").format(arm=arm.label) for key, arm in by_key.items()}
    key = choose(
        st.selectbox,
        _("Baseline"),
        words,
        name="base",
        usual=str(arms[0].key),
        key="paired_base",
        label_visibility="collapsed",
        width=320,
    )
    return by_key[key]
