"""Which runs a page shows: those its address names, or those chosen from a list of recent ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from unicodedata import normalize

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads.caching import cached
from dashboard.state.address import answered, bound, get, put, said
from dashboard.state.choices import Numbers, OneOf
from dashboard.views.run.scores import best_text
from dashboard.views.status import status_name
from dashboard.widgets.links import page_link, run_link
from dashboard.words.i18n import _, ngettext
from dashboard.words.reader import LANGUAGES, language
from dashboard.words.text import plain
from db.records import Run

RUN = Numbers(
    "id", (), ("checkpoint", "layer", "channels", "kinds", "step", "m", "start", "paths", "stat")
)
"""The run that a page shows; what was chosen of another run's layers and steps is none of its."""

RUNS = Numbers("ids", (), ("layer", "base"))
"""The runs that a page compares."""

NAMED = 20
"""Runs that a message names."""

OFFERED = 8
"""Runs that a page which shows one offers by name."""

SHOWN = 40
"""Letters of an address that a message repeats."""


def asked_run() -> Run | None:
    """The run that `?id=` names, where there is one."""
    found = data.get_runs(get(RUN)[:1])
    return next(iter(found.values()), None)


def offer_runs(page: str = "", fits: Callable[[Run], bool] = lambda _run: True) -> None:
    """Where the address names no run: a word on what it names instead, and a choice. The newest
    that fit are one click away from their `page`."""
    asked = said().get(RUN.name, "")
    if asked:
        message = _("There is no run {id}. Choose one below.").format(id=plain(_short(asked)))
        st.warning(message, icon=":material/search_off:")
    choose_run(None)
    answered(RUN)
    if page:
        for run in [run for run in data.recent_runs() if fits(run)][:OFFERED]:
            run_link(run, page=page, label=option(run))


def choose_run(current: Run | None) -> None:
    """A list of recent runs; choosing one puts it into the address."""
    runs = {run.id: run for run in data.recent_runs()}
    if current:
        runs.setdefault(current.id, current)
    if not runs:
        no_runs_yet()
        return
    words = {run_id: option(run) for run_id, run in runs.items()}
    one: OneOf[int | None] = OneOf(RUN.name, None, RUN.resets, tuple(words))
    st.selectbox(
        _("Run"),
        list(words),
        index=None,
        format_func=words.__getitem__,
        placeholder=_("Choose a run"),
        label_visibility="visible" if current is None else "collapsed",
        **bound(one, tuple(words.values())),
    )


def choose_runs(current: Sequence[Run], *, limit: int) -> None:
    """A list of recent runs to choose several from, which takes any other by its number or words of
    its name; the choice goes into the address."""
    names = _recent_names(language()) | {run.id: option(run) for run in current}
    if not names:
        no_runs_yet()
        return
    shown = bound(RUNS, tuple(names.values()))
    st.session_state[RUNS.key] = [run.id for run in current]  # of those asked for, what there is
    st.multiselect(
        _("Runs to compare"),
        list(names),
        format_func=lambda picked: names.get(picked, str(picked)),
        placeholder=_("Choose two or more runs"),
        help=_("The newest are listed; any other is found by its number, or by words of its name."),
        max_selections=limit,
        accept_new_options=True,
        **(shown | {"on_change": _take, "args": ()}),
    )


def found_by(typed: str) -> list[int]:
    """The runs that somebody means by a number or by words: the newest where there are many."""
    words = normalize("NFKC", typed).strip()
    number = words.removeprefix("#")
    if number.isdecimal() and len(number) < 10 and data.get_run(int(number)):
        return [int(number)]
    return [run.id for run in data.find_runs(text=words, limit=OFFERED).runs]


def _take() -> None:
    """Put what was picked, and found by what was typed, into the address."""
    ids: list[int] = []
    for picked in st.session_state[RUNS.key]:
        found = [picked] if isinstance(picked, int) else found_by(picked)
        if not found:
            st.toast(_("No run is called {name}.").format(name=plain(_short(picked))))
        ids += found
    put({RUNS: tuple(dict.fromkeys(ids))})


@cached(entries=len(LANGUAGES), seconds=5)
def _recent_names(language: str) -> dict[int, str]:
    """What recent runs are called, in that language: the same for everybody who chooses."""
    return {run.id: option(run) for run in data.recent_runs()}


def no_runs_yet() -> None:
    """What a page without runs shows: that there are none yet, and a link to the first one."""
    st.info(_("There are no runs yet. Launch the first one."), icon=":material/rocket_launch:")
    page_link("launch", _("Launch"))


def option(run: Run) -> str:
    """A run in a list, as plain text: its number, its name, its state, its best score."""
    words = [f"#{run.id}", run.name, status_name(run.status)]
    if run.best:
        words.append(best_text(run))
    return " · ".join(word for word in words if word)


def missing_text(ids: Sequence[int]) -> str:
    """A sentence about runs that do not exist."""
    text = ngettext("There is no run {ids}.", "There are no runs {ids}.", len(ids))
    named = ", ".join(map(str, ids[:NAMED]))
    return text.format(ids=named if len(ids) <= NAMED else f"{named}, …")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
