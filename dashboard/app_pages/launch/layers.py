"""Any stack, layer by layer: the layers as a row of chips, and the fields of the one chosen.

The session holds the stack as a list of entries; each has a number of its own, under which its
widgets keep what was typed while the layer moves among the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.fields import Pen, draw_all, row
from dashboard.app_pages.launch.form import Branch, Form, Leaf, Mark, fields_of
from dashboard.words.i18n import _
from dashboard.words.text import plain
from dashboard.words.typed import shown_number
from engine.architecture import layer_names
from engine.errors import Path
from engine.layers import AnyLayer, LayerSpec
from engine.spec import family, member

KINDS = {spec.kind_name(): spec for spec in family(AnyLayer)}
_numbers = count(1)


@dataclass(frozen=True)
class Entry:
    """A layer of the stack: its kind and what its fields began with."""

    kind: str
    start: dict[str, Any]
    number: int = field(default_factory=lambda: next(_numbers))

    @classmethod
    def of(cls, values: dict[str, Any]) -> Entry:
        return cls(values["kind"], values)

    @property
    def spec(self) -> type[LayerSpec]:
        found: type[LayerSpec] = KINDS[self.kind]  # type: ignore[assignment]
        return found

    def fields(self, form: Form, place: int) -> tuple[Leaf | Branch, ...]:
        """What the form asks for it, as the layer at `place`."""
        part = form.part(f"layer{self.number}", ("layers", place))
        return fields_of(part, self.spec, (), self.start)

    def values(self, form: Form) -> dict[str, Any]:
        """What its fields hold."""
        return {"kind": self.kind, **{field.name: field.value for field in self.fields(form, 0)}}


@dataclass(frozen=True)
class Stack:
    """The stack as it is held, and the place of the layer whose fields are shown."""

    form: Form
    entries: tuple[Entry, ...]
    value: list[dict[str, Any]]
    chosen: int | None
    fields: tuple[Leaf | Branch, ...]
    at: Path = ("layers",)

    @property
    def mark(self) -> Mark:
        return (*self.chips.items(), self.chosen, *(field.mark for field in self.fields))

    @property
    def chips(self) -> dict[int, str]:
        """What each layer is called, by its number: `conv2d_1 · 32`."""
        names = layer_names([entry.spec.model_construct() for entry in self.entries])
        each = zip(self.entries, names, self.value, strict=True)
        return {entry.number: _chip(entry, name, values) for entry, name, values in each}

    def places(self) -> Iterator[Path]:
        yield self.at
        for inner in self.fields:
            yield from inner.places()


def hold(form: Form, layers: list[dict[str, Any]]) -> None:
    """Begin with these layers."""
    st.session_state[_key(form)] = [Entry.of(values) for values in layers]


def held_stack(form: Form) -> Stack:
    """The layers as they are held."""
    entries = tuple(_entries(form))
    numbers = [entry.number for entry in entries]
    number = st.session_state.get(_chosen_key(form))
    place = numbers.index(number) if number in numbers else 0 if entries else None
    fields = () if place is None else entries[place].fields(form, place)
    return Stack(form, entries, layer_values(form), place, fields)


def layer_values(form: Form) -> list[dict[str, Any]]:
    """What all layers hold."""
    return [entry.values(form) for entry in _entries(form)]


def layer_editor(stack: Stack, pen: Pen) -> None:
    """Draw the stack and the fields of the layer chosen."""
    _choose(stack, pen)
    _tools(stack, pen)
    with st.container(gap="xsmall"):
        pen.say(stack.at)
    if stack.chosen is not None:
        _fields(stack.entries[stack.chosen], stack.fields, pen)


def _entries(form: Form) -> list[Entry]:
    entries: list[Entry] = st.session_state.setdefault(_key(form), [])
    return entries


def _key(form: Form) -> str:
    return form.name(("entries",))


def _chosen_key(form: Form) -> str:
    return form.name(("chosen",))


def _choose(stack: Stack, pen: Pen) -> None:
    """The chips, from the input to the outputs."""
    if stack.chosen is None:
        st.caption(_("No layer yet. The last one must give as many outputs as the data set asks."))
        return
    labels = stack.chips
    st.session_state[_chosen_key(stack.form)] = stack.entries[stack.chosen].number
    st.pills(
        _("Layers, from the input to the outputs"),
        list(labels),
        format_func=labels.__getitem__,
        key=_chosen_key(stack.form),
        required=True,
        persist_state="session",
        help=_("Choose a layer to see its fields, to move it or to add one after it."),
        on_change=pen.edited,
    )


def _chip(entry: Entry, name: str, values: dict[str, Any]) -> str:
    sizes = [values.get(size) for size in entry.spec.positional]
    shown = [shown_number(size) for size in sizes if isinstance(size, int | float)]
    return plain(" · ".join([name, "/".join(shown)] if shown else [name]))


def _tools(stack: Stack, pen: Pen) -> None:
    """Add, move, double and remove."""
    form, place = stack.form, stack.chosen
    titles = {kind: _(spec.title()) for kind, spec in KINDS.items()}
    add_key = form.name(("add",))

    def tool(
        name: str, icon: str, label: str, act: Callable[[], None], *, disabled: bool = False
    ) -> None:
        st.button(
            label,
            icon=icon,
            key=form.name((name,)),
            on_click=lambda: _then(act, pen),
            disabled=disabled,
        )

    with st.container(horizontal=True, gap="small"):
        st.menu_button(
            _("Add after it") if stack.entries else _("Add a layer"),
            list(titles),
            format_func=titles.__getitem__,
            icon=":material/add:",
            key=add_key,
            on_click=lambda: _then(lambda: _add(form, st.session_state[add_key], place), pen),
        )
        if place is None:
            return
        last = len(stack.entries) - 1
        back, on = ":material/arrow_back:", ":material/arrow_forward:"
        tool("earlier", back, _("Earlier"), lambda: _move(form, place, -1), disabled=place == 0)
        tool("later", on, _("Later"), lambda: _move(form, place, 1), disabled=place == last)
        tool("double", ":material/content_copy:", _("Duplicate"), lambda: _double(form, place))
        tool("remove", ":material/delete:", _("Remove"), lambda: _remove(form, place))


def _then(act: Callable[[], None], pen: Pen) -> None:
    act()
    pen.edited()


def _add(form: Form, kind: str | None, place: int | None) -> None:
    if kind is not None:
        values = member(AnyLayer, kind)().model_dump(mode="json")
        _insert(form, Entry.of(values), 0 if place is None else place + 1)


def _insert(form: Form, entry: Entry, place: int) -> None:
    _entries(form).insert(place, entry)
    st.session_state[_chosen_key(form)] = entry.number


def _move(form: Form, place: int, by: int) -> None:
    entries = _entries(form)
    entries.insert(place + by, entries.pop(place))


def _double(form: Form, place: int) -> None:
    _insert(form, Entry.of(_entries(form)[place].values(form)), place + 1)


def _remove(form: Form, place: int) -> None:
    entries = _entries(form)
    del entries[place]
    if entries:
        st.session_state[_chosen_key(form)] = entries[max(0, place - 1)].number


def insert_layer(form: Form, values: dict[str, Any], place: int) -> None:
    """Put a layer into the stack, before the one at `place`."""
    _insert(form, Entry.of(values), place)


def end_in(form: Form, outputs: int) -> None:
    """Let the stack end in so many outputs: its last layer, where it is dense, else one more."""
    entries = _entries(form)
    values = member(AnyLayer, "dense")().model_dump(mode="json")
    if entries and entries[-1].kind == "dense":
        values = entries.pop().values(form)
    entries.append(Entry.of(values | {"units": outputs}))


def _fields(entry: Entry, fields: tuple[Leaf | Branch, ...], pen: Pen) -> None:
    """The fields of one layer, which keep what was typed wherever the layer stands."""
    with st.container(border=True, gap="small"):
        title, summary = plain(_(entry.spec.title())), plain(_(entry.spec.summary()))
        st.markdown(f"**{title}** :small[:gray[{summary}]]")
        if not fields:
            st.caption(_("Nothing to set."))
            return
        with row():
            draw_all(fields, pen)
