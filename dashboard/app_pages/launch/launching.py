"""The bar at the foot of the launch page: who launches what, how large it is, and the button."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.held import Held
from dashboard.app_pages.launch.sweep import SweepDraft, plan_line
from dashboard.reads.store import get_store, writable
from dashboard.state.address import bound, get, link
from dashboard.state.config_link import encode
from dashboard.state.form_start import Start, name_of
from dashboard.state.owner import current_owner
from dashboard.views.launch.plan import size_line
from dashboard.widgets.links import go, open_run, whole_url
from dashboard.widgets.owner_field import owner_field
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _, ngettext
from engine.config import RunConfig
from engine.errors import LayerlabError
from engine.sweeps.config import SweepConfig


def launch_bar(held: Held, start: Start, sweep: SweepDraft | None = None) -> None:
    """Draw the bar, and launch where the button was pressed: the run, or the sweep of it."""
    draft, name = held.draft, name_of(start)
    with st.bottom:
        answer = st.container()
        with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
            st.text_input(
                _("Name"),
                placeholder=_("optional"),
                max_chars=name.longest,
                width=180,
                **bound(name),
            )
            owner_field()
            with st.container(height="content"):
                st.markdown(_size(held, sweep))
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
        if pressed and draft.config:
            with answer:
                _launch(sweep.config if sweep else draft.config, get(name))


def _size(held: Held, sweep: SweepDraft | None) -> str:
    draft = held.draft
    if sweep and sweep.config and sweep.plan:
        return plan_line(sweep.plan, sweep.config.seeds)
    if draft.config and draft.architecture:
        return size_line(draft.architecture, draft.config.epochs)
    text = ngettext("{n} field needs attention", "{n} fields need attention", held.faults)
    return f":red[{text.format(n=held.faults)}]"


def _copy_link(config: RunConfig | None) -> None:
    with st.popover(_("Link"), icon=":material/link:", disabled=config is None, key="launch_link"):
        if config is not None:
            st.caption(_("Whoever opens this address finds the form filled as it is now."))
            address = whole_url("launch", link(config=encode(config)))
            st.code(address, language=None, wrap_lines=True)


def _launch(what: RunConfig | SweepConfig | None, name: str) -> None:
    """Queue a run and open its page, or a sweep and open its results."""
    store, owner = get_store(), current_owner()
    try:
        if isinstance(what, SweepConfig):
            go("compare", sweep=store.sweeps.enqueue(what, owner=owner, name=name).id, tab="map")
        elif what is not None:
            open_run(store.queue.enqueue(what, owner=owner, name=name).id)
    except LayerlabError as error:
        say_error(error)
