"""Why nothing that waits begins: what keeps the queue is no page's to see otherwise."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from dashboard.reads.store import queue_state
from dashboard.words.i18n import _
from db.records import Run, Status


def say_unserved(waiting: bool) -> None:
    """Where something waits and nobody serves the queue, or it is held: so, and the remedy."""
    state = queue_state() if waiting else None
    if state and not state.served:
        text = _("No dispatcher is at work, so nothing begins: start one with {command}.")
        st.warning(text.format(command="`layerlab dispatch`"), icon=":material/power_off:")
    elif state and state.paused:
        text = _("The queue is held, so nothing begins: {command} lets it go on.")
        st.info(text.format(command="`layerlab queue release`"), icon=":material/front_hand:")


def any_waits(runs: Iterable[Run]) -> bool:
    """Whether some of these runs wait for a worker."""
    return any(run.status is Status.QUEUED for run in runs)
