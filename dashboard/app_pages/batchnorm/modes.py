"""The same network, training mode or inference mode: what the size of the batch and shifted inputs
do to its answers."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.batchnorm.choices import BATCH_SIZE, SCALE, SHIFT
from dashboard.app_pages.batchnorm.verdict import scores
from dashboard.reads import analyses
from dashboard.reads import store as data
from dashboard.state.address import bound, choose, get
from dashboard.views.batchnorm.modes import scores_frame, verdict_text
from dashboard.views.charts.modes import by_batch_size, sample_by_sample
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import BatchNormInspection
from engine.analyses.mode_comparison import ModeComparison, Shift

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def modes(run: Run, checkpoint: CheckpointInfo, inspection: BatchNormInspection) -> None:
    """Choose a batch size and a shift; scores, the curve over sizes, and every sample."""
    samples = min(analyses.SAMPLES, data.info_of_run(run).validation_samples)
    if not samples:
        st.caption(_("This run has no validation samples to compare the modes on."))
        return
    sizes = [*(size for size in SIZES if size < samples), samples]
    batch_size, shift = _choose(sizes)
    with st.spinner(_("Passing the validation samples in batches of every size…"), show_time=True):
        by_size = {size: _compared(run, checkpoint, size, shift) for size in sizes}
    comparison = by_size[batch_size]
    st.markdown(verdict_text(comparison, by_size[samples]))
    left, right = st.columns(2, gap="large")
    share = comparison.modes["inference"].accuracy is not None
    with left:
        heading = _("Over the batch size")
        st.markdown(f"**{heading}**")
        draw(
            by_batch_size(
                scores_frame(by_size, share=share), chosen=batch_size, share=share, dark=is_dark()
            ),
            key="bn_by_size",
            alt=_("Validation score in both modes over the batch size"),
        )
    with right:
        heading = _("Sample by sample")
        st.markdown(f"**{heading}**")
        draw(
            sample_by_sample(comparison, dark=is_dark()),
            key="bn_samples",
            alt=_("Loss of every validation sample in training mode against inference mode"),
        )
    text = _("On {n} validation samples, in their order; the last batch may be smaller.")
    st.caption(text.format(n=integer(samples)))
    scores(inspection)


def _choose(sizes: list[int]) -> tuple[int, Shift]:
    usual = sizes[0] if len(sizes) < 6 else sizes[5]
    with st.grid(3, min_column_width=200, gap="large"):
        batch_size = choose(
            st.select_slider,
            _("Batch size m (samples)"),
            BATCH_SIZE.among(sizes, usual),
            {size: integer(size) for size in sizes},
            help=_("Training mode normalizes with the batch's own μ and σ²; down to one sample."),
        )
        formula = _("x ↦ scale · x + shift, on inputs that are already scaled.")
        for text, choice in (
            (_("Shift the inputs by"), SHIFT),
            (_("Scale the inputs by"), SCALE),
        ):
            st.slider(text, choice.low, choice.high, step=0.1, help=formula, **bound(choice))
    return batch_size, Shift(offset=get(SHIFT), scale=get(SCALE))


def _compared(run: Run, checkpoint: CheckpointInfo, size: int, shift: Shift) -> ModeComparison:
    return analyses.modes(checkpoint, run.config, batch_size=size, shift=shift)
