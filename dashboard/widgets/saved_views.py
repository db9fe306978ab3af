"""Saved views: what the address of a page holds, under a name that others find too; and the link to
exactly what is shown."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.store import get_store, writable
from dashboard.state import address
from dashboard.state.choices import Numbers
from dashboard.state.owner import current_owner
from dashboard.widgets.links import whole_url
from dashboard.widgets.shell import changed
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from dashboard.words.text import plain, prose
from db.records import View
from engine.errors import LayerlabError

VIEW = Numbers("view", ())

APART = frozenset({"lang", "view"})
"""What of an address no view keeps."""

MOST = 30


def open_asked_view(page: str) -> None:
    """`?view=3` becomes the address that the view keeps."""
    if VIEW.name not in address.said():
        return
    ids = address.get(VIEW)
    address.put({VIEW: ()})
    found = get_store().views.get(ids[0]) if ids else None
    if found is None or found.state.get("page") != page:
        st.warning(_("There is no such view."), icon=":material/search_off:")
        return
    show(found)


def show(view: View) -> None:
    """Have the address say what the view keeps."""
    held = view.state.get("address")
    kept = held if isinstance(held, dict) else {}
    address.show({name: text for name, text in kept.items() if isinstance(text, str)})
    st.session_state[_name_key(str(view.state.get("page")))] = view.name


def saved_views(page: str) -> None:
    """The link to what is shown, a list of views to open, and a name to save this one under."""
    with st.popover(
        _("Views"), icon=":material/bookmark:", key=f"{page}_views", on_change="rerun"
    ) as popover:
        if popover.open:
            _content(page)


def _content(page: str) -> None:
    st.caption(_("The link to exactly what is shown:"))
    st.code(_link(page), language=None, wrap_lines=True, width=420)
    owner = current_owner()
    views = [view for view in get_store().views.list() if view.state.get("page") == page]
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
            if (
                view.owner == owner
                and writable()
                and st.button(
                    _("Delete"),
                    key=f"forget {view.id}",
                    icon=":material/delete:",
                    help=_("Forget this view"),
                    type="tertiary",
                )
            ):
                _forget(view)
    if writable():
        _save_as(page, owner)


def _forget(view: View) -> None:
    if changed(lambda: get_store().views.delete(view.id)):
        st.rerun()


def _save_as(page: str, owner: str) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", width=420):
        name = st.text_input(
            _("Save what is shown as"),
            st.session_state.get(_name_key(page), ""),
            max_chars=200,
            placeholder=_("Name of the view"),
        )
        pressed = st.button(_("Save"), key="view_save", type="primary", disabled=not name.strip())
    if pressed:
        _save(page, name, owner)


def _save(page: str, name: str, owner: str) -> None:
    state = {"page": page, "address": _address()}
    try:
        view = get_store().views.save(name, state, owner=owner)
    except LayerlabError as error:
        st.error(prose(error_text(error)))
        return
    text = _("Saved. Its link ends in `/{page}?view={id}`.")
    st.success(text.format(page=page, id=view.id), icon=":material/check:")


def _address() -> dict[str, str]:
    return {n: text for n, text in address.said().items() if n not in APART}


def _link(page: str) -> str:
    return whole_url(page, address.said())


def _name_key(page: str) -> str:
    return f"{page}_view"
