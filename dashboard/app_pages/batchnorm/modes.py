"""The same network, training mode or inference mode: what the size of the batch and shifted inputs
do to its answers."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.batchnorm.verdict import scores
from dashboard.reads import analyses
from dashboard.reads import store as data
from dashboard.state.kept import keep, restore_number, restore_real
from dashboard.views.batchnorm.modes import scores_frame, verdict_text
from dashboard.views.charts.modes import by_batch_size, sample_by_sample
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import BatchNormInspection
from engine.analyses.modes import ModeComparison, Shift

SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512)


def modes(run: Run, checkpoint: CheckpointInfo, inspection: BatchNormInspection) -> None:
    """Choose a batch size and a shift; scores, the curve over sizes, and every sample."""
    samples = min(analyses.SAMPLES, data.dataset_info(run.config.dataset).validation_samples)
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
    restore_number("m", "bn_batch_size", sizes, usual)
    restore_real("shift", "bn_offset", -2.0, 2.0, 0.0)
    restore_real("scale", "bn_scale", 0.1, 3.0, 1.0)
    with st.grid(3, min_column_width=200, gap="large"):
        batch_size: int = st.select_slider(
            _("Batch size m (samples)"),
            sizes,
            format_func=integer,
            key="bn_batch_size",
            help=_("Training mode normalizes with the batch's own μ and σ²; down to one sample."),
        )
        offset = st.slider(
            _("Shift the inputs by"),
            -2.0,
            2.0,
            step=0.1,
            key="bn_offset",
            help=_("x ↦ scale · x + shift, on inputs that are already scaled."),
        )
        scale = st.slider(
            _("Scale the inputs by"),
            0.1,
            3.0,
            step=0.1,
            key="bn_scale",
            help=_("x ↦ scale · x + shift, on inputs that are already scaled."),
        )
    keep("m", str(batch_size), str(usual))
    keep("shift", f"{offset:g}", "0")
    keep("scale", f"{scale:g}", "1")
    return batch_size, Shift(offset=offset, scale=scale)


def _compared(run: Run, checkpoint: CheckpointInfo, size: int, shift: Shift) -> ModeComparison:
    return analyses.modes(checkpoint, run.config, batch_size=size, shift=shift)
