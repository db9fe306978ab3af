"""What a reader may ask of a run: to wait, to go on, to be tried again, to come sooner, to end.

Only what its state allows is offered; where another was quicker, the page shows what came of it.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads.signed_in import may_i, mine
from dashboard.state.owner import current_owner
from dashboard.widgets.shell import changed, say_error
from dashboard.words.i18n import _
from dashboard.words.text import plain
from db.enqueue import MOST_PRIORITY
from db.queue import Queue
from db.records import Request, Run, Status
from db.rights import Action
from engine.errors import LayerlabError

PROBLEM = "wish_problem"
"""Why a press was refused that was heard before the page is drawn."""

RETRIED = (Status.FAILED, Status.CANCELLED, Status.STOPPED)


def wishes(run: Run) -> None:
    """The buttons that fit the state of a run, for those who may press them."""
    if problem := st.session_state.pop(PROBLEM, None):
        say_error(problem)
    own = may_i(Action.CANCEL, own=mine(run))
    if own:
        _pause(run)
    if run.status in (Status.QUEUED, Status.PAUSED) and may_i(Action.PRIORITIZE):
        _priority(run)
    if own:
        _end(run)


def _pause(run: Run) -> None:
    """Let it wait, or go on."""
    asked_to_wait = run.request is Request.PAUSE
    if run.status is Status.PAUSED or asked_to_wait:
        if st.button(_("Resume"), icon=":material/play_arrow:", key="run_resume"):
            _ask(lambda queue: queue.resume(run.id, by=current_owner()))
    elif not run.status.ended and st.button(
        _("Pause"),
        icon=":material/pause:",
        key="run_pause",
        disabled=run.request is not None,
        help=_("It stops at a checkpoint and waits until it is resumed."),
    ):
        _ask(lambda queue: queue.pause(run.id, by=current_owner()))


def _end(run: Run) -> None:
    """End it, or try it again once it has ended."""
    if run.status in RETRIED:
        _retry(run)
    if not run.status.ended and st.button(
        _("Cancel"),
        icon=":material/stop_circle:",
        disabled=run.cancel_requested,
        help=_("End this run; what it has recorded stays."),
    ):
        _confirm_cancel(run)


def _retry(run: Run) -> None:
    """The same run again, from its last checkpoint; past its time limit it needs another."""
    spent = run.time_limit is not None and run.seconds >= run.time_limit
    if not spent:
        if st.button(
            _("Retry"),
            icon=":material/replay:",
            key="run_retry",
            help=_("The same run again, from its last checkpoint."),
        ):
            _ask(lambda queue: queue.retry(run.id, by=current_owner()))
        return
    with st.popover(_("Retry"), icon=":material/replay:", key="run_retry_longer"):
        least = float(int(run.seconds) + 1)
        limit = st.number_input(
            _("Time limit in seconds"), min_value=least, value=2 * least, key=f"limit {run.id}"
        )
        if st.button(_("Retry"), type="primary", key="run_retry_yes"):
            _ask(lambda queue: queue.retry(run.id, by=current_owner(), time_limit=limit))


def _priority(run: Run) -> None:
    with st.popover(_("Priority"), icon=":material/low_priority:", key="run_priority"):
        wanted = st.number_input(
            _("Priority"),
            -MOST_PRIORITY,
            MOST_PRIORITY,
            run.priority,
            key=f"priority {run.id}",
            help=_("A higher one is trained first; 0 is usual."),
        )
        if st.button(_("Save"), type="primary", key="run_priority_yes"):
            _ask(lambda queue: queue.prioritize(run.id, wanted, by=current_owner()))


def _ask(change: Callable[[Queue], bool]) -> None:
    """Ask it of the queue, and show what came of it."""
    if changed(lambda: change(data.get_store().queue)):
        data.forget_runs()
        st.rerun()


def _confirm_cancel(run: Run) -> None:
    @st.dialog(_("Cancel this run?"))
    def confirm() -> None:
        st.write(
            _("{run} stops at its next step. What it has recorded stays.").format(
                run=plain(run.label)
            )
        )
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(_("Keep it going")):
                st.rerun()
            if st.button(_("Cancel the run"), type="primary", on_click=_cancel, args=(run.id,)):
                st.rerun()

    confirm()


def _cancel(run_id: int) -> None:
    try:
        data.get_store().queue.cancel(run_id, by=current_owner())
    except LayerlabError as error:
        st.session_state[PROBLEM] = error
    data.get_runs.clear()
