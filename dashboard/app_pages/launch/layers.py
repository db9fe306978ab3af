"""Any stack, layer by layer: the layers as a row of chips, and the fields of the one chosen.

The session holds the stack as a list of entries; each has a number of its own, under which its
widgets keep what was typed while the layer moves among the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.fields import Form, row, spec_fields
from dashboard.words.i18n import _
from dashboard.words.text import plain
from dashboard.words.typed import shown_number
from engine.architecture import layer_names
from engine.layers import AnyLayer, LayerSpec
from engine.spec import family, member

KINDS = {spec.kind_name(): spec for spec in family(AnyLayer)}
_numbers = count(1)


@dataclass
class Entry:
    """A layer of the stack: what its fields began with, and what they hold now."""

    kind: str
    start: dict[str, Any]
    values: dict[str, Any]
    number: int = field(default_factory=lambda: next(_numbers))

    @classmethod
    def of(cls, values: dict[str, Any]) -> Entry:
        return cls(values["kind"], values, values)

    @property
    def spec(self) -> type[LayerSpec]:
        found: type[LayerSpec] = KINDS[self.kind]  # type: ignore[assignment]
        return found


def hold(form: Form, layers: list[dict[str, Any]]) -> None:
    """Begin with these layers."""
    st.session_state[_key(form)] = [Entry.of(values) for values in layers]


def layer_values(form: Form) -> list[dict[str, Any]]:
    """The layers as they are held."""
    return [entry.values for entry in st.session_state.get(_key(form), [])]


def layer_editor(form: Form) -> list[dict[str, Any]]:
    """Draw the stack and the fields of the layer chosen; the layers as typed."""
    entries: list[Entry] = st.session_state.setdefault(_key(form), [])
    chosen = _choose(form, entries)
    _tools(form, entries, chosen)
    with st.container(gap="xsmall"):
        form.slot(("layers",))
    if chosen is not None:
        _fields(form, entries, chosen)
    return layer_values(form)


def _key(form: Form) -> str:
    return form.name(("entries",))


def _chosen_key(form: Form) -> str:
    return form.name(("chosen",))


def _choose(form: Form, entries: list[Entry]) -> int | None:
    """The chips, from the input to the outputs; the place of the one chosen."""
    if not entries:
        st.caption(_("No layer yet. The last one must give as many outputs as the data set asks."))
        return None
    names = layer_names([entry.spec.model_construct() for entry in entries])
    labels = {e.number: _chip(name, e) for name, e in zip(names, entries, strict=True)}
    key = _chosen_key(form)
    if st.session_state.get(key) not in labels:
        st.session_state[key] = entries[0].number
    number = st.pills(
        _("Layers, from the input to the outputs"),
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        required=True,
        persist_state="session",
        help=_("Choose a layer to see its fields, to move it or to add one after it."),
    )
    return next((i for i, entry in enumerate(entries) if entry.number == number), 0)


def _chip(name: str, entry: Entry) -> str:
    """`conv2d_1 · 32`: what a layer is called, and its first size."""
    sizes = [entry.values.get(size) for size in entry.spec.positional]
    shown = [shown_number(size) for size in sizes if isinstance(size, int | float)]
    return plain(" · ".join([name, "/".join(shown)] if shown else [name]))


def _tools(form: Form, entries: list[Entry], place: int | None) -> None:
    """Add, move, double and remove."""
    titles = {kind: _(spec.title()) for kind, spec in KINDS.items()}
    add_key = form.name(("add",))
    with st.container(horizontal=True, gap="small"):
        st.menu_button(
            _("Add after it") if entries else _("Add a layer"),
            list(titles),
            format_func=titles.__getitem__,
            icon=":material/add:",
            key=add_key,
            on_click=lambda: _add(form, st.session_state[add_key], place),
        )
        if place is None:
            return
        _tool(
            form,
            "earlier",
            ":material/arrow_back:",
            _("Earlier"),
            lambda: _move(entries, place, -1),
            disabled=place == 0,
        )
        _tool(
            form,
            "later",
            ":material/arrow_forward:",
            _("Later"),
            lambda: _move(entries, place, 1),
            disabled=place == len(entries) - 1,
        )
        _tool(
            form,
            "double",
            ":material/content_copy:",
            _("Double"),
            lambda: _insert(form, Entry.of(entries[place].values), place + 1),
        )
        _tool(
            form,
            "remove",
            ":material/delete:",
            _("Remove"),
            lambda: _remove(form, entries, place),
        )


def _tool(
    form: Form,
    name: str,
    icon: str,
    label: str,
    act: Callable[[], None],
    *,
    disabled: bool = False,
) -> None:
    st.button(label, icon=icon, key=form.name((name,)), on_click=act, disabled=disabled)


def _add(form: Form, kind: str | None, place: int | None) -> None:
    if kind is not None:
        values = member(AnyLayer, kind)().model_dump(mode="json")
        _insert(form, Entry.of(values), 0 if place is None else place + 1)


def _insert(form: Form, entry: Entry, place: int) -> None:
    st.session_state[_key(form)].insert(place, entry)
    st.session_state[_chosen_key(form)] = entry.number


def _move(entries: list[Entry], place: int, by: int) -> None:
    entries.insert(place + by, entries.pop(place))


def _remove(form: Form, entries: list[Entry], place: int) -> None:
    del entries[place]
    if entries:
        st.session_state[_chosen_key(form)] = entries[max(0, place - 1)].number


def insert_layer(form: Form, values: dict[str, Any], place: int) -> None:
    """Put a layer into the stack, before the one at `place`."""
    _insert(form, Entry.of(values), place)


def end_in(form: Form, outputs: int) -> None:
    """Let the stack end in so many outputs: its last layer, where it is dense, else one more."""
    entries: list[Entry] = st.session_state.get(_key(form), [])
    last = Entry.of(member(AnyLayer, "dense")().model_dump(mode="json"))
    if entries and entries[-1].kind == "dense":
        last = Entry.of(entries.pop().values)
    last.values = last.start = last.values | {"units": outputs}
    entries.append(last)


def _fields(form: Form, entries: list[Entry], place: int) -> None:
    """The fields of one layer, which keep what was typed wherever the layer stands."""
    entry = entries[place]
    with st.container(border=True, gap="small"):
        title, summary = plain(_(entry.spec.title())), plain(_(entry.spec.summary()))
        st.markdown(f"**{title}** :small[:gray[{summary}]]")
        part = form.part(f"layer{entry.number}", ("layers", place))
        if len(entry.spec.model_fields) == 1:
            st.caption(_("Nothing to set."))
            return
        with row():
            drawn = spec_fields(part, entry.spec, (), entry.start)
        entry.values = {"kind": entry.kind, **drawn}
