"""The bar at the foot of the launch page: who launches what, how large it is, and the button."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.sweep import SweepDraft, plan_line
from dashboard.reads.draft import Draft
from dashboard.reads.store import get_store, writable
from dashboard.state.address import bound, get, link
from dashboard.state.config_link import encode
from dashboard.state.form_start import Start, name_of
from dashboard.state.owner import current_owner
from dashboard.views.launch.plan import size_line
from dashboard.widgets.links import page_link, run_link, whole_url
from dashboard.widgets.owner_field import owner_field
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.sentences import error_text
from dashboard.words.text import plain, prose
from db.records import Sweep
from engine.config import RunConfig
from engine.errors import LayerlabError
from engine.sweeps.config import SweepConfig


def launch_bar(draft: Draft, start: Start, faults: int, sweep: SweepDraft | None = None) -> None:
    """Draw the bar, and launch where the button was pressed: the run, or the sweep of it."""
    with st.bottom:
        answer = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            name = name_of(start)
            st.text_input(
                _("Name"),
                placeholder=_("optional"),
                max_chars=name.longest,
                width=180,
                **bound(name),
            )
            owner_field()
            with st.container(height="content"):
                st.markdown(_size(draft, faults, sweep))
            _copy_link(draft.config)
            if not writable():
                return
            ready = draft.config is not None and draft.architecture is not None
            pressed = st.button(
                _("Launch the sweep") if sweep else _("Launch"),
                key="launch",
                type="primary",
                icon=":material/rocket_launch:",
                disabled=not ready or (sweep is not None and not sweep.ready),
            )
        if pressed and sweep and sweep.config:
            _launch_sweep(sweep.config, get(name))
        elif pressed and draft.config:
            _launch(draft.config, get(name))
        with answer:
            _answer()


def _size(draft: Draft, faults: int, sweep: SweepDraft | None) -> str:
    if sweep and sweep.config and sweep.plan:
        return plan_line(sweep.plan, sweep.config.seeds)
    if draft.config and draft.architecture:
        return size_line(draft.architecture, draft.config.epochs)
    text = ngettext("{n} field needs attention", "{n} fields need attention", faults)
    return f":red[{text.format(n=faults)}]"


def _copy_link(config: RunConfig | None) -> None:
    with st.popover(_("Link"), icon=":material/link:", disabled=config is None, key="launch_link"):
        if config is not None:
            st.caption(_("Whoever opens this address finds the form filled as it is now."))
            address = whole_url("launch", link(config=encode(config)))
            st.code(address, language=None, wrap_lines=True)


def _launch(config: RunConfig, name: str) -> None:
    try:
        run = get_store().queue.enqueue(config, owner=current_owner(), name=name)
    except LayerlabError as error:
        st.session_state["launched"] = error
        return
    st.session_state["launched"] = run
    st.toast(_("Run #{id} is queued.").format(id=run.id), icon=":material/rocket_launch:")


def _launch_sweep(config: SweepConfig, name: str) -> None:
    try:
        sweep = get_store().sweeps.enqueue(config, owner=current_owner(), name=name)
    except LayerlabError as error:
        st.session_state["launched"] = error
        return
    st.session_state["launched"] = sweep
    n = integer(sweep.runs)
    st.toast(_("{n} runs are queued.").format(n=n), icon=":material/rocket_launch:")


def _answer() -> None:
    """What came of the last launch."""
    answer = st.session_state.get("launched")
    if isinstance(answer, LayerlabError):
        st.error(prose(error_text(answer)), icon=":material/error:")
    elif isinstance(answer, Sweep):
        with st.container(horizontal=True, vertical_alignment="center"):
            queued = _("Sweep {id} is queued: {n} runs.")
            text = queued.format(id=answer.id, n=integer(answer.runs))
            st.badge(plain(text), icon=":material/check:", color="green")
            page_link("compare", _("Watch its results"), sweep=answer.id, tab="map")
    elif answer is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            queued = _("Run #{id} is queued.").format(id=answer.id)
            st.badge(plain(queued), icon=":material/check:", color="green")
            run_link(answer)
