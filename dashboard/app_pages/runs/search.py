"""The search box: words and comparisons (`db.query`), which the address keeps.

A query that is wrong says so, and the list stays as it was, with nothing to be done to its runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

import streamlit as st

from dashboard.app_pages.runs.choices import QUERY
from dashboard.state.address import bound, get, put
from dashboard.widgets.shell import say_error
from dashboard.words.i18n import _, msg
from dashboard.words.reader import time_zone
from db.query.conditions import EXAMPLES, condition
from db.query.errors import QueryError
from db.query.names import Kind, names
from db.query.syntax import LONGEST

HELP = "runs_help"

_KINDS = {
    Kind.NUMBER: msg("number"),
    Kind.TEXT: msg("text"),
    Kind.TIME: msg("date"),
    Kind.FLAG: msg("true or false"),
}


@dataclass(frozen=True)
class Asked:
    """What the list shall hold."""

    query: str = ""
    zone: tzinfo | None = field(default=None, repr=False)  # of the reader, whose days a query names
    wrong: bool = field(default=False, repr=False)  # is what the box says; this held before


def search_box() -> str:
    """Draw the box and its help; what stands in the box stands in the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            _("Search"),
            type="search",
            max_chars=LONGEST,
            placeholder=_("Such as adam lr<=0.01"),
            label_visibility="collapsed",
            **bound(QUERY),
        )
        with st.popover(
            _("Queries"), icon=":material/help:", type="tertiary", key=HELP, on_change="rerun"
        ) as popover:
            if popover.open:  # else its many names would be sent with every run
                _help()
    return get(QUERY)


def answer(text: str) -> Asked:
    """What the list shall hold; where a query is wrong, says so and answers what held before."""
    zone = time_zone()
    try:
        condition(text, zone)
    except QueryError as error:
        say_error(error)
        st.code(_excerpt(error), language=None)
        return Asked(st.session_state.get("runs_asked", ""), zone, wrong=True)
    st.session_state["runs_asked"] = text
    return Asked(text, zone)


def _excerpt(error: QueryError, *, before: int = 40, width: int = 90) -> str:
    """The place that is meant, marked from below, with what stands around it."""
    line, marks = error.pointer.split("\n")
    begin = max(0, len(marks) - len(marks.lstrip()) - before)
    return f"{line[begin : begin + width]}\n{marks[begin : begin + width]}"


def _help() -> None:
    st.markdown(
        _(
            "Words are looked for in names, owners, states and settings; beside them stand"
            " comparisons such as `lr < 0.01`. All must hold, but for `or`, `not` and parentheses."
            " Dates are those of your time zone, {zone}, unless one is written: `2026-11-21"
            " 10:30Z`, `+09:00`."
        ).format(zone=time_zone())
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
    put({QUERY: example})
    st.session_state[HELP] = False
