"""What is wrong with a form, each complaint below the field it is about."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.held import Held
from dashboard.app_pages.launch.remedies import remedy
from dashboard.reads.draft import Draft
from dashboard.widgets.shell import say_error
from dashboard.words.sentences import sentence
from dashboard.words.text import prose
from engine.architecture import layer_names
from engine.errors import Path, Problem
from engine.layers import AnyLayer
from engine.spec import member


def say(held: Held, place: Path | None) -> None:
    """Write what is wrong with the field at that place, and offer what mends it. Several layers may
    be wrong in the same way: it is said once."""
    words = {_words(p, place, held.draft): p for p in held.problems.get(place, ())}
    for i, (text, problem) in enumerate(words.items()):
        st.markdown(f":red[:small[:material/error: {text}]]")
        mend = remedy(held, problem)
        if mend:
            st.button(
                mend.label,
                icon=":material/auto_fix_high:",
                key=held.form.name(("mend", *map(str, place or ()), i)),
                on_click=mend.apply,
            )


def say_elsewhere(held: Held) -> None:
    """Write what belongs to no field."""
    say(held, None)
    if held.draft.error:
        say_error(held.draft.error)


def _words(problem: Problem, place: Path | None, draft: Draft) -> str:
    """The complaint, which names what it is about where it does not stand beside it."""
    rule = prose(sentence(problem.rule))
    if place is None:
        return prose(sentence(problem.message))
    if place == ("layers",) and len(problem.path) > 1:
        return f"**{_layer_name(draft, int(problem.path[1]))}**: {rule}"
    return rule


def _layer_name(draft: Draft, place: int) -> str:
    """A layer's name among layers that need not be valid."""
    kinds = [layer["kind"] for layer in draft.data["layers"]]
    return prose(layer_names([member(AnyLayer, k).model_construct() for k in kinds])[place])  # type: ignore[misc]
