"""What a reader chose, kept in the address: a copied link shows exactly what its sender saw.

A widget's value stands in the session while its page is open and in the address for everybody else.
`restore` before the widget takes what a link, or the browser's history, brought; `keep` after it
writes what the widget now holds, and leaves out what a page shows anyway. `choose` is all three.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T", bound=str)

YES, NO = "1", "0"
KEYS = "kept"
"""Where the session holds which widget stands for which name."""


def restore(name: str, key: str, allowed: Collection[T], default: T) -> None:
    """Give the widget `key` what the address newly says under `name`, where it may hold it; at
    first the default, which the widget itself must not name."""
    asked = _news(name, key)
    if asked is not None and asked in allowed:
        st.session_state[key] = asked
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = default


def choose(
    widget: Callable[..., Any],
    label: str,
    words: Mapping[T, str],
    *,
    name: str,
    usual: T,
    key: str,
    **options: Any,
) -> T:
    """What a widget of Streamlit has of `words`, which the address keeps under `name`."""
    restore(name, key, words, usual)
    chosen: T | None = widget(label, list(words), format_func=words.__getitem__, key=key, **options)
    keep(name, chosen, usual)
    return chosen or usual


def restore_flag(name: str, key: str, default: bool) -> None:
    """The same for what is on or off."""
    asked = _news(name, key)
    st.session_state.setdefault(key, default)
    if asked in (YES, NO):
        st.session_state[key] = asked == YES


def restore_number(name: str, key: str, allowed: Sequence[int], default: int) -> None:
    """The same for a whole number."""
    asked = _news(name, key)
    if asked is not None and asked.isdecimal() and len(asked) < 19 and int(asked) in allowed:
        st.session_state[key] = int(asked)
    if st.session_state.get(key) not in allowed:
        st.session_state[key] = default


def restore_real(name: str, key: str, low: float, high: float, default: float) -> None:
    """The same for a number between two ends."""
    asked = _news(name, key)
    st.session_state.setdefault(key, default)
    with suppress(TypeError, ValueError):
        if low <= float(asked) <= high:  # type: ignore[arg-type]
            st.session_state[key] = float(asked)  # type: ignore[arg-type]


def restore_text(name: str, key: str, *, longest: int) -> None:
    """The same for what somebody wrote."""
    asked = _news(name, key)
    st.session_state.setdefault(key, "")
    if asked is not None:
        st.session_state[key] = asked[:longest]


def restore_many(name: str, key: str, allowed: Collection[T], default: Sequence[T]) -> None:
    """The same for a widget of several values; an empty text means that none is chosen."""
    asked = _news(name, key)
    if asked is not None:
        st.session_state[key] = [word for word in asked.split(",") if word in allowed]
    held = st.session_state.get(key, default)
    st.session_state[key] = [word for word in held if word in allowed]


def keep(name: str, value: str | bool | Sequence[str] | None, default: object) -> None:
    """Have the address say what is shown, unless that is the default."""
    if value == default or value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != (text := _text(value)):
        st.query_params[name] = text
    st.session_state[_seen(name)] = st.query_params.get(name)


def held_by(name: str, key: str) -> None:
    """The widget `key` holds what the address says under `name`."""
    st.session_state.setdefault(KEYS, {})[name] = key


def show(address: Mapping[str, str]) -> None:
    """Have the address say just this, beside the language; widgets of what it does not name begin
    anew."""
    for name, key in st.session_state.get(KEYS, {}).items():
        if name not in address:
            st.session_state.pop(key, None)
            st.session_state.pop(_seen(name), None)
    language = {"lang": st.query_params["lang"]} if "lang" in st.query_params else {}
    st.query_params.from_dict({**address, **language})


def _text(value: str | bool | Sequence[str]) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    return value if isinstance(value, str) else ",".join(value)


def _news(name: str, key: str) -> str | None:
    held_by(name, key)
    asked = st.query_params.get(name)
    return None if asked == st.session_state.get(_seen(name)) else asked


def _seen(name: str) -> str:
    return f"address {name}"
