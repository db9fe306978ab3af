"""All that an optimizer can be told beside its learning rate: its decays, its ε, its variant."""

from __future__ import annotations

from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from dashboard.app_pages.optimizers.choices import Paths, Walkers
from dashboard.state.address import get, put
from dashboard.words.fields import choice, help_text, label
from dashboard.words.i18n import _
from dashboard.words.text import prose
from dashboard.words.typed import shown_number, typed_number
from engine.optimizers import Optimizer


def hyperparameters(paths: Paths, optimizer: Optimizer) -> None:
    """A button that opens an optimizer's other hyperparameters, where it has any."""
    fields = {n: f for n, f in type(optimizer).model_fields.items() if n not in ("kind", "lr")}
    if not fields:
        return
    kind = optimizer.kind_name()
    with st.popover(
        "",
        icon=":material/tune:",
        help=_("All hyperparameters of {optimizer}").format(optimizer=_(optimizer.title())),
        key=f"{paths.key}_{kind}_more",
    ):
        for name, info in fields.items():
            _field(paths, optimizer, name, info)


def _field(paths: Paths, optimizer: Optimizer, name: str, info: FieldInfo) -> None:
    key = f"{paths.key}_{optimizer.kind_name()}_{name}"
    value = getattr(optimizer, name)
    shown: dict[str, Any] = {
        "key": key,
        "help": help_text(info),
        "on_change": _changed,
        "args": (paths, optimizer, name, key),
    }
    if isinstance(value, bool) or get_origin(info.annotation) is Literal:
        options = [True, False] if isinstance(value, bool) else list(get_args(info.annotation))
        st.session_state[key] = value
        st.segmented_control(label(name, info), options, format_func=choice, required=True, **shown)
    else:
        # What was typed and is no value stays, so that it can be mended; its rule stands below.
        wrong = st.session_state.get(_wrong(key))
        st.session_state[key] = shown_number(value) if wrong is None else wrong
        st.text_input(label(name, info), **shown)
        if wrong is not None:
            st.markdown(f":red[:small[:material/error: {prose(help_text(info))}]]")


def _changed(paths: Paths, optimizer: Optimizer, name: str, key: str) -> None:
    typed: Any = st.session_state[key]
    value = typed_number(typed) if isinstance(typed, str) and name in _numbers(optimizer) else typed
    try:
        change(paths, optimizer, name, value)
    except ValueError:
        st.session_state[_wrong(key)] = typed
    else:
        st.session_state.pop(_wrong(key), None)


def change(paths: Paths, optimizer: Optimizer, name: str, value: Any) -> None:
    """Give an optimizer another value; raises ValueError where it cannot have it."""
    changed = type(optimizer).model_validate({**optimizer.model_dump(), name: value})
    walkers: Walkers = get(paths)
    put({paths: {**walkers, optimizer.kind_name(): changed}})


def _numbers(optimizer: Optimizer) -> set[str]:
    fields = type(optimizer).model_fields
    return {name for name, info in fields.items() if info.annotation is float}


def _wrong(key: str) -> str:
    return f"{key}.wrong"
