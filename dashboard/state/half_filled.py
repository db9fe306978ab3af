"""Forms that mean nothing yet: a field is not what it must be, or a sweep is only begun.

No configuration says that, and what was typed may be too much for an address. So this process keeps
it, and the address names what is kept (`?draft=…`): a reload, Back and another tab find it, until
newer ones need the room or the process ends.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from copy import deepcopy
from hashlib import sha256
from typing import Any

import streamlit as st

from engine.config import RunConfig

MOST = 500
"""Forms that are kept, some kilobytes each; the oldest go first."""

PRESSED = frozenset({"add", "remove", "earlier", "later", "double"})
"""Buttons of the form, by the last words of their keys: none can be pressed but by people."""

STACK = "entries"
"""The layers of a stack that is edited layer by layer, each with a number of its own."""

_kept: OrderedDict[str, tuple[RunConfig, Mapping[str, Any]]] = OrderedDict()


def is_half_filled(form: str, config: RunConfig | None) -> bool:
    """Whether the form of that key holds more than a configuration says."""
    return config is None or any(
        value and name.startswith("axes.") and name.endswith((".values", ".choices"))
        for name, value in _held(form).items()
    )


def keep_typed(form: str, config: RunConfig) -> str:
    """Keep all that the form holds, which began with a configuration; a word that names it."""
    held = _held(form)
    word = sha256(repr((sorted(held.items()), config)).encode()).hexdigest()[:16]
    _kept[word] = (config, deepcopy(held))
    _kept.move_to_end(word)
    while len(_kept) > MOST:
        _kept.popitem(last=False)
    return word


def began_with(word: str) -> RunConfig | None:
    """The configuration with which a form began that is kept under this word."""
    found = _kept.get(word)
    return found[0] if found else None


def type_again(word: str, form: str) -> None:
    """Have the form of that key hold what is kept."""
    for name, value in _kept[word][1].items():
        st.session_state[f"{form}.{name}"] = deepcopy(value)


def _held(form: str) -> dict[str, Any]:
    """What the session holds of the form, by the rest of the keys."""
    prefix = f"{form}."
    found = {
        key.removeprefix(prefix): value
        for key, value in st.session_state.items()
        if isinstance(key, str) and key.startswith(prefix)
    }
    return {name: value for name, value in found.items() if _is_typed(name, value)}


def _is_typed(name: str, value: object) -> bool:
    """Whether it is what somebody typed or chose: neither a button nor worked out from the rest."""
    last = name.rpartition(".")[2]
    if last in PRESSED or last.startswith("mend"):
        return False
    return name == STACK or _is_plain(value)


def _is_plain(value: object) -> bool:
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    if isinstance(value, dict):
        return all(map(_is_plain, value.values()))
    return value is None or isinstance(value, str | int | float)
