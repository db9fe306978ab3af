"""Saved views: what the address of the list holds, under a name that others find too."""

from __future__ import annotations

import streamlit as st

from dashboard.data import get_store
from dashboard.i18n import _
from dashboard.links import asked_ids
from dashboard.owner import current_owner
from dashboard.sentences import error_text
from dashboard.text import plain, prose
from db.records import View
from engine.errors import LayerlabError

PAGE = "runs"

PARTS = ("q", "status", "owner", "order", "shelf", "group", "cols")
"""What of an address a view keeps: everything but the language."""

MOST = 30


def open_asked_view() -> None:
    """`?view=3` becomes the address that the view keeps."""
    if "view" not in st.query_params:
        return
    found = get_store().views.get(ids[0]) if (ids := asked_ids("view")) else None
    st.query_params.pop("view")
    if found is None or found.state.get("page") != PAGE:
        st.warning(_("There is no such view."), icon=":material/search_off:")
        return
    show(found)


def show(view: View) -> None:
    """Have the address say what the view keeps."""
    kept = view.state.get("address")
    held = kept if isinstance(kept, dict) else {}
    for name in PARTS:
        if isinstance(text := held.get(name), str):
            st.query_params[name] = text
        else:
            st.query_params.pop(name, None)
            _forget(name)
    st.session_state["runs_view"] = view.name


_KEYS = {
    "q": "runs_text",
    "status": "runs_statuses",
    "owner": "runs_owner",
    "order": "runs_order",
    "shelf": "runs_shelf",
    "group": "runs_group",
    "cols": "runs_columns",
}


def _forget(name: str) -> None:
    """What the address does not name is as it is at first."""
    st.session_state.pop(_KEYS[name], None)
    st.session_state.pop(f"address {name}", None)


def saved_views() -> None:
    """A list of views to open, and a name to save this one under."""
    with st.popover(
        _("Views"), icon=":material/bookmark:", key="runs_views", on_change="rerun"
    ) as popover:
        if popover.open:
            _content()


def _content() -> None:
    owner = current_owner()
    views = [view for view in get_store().views.list() if view.state.get("page") == PAGE]
    if not views:
        st.caption(_("No view is saved yet."))
    for view in sorted(views, key=lambda view: view.owner != owner)[:MOST]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", width=420):
            whose = "" if view.owner == owner else f" · {view.owner}"
            st.button(
                plain(f"{view.name}{whose}"),
                key=f"view {view.id}",
                icon=":material/bookmark:",
                type="tertiary",
                on_click=show,
                args=(view,),
                width="stretch",
            )
            if view.owner == owner and st.button(
                _("Delete"),
                key=f"forget {view.id}",
                icon=":material/delete:",
                help=_("Forget this view"),
                type="tertiary",
            ):
                get_store().views.delete(view.id)
                st.rerun()
    with st.container(horizontal=True, vertical_alignment="bottom", width=420):
        name = st.text_input(
            _("Save what is shown as"),
            st.session_state.get("runs_view", ""),
            max_chars=200,
            placeholder=_("Name of the view"),
        )
        pressed = st.button(_("Save"), key="view_save", type="primary", disabled=not name.strip())
    if pressed:
        _save(name, owner)


def _save(name: str, owner: str) -> None:
    address = {part: st.query_params[part] for part in PARTS if part in st.query_params}
    try:
        view = get_store().views.save(name, {"page": PAGE, "address": address}, owner=owner)
    except LayerlabError as error:
        st.error(prose(error_text(error)))
        return
    text = _("Saved. Its link ends in `/runs?view={id}`.")
    st.success(text.format(id=view.id), icon=":material/check:")
