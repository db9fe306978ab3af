"""The search box: plain words, or a query (`db.query`) that the address keeps.

What reads as a query is one; else what was plainly meant as one, by a comparison or a quote, is
shown to be wrong, and the list stays as it was; all else is words to be looked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from dashboard.state.kept import held_by
from dashboard.words.i18n import _, msg
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.query.anywhere import words_of
from db.query.conditions import EXAMPLES, condition
from db.query.errors import QueryError
from db.query.names import Kind, names
from db.query.syntax import LONGEST

BOX, HELP, ADDRESS = "runs_text", "runs_help", "q"

_MEANT = re.compile(r"""[=<>]|^\s*["'(]|\b(in|like)\s*["']|\b(and|or|not|in)\s*\(""", re.IGNORECASE)
_KINDS = {
    Kind.NUMBER: msg("number"),
    Kind.TEXT: msg("text"),
    Kind.TIME: msg("date"),
    Kind.FLAG: msg("true or false"),
}


@dataclass(frozen=True)
class Asked:
    """What the list shall hold: words, or a query."""

    text: str = ""
    query: str = ""


def understood(text: str) -> Asked:
    """What was meant; raises QueryError where it was a query, and is wrong."""
    try:
        condition(text)
    except QueryError:
        if _MEANT.search(text) or len(text) > LONGEST:
            raise
        return Asked(text=" ".join(words_of(text)))
    return Asked(query=text)


def search_box() -> str:
    """Draw the box and its help; what stands in the box stands in the address."""
    _from_address()
    text = st.text_input(
        _("Search"),
        key=BOX,
        type="search",
        max_chars=LONGEST,
        placeholder=_("Words, or optimizer.lr >= 0.01"),
        label_visibility="collapsed",
        width=330,
        persist_state="session",
    )
    with st.popover(
        _("Queries"), icon=":material/help:", type="tertiary", key=HELP, on_change="rerun"
    ) as popover:
        if popover.open:  # else its many names would be sent with every run
            _help()
    return _to_address(text or "")


def answer(text: str) -> Asked:
    """What the list shall hold; where a query is wrong, says so and answers what held before."""
    try:
        asked = understood(text)
    except QueryError as error:
        st.error(prose(error_text(error)), icon=":material/error:")
        st.code(_excerpt(error), language=None)
        kept: Asked = st.session_state.get("runs_asked", Asked())
        return kept
    st.session_state["runs_asked"] = asked
    return asked


def _from_address() -> None:
    """Take a query from the address where a link, or the browser's history, brought a new one."""
    asked = st.query_params.get(ADDRESS)
    held_by(ADDRESS, BOX)
    if asked is not None and asked != st.session_state.get("runs_address"):
        st.session_state[BOX] = asked


def _to_address(text: str) -> str:
    st.session_state["runs_address"] = text
    if text:
        st.query_params[ADDRESS] = text
    else:
        st.query_params.pop(ADDRESS, None)
    return text


def _excerpt(error: QueryError, *, before: int = 40, width: int = 90) -> str:
    """The place that is meant, marked from below, with what stands around it."""
    line, marks = error.pointer.split("\n")
    begin = max(0, len(marks) - len(marks.lstrip()) - before)
    return f"{line[begin : begin + width]}\n{marks[begin : begin + width]}"


def _help() -> None:
    st.markdown(
        _(
            "Words are looked for in names, owners and settings. A query compares: `and`, `or`,"
            " `not` and parentheses join comparisons."
        )
    )
    for i, example in enumerate(EXAMPLES):
        st.button(
            f"`{example}`",
            key=f"runs_example_{i}",
            type="tertiary",
            on_click=_fill,
            args=(example,),
        )
    rows = [
        {
            _("Name"): name.name,
            _("Kind"): _(_KINDS[name.kind]),
            _("Meaning"): _(name.description),
        }
        for name in names().values()
    ]
    st.dataframe(rows, hide_index=True, height=280, width=620, key="runs_names")


def _fill(example: str) -> None:
    """Put an example into the box, and close the help to show what it finds."""
    st.session_state[BOX] = example
    st.session_state[HELP] = False
