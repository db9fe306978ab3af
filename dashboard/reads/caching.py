"""Answers that are kept for a while, the same ones for every session."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Generic, ParamSpec, TypeVar

import streamlit as st

P = ParamSpec("P")
R = TypeVar("R")


class Cached(Generic[P, R]):
    """A read of which Streamlit keeps the answers."""

    def __init__(self, read: Callable[P, R], *, entries: int, seconds: float | None) -> None:
        self._cached = st.cache_resource(ttl=seconds, max_entries=entries, show_spinner=False)(read)
        update_wrapper(self, read)

    def __call__(self, *args: P.args, **options: P.kwargs) -> R:
        """The answer that is kept, else a new one.

        Streamlit asks whether an answer is kept and then takes it; one that grows too old in
        between is a KeyError.
        """
        try:
            return self._cached(*args, **options)
        except KeyError:
            return self._cached(*args, **options)

    def clear(self) -> None:
        """Read anew from now on."""
        self._cached.clear()


def cached(
    *, entries: int, seconds: float | None = None
) -> Callable[[Callable[P, R]], Cached[P, R]]:
    """Keep so many answers, each for so many seconds or for good."""
    return lambda read: Cached(read, entries=entries, seconds=seconds)
