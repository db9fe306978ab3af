"""The checkpoints of a run: which are kept, what each is good for, and how to go on from one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from dashboard.reads import store as data
from dashboard.state.owner import current_owner
from dashboard.views.run.checkpoints import best_place, checkpoints_table
from dashboard.widgets.checkpoint_choice import kept_checkpoints
from dashboard.widgets.links import open_run, page_link
from dashboard.widgets.shell import guarded, say_error
from dashboard.words.i18n import _, integer
from db.records import CheckpointInfo, Run, Status
from engine.config import RunConfig
from engine.errors import LayerlabError
from engine.overrides import override


def checkpoints(run: Run) -> None:
    """The table of them; what can be done with the one that is chosen."""
    with guarded():
        now = data.get_run(run.id) or run
        kept = kept_checkpoints(now)
        if not kept:
            return
        info = _chosen(now, kept)
        _look(now, info)
        if not data.writable():
            return
        left, right = st.columns(2, gap="large")
        with left:
            _continue(now)
        with right:
            _branch(now, info)


def _chosen(run: Run, kept: Sequence[CheckpointInfo]) -> CheckpointInfo:
    """The row that is selected; without one, the best, else the newest."""
    best = best_place(run, kept)
    shown = st.dataframe(
        checkpoints_table(run, kept),
        hide_index=True,
        key=f"checkpoints_{run.id}",
        on_select="rerun",
        selection_mode="single-row",
        height=min(35 * (len(kept) + 1) + 3, 300),
        column_config={
            "step": st.column_config.NumberColumn(_("Step"), format="localized"),
            "epoch": st.column_config.NumberColumn(_("Epoch"), format="localized"),
            "note": st.column_config.TextColumn(_("Note")),
            "size": st.column_config.NumberColumn(_("Size (KiB)"), format="%.1f"),
            "resumable": st.column_config.CheckboxColumn(
                _("With the optimizer's state"),
                help=_("A run that goes on from here does so as if it had never stopped."),
            ),
            "kept": st.column_config.TextColumn(_("Kept at")),
        },
        alt=_("The checkpoints of this run, the oldest first"),
    )
    rows = shown["selection"]["rows"]
    if rows and rows[0] < len(kept):
        return kept[rows[0]]
    return kept[len(kept) - 1 if best is None else best]


def _look(run: Run, info: CheckpointInfo) -> None:
    """Pages that show this very checkpoint."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = _("Checkpoint of step {step}:").format(step=integer(info.step))
        st.markdown(f"**{text}**", width="content")
        address: dict[str, Any] = {"id": run.id, "checkpoint": info.id}
        if run.has_batch_norm:
            text = _("its Batch Normalization")
            page_link("batchnorm", text, icon=":material/equalizer:", **address)
        page_link("optimizers", _("the loss around it"), icon=":material/route:", **address)


def _continue(run: Run) -> None:
    """More epochs of the same, from the end."""
    st.subheader(_("Continue"))
    if run.status is Status.DIVERGED:
        st.caption(_("A run that diverged would diverge again: branch it with other values."))
        return
    if not run.status.ended:
        st.caption(_("A run can be continued once it has ended."))
        return
    st.caption(
        _(
            "A new run that trains on from the end of this one: what this run would have been with"
            " more epochs."
        )
    )
    with st.form("continue_run", border=False):
        epochs = st.number_input(_("More epochs"), 1, 100_000, value=run.config.epochs, width=180)
        if st.form_submit_button(_("Continue the run"), icon=":material/resume:"):
            _launch(
                lambda owner: data.get_store().branches.prolong(run.id, epochs=epochs, owner=owner)
            )


def _branch(run: Run, info: CheckpointInfo) -> None:
    """From the chosen checkpoint, with changed values."""
    st.subheader(_("Branch"))
    st.caption(
        _(
            "A new run from the checkpoint of step {step}, with other values: a lower learning"
            " rate, another optimizer, more epochs. The network's shapes stay."
        ).format(step=integer(info.step))
    )
    with st.form("branch_run", border=False):
        text = st.text_area(
            _("Changed values, one per line"),
            value=f"optimizer.lr={run.config.optimizer.lr / 10:g}\nepochs={_later(run, info)}",
            height=90,
            help=_("`name=value`, as in `layerlab branch --set`; the reference lists the names."),
        )
        if st.form_submit_button(_("Branch the run"), icon=":material/fork_right:"):
            _launch(
                lambda owner: data.get_store().branches.branch(
                    run.id, _changed(run.config, text), at=info.step, owner=owner
                )
            )


def _later(run: Run, info: CheckpointInfo) -> int:
    """Enough epochs that something is left to train."""
    return max(run.config.epochs, info.epoch + 1)


def _changed(config: RunConfig, text: str) -> RunConfig:
    return override(config, [line.strip() for line in text.splitlines() if line.strip()])


def _launch(make: Callable[[str], Run]) -> None:
    """Open the run that comes of it, or say why there is none."""
    try:
        run = make(current_owner())
    except LayerlabError as error:
        say_error(error)
        return
    open_run(run.id)
