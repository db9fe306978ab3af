"""Any field as a widget: one module draws every hyperparameter, from its declaration alone.

A choice of kinds becomes a list, followed by the fields of the kind chosen; a number becomes a box,
a named value a row of buttons. No widget refuses anything itself: the values go to the engine as
typed, and what it refuses is said below the field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from unicodedata import east_asian_width

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app_pages.launch.form import Branch, Leaf
from dashboard.words.fields import choice, description, help_text, kinds_help, label
from dashboard.words.i18n import _
from dashboard.words.text import plain
from dashboard.words.typed import shown_number
from engine.errors import Path

FEW = 3
ROOM = 26
"""Up to so many named values, of so many letters with what frames them, stand side by side; more go
into a list."""


def _nothing(at: Path) -> None:
    """Below a field whose complaints are said elsewhere."""


@dataclass(frozen=True)
class Pen:
    """What drawing a field takes: what an edit of it does, and what to say below it."""

    edited: Callable[[], None]
    say: Callable[[Path], None] = _nothing


def row() -> DeltaGenerator:
    """A row of fields, as many as fit side by side, aligned from row to row."""
    return st.grid(4, min_column_width=160, gap=("xsmall", "small"))


def heading(branch: Branch) -> None:
    """The name of a spec whose fields follow, and what it is."""
    name, told = label(branch.name, branch.info), description(branch.info)
    if len(branch.kinds) > 1:
        name, told = f"{name} · {plain(_(branch.kind.title()))}", plain(_(branch.kind.summary()))
    st.markdown(f"**{name}** :small[:gray[{told}]]")


def draw(field: Leaf | Branch, pen: Pen) -> None:
    """Draw a field into the current row: a choice of kinds with the fields of the one chosen."""
    if isinstance(field, Leaf):
        draw_leaf(field, pen)
    else:
        draw_kinds(field, pen)
        draw_all(field.fields, pen)


def draw_all(fields: Iterable[Leaf | Branch], pen: Pen) -> None:
    """Draw fields one after the other."""
    for field in fields:
        draw(field, pen)


def draw_leaf(leaf: Leaf, pen: Pen) -> None:
    """Draw one field."""
    with st.container(gap="xsmall"):
        _widget(leaf, pen)
        pen.say(leaf.at)


def draw_kinds(branch: Branch, pen: Pen) -> None:
    """Draw the choice among several kinds; a single one is no choice."""
    if len(branch.kinds) < 2:
        return
    titles = {spec.kind_name(): _(spec.title()) for spec in branch.kinds}
    # Said anew each time, so that a change of language renames what is shown.
    st.session_state[branch.key] = branch.kind.kind_name()
    with st.container(gap="xsmall"):
        st.selectbox(
            label(branch.name, branch.info),
            list(titles),
            format_func=titles.__getitem__,
            key=branch.key,
            help=kinds_help(branch.info, branch.kinds),
            persist_state="session",
            on_change=pen.edited,
        )
        st.caption(plain(_(branch.kind.summary())))
        pen.say(branch.at)


def _widget(leaf: Leaf, pen: Pen) -> None:
    """The widget that fits a field's type."""
    info, start = leaf.info, leaf.start
    kinds = set(get_args(info.annotation)) or {info.annotation}
    placeholder = _("not set") if NoneType in kinds else None
    text = label(leaf.name, info)
    common: dict[str, Any] = {
        "key": leaf.key,
        "help": help_text(info),
        "persist_state": "session",
        "on_change": pen.edited,
    }
    if get_origin(info.annotation) is Literal:
        _choice(text, list(get_args(info.annotation)), start, common)
    elif get_origin(info.annotation) is tuple:
        st.text_input(text, ", ".join(map(str, start)), **common)
    elif bool in kinds:
        _choice(text, [True, False], start, common)
    elif int in kinds:
        st.number_input(text, value=start, step=1, placeholder=placeholder, **common)
    elif float in kinds:
        shown = start if isinstance(start, str) else "" if start is None else shown_number(start)
        st.text_input(text, shown, placeholder=placeholder, **common)
    else:
        st.text_input(text, start, **common)


def _choice(text: str, options: list[Any], start: Any, common: dict[str, Any]) -> None:
    names = {value: choice(value) for value in options}
    common |= {"format_func": names.__getitem__}
    if len(options) > FEW or _width(names.values()) > ROOM:
        st.selectbox(text, options, index=options.index(start), **common)
    else:
        st.segmented_control(text, options, default=start, required=True, **common)


def _width(words: Iterable[str]) -> float:
    """Letters that buttons side by side take; those of Japanese are twice as wide."""
    return sum(3 + sum(2 if east_asian_width(c) in "WF" else 1 for c in word) for word in words)
