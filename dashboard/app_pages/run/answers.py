"""How well a run tells each class, at one of its checkpoints: which it takes for which, and the
samples that it gets wrong."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.run.choices import SPLIT
from dashboard.reads import analyses
from dashboard.state.address import choose
from dashboard.views.charts.confusion import MOST, confusion_chart
from dashboard.views.run.answers import captions, classes_table, summary, wrong_table
from dashboard.views.run.learned import checkpoint_text
from dashboard.widgets.checkpoint_choice import checkpoint_now
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.records import CheckpointInfo, Run
from engine.analyses.answers import Answers, Split

PICTURE = 84
"""Pixels that a picture is wide, however few it is made of."""


def answers(run: Run) -> None:
    """Choose a checkpoint and a split; the matrix, the classes and the wrong samples."""
    with guarded():
        chosen = checkpoint_now(run)
        if chosen is None:
            return
        now, info = chosen
        words: dict[Split, str] = {"validation": _("Validation"), "train": _("Training")}
        split = choose(st.segmented_control, _("Samples"), SPLIT, words, required=True)
        with st.spinner(_("Passing every sample through the network…"), show_time=True):
            found = analyses.answers(info, now.config, split)
        st.markdown(plain(summary(found)))
        _classes(found, info)
        _wrong(found)


def _classes(found: Answers, info: CheckpointInfo) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        if len(found.names) > MOST:
            st.caption(_("There are too many classes to draw which is taken for which."))
        else:
            draw(
                confusion_chart(found, dark=is_dark()),
                key="confusion",
                alt=_("Confusion matrix, {place}").format(place=checkpoint_text(info)),
            )
    with right:
        st.dataframe(
            classes_table(found),
            hide_index=True,
            column_config={
                _("Samples"): st.column_config.NumberColumn(format="localized"),
                _("Accuracy"): st.column_config.NumberColumn(format="%.1f%%"),
            },
            alt=_("Accuracy on each class, the lowest first"),
        )


def _wrong(found: Answers) -> None:
    """The samples that the network gets wrong: as pictures where they are images."""
    wrong = found.wrong
    st.subheader(_("Wrong answers"))
    if not len(wrong.places):
        st.caption(_("None: every sample is right."))
        return
    st.caption(
        _("Class → answer, those first of which the network is surest; probabilities by softmax.")
    )
    if wrong.pictures is None:
        table = wrong_table(wrong, found.names)
        st.dataframe(table, hide_index=True, alt=_("Samples with a wrong answer"))
        return
    with st.container(horizontal=True, gap="small"):
        told = captions(wrong, found.names)
        for picture, caption in zip(wrong.pictures, told, strict=True):
            flat = picture[..., 0] if picture.shape[-1] == 1 else picture
            times = max(1, PICTURE // flat.shape[1])  # whole pixels: a browser would blur them
            large = flat.repeat(times, axis=0).repeat(times, axis=1)
            st.image(large, caption=plain(caption), width=PICTURE, output_format="PNG")
