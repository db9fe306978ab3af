"""Where the launch form starts, and what the address says of it.

`?from=3` is run 3's configuration, `?experiment=he-xavier:2` that of a lesson's third arm,
`?config=…` any other: what the form came to hold by being changed. `?draft=…` is a form that is
only half filled, kept by this process (`half_filled.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from dashboard.reads.lessons import get_lesson
from dashboard.reads.store import get_run
from dashboard.state.address import get, put, said
from dashboard.state.choices import Choice, Text
from dashboard.state.config_link import LONGEST, decode, encode
from dashboard.state.half_filled import began_with, is_half_filled, keep_typed, type_again
from dashboard.words.arms import arm_name
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import LayerlabError
from engine.lessons.lesson import Lesson

NAME = Text("name", "")
FROM = Text("from", "")
EXPERIMENT = Text("experiment", "")
CONFIG = Text("config", "", longest=LONGEST + 1)
DRAFT = Text("draft", "", longest=40)

SAID = "launch_said"
"""Where the session holds what the address said last of the form, and what that means."""


@dataclass(frozen=True)
class Start:
    """A filling of the form. Each has a key of its own, so that its widgets start anew."""

    key: str
    config: RunConfig
    name: str = ""
    note: str = ""  # where the values came from
    warning: str = ""  # why they did not come from where the link says


Said = tuple[str, str] | None
"""What the address says about the form: the name of a source, and what of it. None: the default."""


def starting_point() -> Start:
    """The filling that the address asks for, where it is not the one that the form has."""
    asked = _said()
    if SAID not in st.session_state or st.session_state[SAID][0] != asked:
        if asked is None:
            fill(default_config())
        else:
            SOURCES[asked[0]](asked[1])
        st.session_state[SAID] = (_said(), _start().config)
    return _start()


def keep(start: Start, config: RunConfig | None) -> None:
    """Have the address say what the form has come to hold: the configuration, where it is one, and
    what is typed beyond that."""
    _asked, meant = st.session_state[SAID]
    draft = keep_typed(start.key, start.config) if is_half_filled(start.key, config) else ""
    if draft == get(DRAFT) and config in (None, meant):
        return
    choices: dict[Choice[Any], Any] = {DRAFT: draft, NAME: get(name_of(start))}
    word = "" if config is None or config == default_config() else encode(config)
    if config is not None and len(word) <= LONGEST:
        choices |= {CONFIG: word, FROM: "", EXPERIMENT: ""}
    put(choices)
    st.session_state[SAID] = (_said(), config or meant)


def start_over() -> None:
    """Fill the form with the default run."""
    put({CONFIG: "", FROM: "", EXPERIMENT: "", DRAFT: "", NAME: ""})
    fill(default_config())
    st.session_state[SAID] = (None, default_config())


def fill(config: RunConfig, *, name: str = "", note: str = "", warning: str = "") -> None:
    """Fill the form with a configuration, whatever it held."""
    count = st.session_state.get("launch_count", 0) + 1
    st.session_state["launch_count"] = count
    st.session_state["launch_start"] = Start(f"launch{count}", config, name, note, warning)


def name_of(start: Start) -> Text:
    """What the run is to be called: as the filling says, until somebody says otherwise."""
    return NAME.usually(start.name)


def _from_run(value: str) -> None:
    run = get_run(int(value)) if value.isdecimal() and len(value) < 19 else None
    if run is None:
        warning = _("There is no run {id}; the form holds the default.").format(id=value[:20])
        fill(default_config(), warning=warning)
    else:
        note = _("Filled from run #{id}.").format(id=run.id)
        fill(run.config, name=run.name, note=note)


def _from_link(value: str) -> None:
    try:
        fill(decode(value), note=_("Filled from a link."))
    except LayerlabError as error:
        warning = _("{error} The form holds the default.").format(error=error_text(error))
        fill(default_config(), warning=warning)


def _from_draft(word: str) -> None:
    began = began_with(word)
    if began is not None:
        fill(began)
        type_again(word, _start().key)
        return
    put({DRAFT: ""})
    asked = _said()
    if asked is None:
        fill(default_config())
    else:
        SOURCES[asked[0]](asked[1])
    warning = _("What was typed here is no longer kept; the form holds what was valid.")
    st.session_state["launch_start"] = replace(_start(), warning=warning)


def _from_experiment(value: str) -> None:
    """`?experiment=he-xavier` fills a lesson's first arm, `?experiment=he-xavier:2` its third."""
    key, _colon, place = value.partition(":")
    found = get_lesson(key)
    if found is None or not found.configs:
        warning = _("There is no lesson {key} with runs; the form holds the default.")
        fill(default_config(), warning=warning.format(key=key[:40]))
        return
    i = int(place) if place.isdecimal() and len(place) < 3 else 0
    fill_from_arm(found, min(i, len(found.arms) - 1))


def fill_from_arm(found: Lesson, place: int) -> None:
    """Fill the form with an arm of a lesson."""
    name = arm_name(found.arms[place])
    note = _("From “{lesson}”: {arm}.").format(lesson=_(found.name), arm=name)
    fill(found.configs[place], name=name, note=note)


def _said() -> Said:
    query = said()
    return next(((name, query[name]) for name in SOURCES if name in query), None)


def _start() -> Start:
    found: Start = st.session_state["launch_start"]
    return found


SOURCES: dict[str, Callable[[str], None]] = {
    DRAFT.name: _from_draft,
    FROM.name: _from_run,
    CONFIG.name: _from_link,
    EXPERIMENT.name: _from_experiment,
}
