"""The address: a page shows what its address says, and a choice is made by writing it there.

A widget holds nothing of its own. `bound` gives it the value that the address says, at every run,
and writes what a reader makes of it back before the run: one step is one entry of the browser's
history. So a link, a reload, Back and Forward show exactly what was seen (`state/choices.py` says
what can be said).

The browser sends its address with every request. It may send one that it is about to replace: who
clicks twice within the twentieth of a second that an answer takes asks the second time from the
old address. Such an address, which this session itself has replaced, is no news; Back and Forward,
a link and another page are. By a link to the page that it shows the browser asks once, and goes on
to say its old address (Streamlit 1.67): the page says the new one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, overload

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.state.choices import Choice, OneOf, Several, Text
from dashboard.words.i18n import _
from dashboard.words.reader import language
from dashboard.words.text import plain

T = TypeVar("T")
Query = dict[str, str]

LANGUAGE = "lang"
QUOTED = 40
"""Letters of an address that a message repeats."""


@dataclass
class _Session:
    """What this tab of the browser shows and has shown."""

    page: str = ""
    place: str = ""  # the page, as Streamlit tells pages apart
    query: Query = field(default_factory=dict)  # what the address says
    replaced: list[Query] = field(default_factory=list)  # what the browser may still think it says
    wrote: bool = False  # in this very run
    left: dict[str, Query] = field(default_factory=dict)  # each page's, when it was left
    right: dict[str, tuple[str, str | None]] = field(default_factory=dict)  # what it should say
    wrong: dict[str, str] = field(default_factory=dict)  # what it says and cannot be, in words
    given: dict[str, object] = field(default_factory=dict)  # what a widget's words were


def said() -> Query:
    """What the address says."""
    session, asked = _session(), st.query_params.to_dict()
    if asked == session.query:
        return asked
    if asked in session.replaced and not _moved(session):
        session.wrote = True
        st.query_params.from_dict(session.query)
    else:
        linked = not _moved(session)
        session.query = asked
        session.replaced.clear()
        if linked:  # a link to this very page: the browser asks by it and does not say it
            st.query_params.from_dict(asked)
    return dict(session.query)


def get(choice: Choice[T]) -> T:
    """What the address says of a choice: its usual value where that is nothing, or nothing that can
    be. In the latter case a sentence tells. At the end of the run the address says what is shown.
    """
    text = said().get(choice.name)
    if text is None:
        return choice.usual
    session = _session()
    try:
        value = choice.read(text)
    except ValueError:
        session.right[choice.name] = (text, None)
        wrong = _("`{name}` in the link must be {rule}; got {value}. `{default}` is shown instead.")
        session.wrong[choice.name] = wrong.format(
            name=choice.name,
            rule=choice.rule(),
            value=plain(text if len(text) <= QUOTED else text[:QUOTED] + "…"),
            default="–" if choice.usual is None else plain(choice.write(choice.usual)),
        )
        return choice.usual
    if choice.exact and (whole := choice.write(value)) != text:
        session.right[choice.name] = (text, whole)
    return value


def answered(choice: Choice[Any]) -> None:
    """The page itself has said what is wrong with a choice: nothing else tells."""
    _session().wrong.pop(choice.name, None)


def put(values: Mapping[Choice[Any], Any]) -> None:
    """Make choices, as one step."""
    _write(saying(values))


def saying(values: Mapping[Choice[Any], Any]) -> Query:
    """What the address would say with these choices made."""
    query = said()
    for choice, value in values.items():
        if value is None or value == choice.usual:
            query.pop(choice.name, None)
        elif (text := choice.write(value)) != query.get(choice.name):
            query[choice.name] = text
    changed = {c for c in values if query.get(c.name) != said().get(c.name)}
    for name in {name for choice in changed for name in choice.resets}:
        if name not in {choice.name for choice in values}:
            query.pop(name, None)
    return query


def show(query: Mapping[str, str]) -> None:
    """Have the address say just this, beside the language."""
    language = {n: text for n, text in said().items() if n == LANGUAGE}
    _write({**query, **language})


def bound(choice: Choice[T], words: object = None) -> dict[str, Any]:
    """What makes a widget show a choice: its key, its value and what happens when that is changed.
    `words` are those of its options where they change under the same values."""
    value: Any = get(choice)
    value = list(value) if isinstance(value, tuple) else value
    given, now = _session().given, (language(), words)
    held = st.session_state.get(choice.key)
    # A text is left alone while somebody writes it; what has new words is told its value again.
    if held != value or (given.get(choice.key) != now and not isinstance(choice, Text)):
        st.session_state[choice.key] = value
    given[choice.key] = now
    return {"key": choice.key, "on_change": _changed, "args": (choice,)}


@overload
def choose(
    widget: Callable[..., Any],
    label: str,
    choice: Several[T],
    words: Mapping[T, str],
    **options: Any,
) -> tuple[T, ...]: ...
@overload
def choose(
    widget: Callable[..., Any],
    label: str,
    choice: Choice[T],
    words: Mapping[T, str],
    **options: Any,
) -> T: ...
def choose(
    widget: Callable[..., Any],
    label: str,
    choice: Choice[Any],
    words: Mapping[Any, str],
    **options: Any,
) -> Any:
    """Draw what a widget of Streamlit has of `words`, each for a value that the choice may have."""
    if isinstance(choice, OneOf | Several):
        choice = choice.among(tuple(words))
    options = bound(choice, tuple(words.values())) | options
    widget(label, list(words), format_func=words.__getitem__, **options)
    return get(choice)


def link(**params: object) -> Query:
    """An address as a link to a page has it: what is named, and the language."""
    language = {n: text for n, text in said().items() if n == LANGUAGE}
    return {name: str(value) for name, value in params.items()} | language


def remembered(page: str) -> Query:
    """The address with which a page was left, in the language of now."""
    session = _session()
    left = said() if page == session.page else session.left.get(page, {})
    return link(**{name: text for name, text in left.items() if name != LANGUAGE})


def enter(page: str) -> None:
    """A run of a page begins; the router says so, once it knows which."""
    session = _session()
    if page != session.page:
        session.page, session.query, session.wrote = page, st.query_params.to_dict(), False
        session.replaced.clear()
        session.given.clear()
    session.left[page] = said()
    context = get_script_run_ctx()
    session.place = context.page_script_hash if context else ""
    if not session.wrote:
        session.replaced.clear()  # the browser has asked from the newest
    session.wrote = False


def settle() -> Sequence[str]:
    """The run is over: have the address say what is shown. A sentence about each wrong value."""
    session = _session()
    right, wrong, session.right, session.wrong = session.right, session.wrong, {}, {}
    query: dict[str, str | None] = dict(said())
    query |= {name: new for name, (old, new) in right.items() if query.get(name) == old}
    _write({name: text for name, text in query.items() if text is not None})
    return list(wrong.values())


def _changed(choice: Choice[Any]) -> None:
    value = st.session_state[choice.key]
    put({choice: tuple(value) if isinstance(value, list) else value})


def _write(query: Query) -> None:
    session, now = _session(), said()
    if query == now:
        return
    session.replaced.append(now)
    session.query, session.wrote = dict(query), True
    session.left[session.page] = dict(query)
    st.query_params.from_dict(query)


def _moved(session: _Session) -> bool:
    """Whether the browser went somewhere: back, forward or to another page."""
    context = get_script_run_ctx()
    if context is None:
        return True
    return context.is_history_navigation or context.page_script_hash != session.place


def _session() -> _Session:
    held: _Session = st.session_state.setdefault("address", _Session())
    return held
