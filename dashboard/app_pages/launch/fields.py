"""Any spec as widgets: one module draws every hyperparameter, from its declaration alone.

A union of specs becomes a choice of its kinds followed by the fields of the kind chosen; a number
becomes a box, a named value a row of buttons. No widget refuses anything itself: the values go to
the engine as typed, and what it refuses is shown in the slot below the field.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from unicodedata import east_asian_width

import streamlit as st
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from dashboard.words.fields import choice, description, help_text, kinds_help, label
from dashboard.words.i18n import _
from dashboard.words.text import plain
from dashboard.words.typed import shown_number, typed_number, typed_widths
from engine.errors import Path
from engine.layers.trainable import Trainable
from engine.spec import Spec, family, union_of

FEW = 3
ROOM = 26
"""Up to so many named values, of so many letters with what frames them, stand side by side; more go
into a list."""


@dataclass
class Form:
    """A form being drawn: where its widgets keep their state, and a slot a field for complaints.

    A part of a form keeps its state under its own key and its slots `at` its place in the whole.
    """

    key: str
    slots: dict[Path, DeltaGenerator] = field(default_factory=dict)
    at: Path = ()

    def name(self, path: Path) -> str:
        """The key of a field's widget."""
        return ".".join((self.key, *map(str, path)))

    def part(self, key: str, at: Path = ()) -> Form:
        """A part of the form with keys of its own."""
        return Form(f"{self.key}.{key}", self.slots, (*self.at, *at))

    def slot(self, path: Path) -> None:
        """Make room for complaints about a field, here."""
        self.slots[(*self.at, *path)] = st.container(gap="xsmall")


def row() -> DeltaGenerator:
    """A row of fields, as many as fit side by side, aligned from row to row."""
    return st.grid(4, min_column_width=160, gap=("xsmall", "small"))


def heading(name: str, info: FieldInfo) -> None:
    """The name of a spec that is drawn as its fields, and what it is."""
    st.markdown(f"**{label(name, info)}** :small[:gray[{description(info)}]]")


def spec_fields(form: Form, spec: type[Spec], path: Path, start: Mapping[str, Any]) -> Any:
    """Draw every field of a spec into the current grid; their values by name. What all layers with
    parameters share comes after what makes this one."""
    names = sorted(spec.model_fields, key=lambda name: name in Trainable.model_fields)
    return {
        name: draw(form, name, spec.model_fields[name], (*path, name), start.get(name))
        for name in names
        if name != "kind"
    }


def draw(form: Form, name: str, info: FieldInfo, path: Path, start: Any) -> Any:
    """Draw one field, starting from `start` or else from its default; its value as typed."""
    union = union_of(info)
    if union is not None:
        return _union(form, name, info, path, start)
    if isinstance(info.annotation, type) and issubclass(info.annotation, Spec):
        return spec_fields(form, info.annotation, path, start or {})
    if start is None:
        start = _plain_default(info)
    with st.container(gap="xsmall"):
        value = _widget(form, name, info, path, start)
        form.slot(path)
    return value


def _union(form: Form, name: str, info: FieldInfo, path: Path, start: Any) -> Any:
    """A choice of kinds, and the fields of the one chosen. A single kind is no choice."""
    members = {spec.kind_name(): spec for spec in family(union_of(info))}
    start = start or info.get_default().model_dump(mode="json")
    kind = start["kind"]
    if len(members) > 1:
        titles = {name: _(spec.title()) for name, spec in members.items()}
        key = form.name((*path, "kind"))
        # Said anew at each run, so that a change of language renames what is shown.
        st.session_state[key] = st.session_state.get(key, kind)
        with st.container(gap="xsmall"):
            kind = st.selectbox(
                label(name, info),
                list(titles),
                format_func=titles.__getitem__,
                key=key,
                help=kinds_help(info, tuple(members.values())),
                persist_state="session",
            )
            st.caption(plain(_(members[kind].summary())))
            form.slot(path)
    inner = start if start["kind"] == kind else {}
    # Each kind keeps what was typed into its own fields.
    return {"kind": kind, **spec_fields(form.part(kind), members[kind], path, inner)}


def _plain_default(info: FieldInfo) -> Any:
    default = info.get_default(call_default_factory=True)
    return list(default) if isinstance(default, tuple) else default


def _widget(form: Form, name: str, info: FieldInfo, path: Path, start: Any) -> Any:
    """The widget that fits a field's type."""
    kinds = set(get_args(info.annotation)) or {info.annotation}
    common: dict[str, Any] = {
        "key": form.name(path),
        "help": help_text(info),
        "persist_state": "session",
    }
    text = label(name, info)
    if get_origin(info.annotation) is Literal:
        return _choice(text, list(get_args(info.annotation)), start, common)
    if get_origin(info.annotation) is tuple:
        return typed_widths(st.text_input(text, ", ".join(map(str, start)), **common))
    if bool in kinds:
        return _choice(text, [True, False], start, common)
    if int in kinds:
        placeholder = _("not set") if NoneType in kinds else None
        return st.number_input(text, value=start, step=1, placeholder=placeholder, **common)
    if float in kinds:
        optional = NoneType in kinds
        shown = start if isinstance(start, str) else "" if start is None else shown_number(start)
        placeholder = _("not set") if optional else None
        return typed_number(
            st.text_input(text, shown, placeholder=placeholder, **common), optional=optional
        )
    return st.text_input(text, start, **common)


def _choice(text: str, options: list[Any], start: Any, common: dict[str, Any]) -> Any:
    names = {value: choice(value) for value in options}
    common |= {"format_func": names.__getitem__}
    if len(options) > FEW or _width(names.values()) > ROOM:
        return st.selectbox(text, options, index=options.index(start), **common)
    return st.segmented_control(text, options, default=start, required=True, **common)


def _width(words: Iterable[str]) -> float:
    """Letters that buttons side by side take; those of Japanese are twice as wide."""
    return sum(3 + sum(2 if east_asian_width(c) in "WF" else 1 for c in word) for word in words)
