"""Where the launch form starts, and what the address says of it.

`?from=3` is run 3's configuration, `?experiment=he-xavier:2` that of an experiment's third run,
`?config=…` any other: what the form came to hold by being changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.reads.store import get_run
from dashboard.state.address import get, put, said
from dashboard.state.choices import Text
from dashboard.state.config_link import LONGEST, decode, encode
from dashboard.words.experiments import Arm, Experiment, experiment
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import LayerlabError

NAME = Text("name", "")
FROM = Text("from", "")
EXPERIMENT = Text("experiment", "")
CONFIG = Text("config", "", longest=LONGEST + 1)

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
        st.session_state[SAID] = (asked, _start().config)
    return _start()


def keep(start: Start, config: RunConfig | None) -> None:
    """Have the address say what the form has come to hold, as soon as that is a configuration."""
    _asked, meant = st.session_state[SAID]
    if config is None or config == meant:
        return
    word = "" if config == default_config() else encode(config)
    if len(word) <= LONGEST:
        name = get(name_of(start))
        put({CONFIG: word, FROM: "", EXPERIMENT: "", NAME: name})
        st.session_state[SAID] = (_said(), config)


def start_over() -> None:
    """Fill the form with the default run."""
    put({CONFIG: "", FROM: "", EXPERIMENT: "", NAME: ""})
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


def _from_experiment(value: str) -> None:
    """`?experiment=he-xavier` fills its first run, `?experiment=he-xavier:2` its third."""
    key, _colon, place = value.partition(":")
    found = experiment(key)
    if found is None:
        warning = _("There is no experiment {key}; the form holds the default.")
        fill(default_config(), warning=warning.format(key=key[:40]))
        return
    i = int(place) if place.isdecimal() and len(place) < 3 else 0
    fill_from_arm(found, found.arms[min(i, len(found.arms) - 1)])


def fill_from_arm(found: Experiment, arm: Arm) -> None:
    """Fill the form with a run of an experiment."""
    note = _("From “{experiment}”: {arm}.").format(experiment=_(found.title), arm=_(arm.name))
    fill(arm.config, name=_(arm.name), note=note)


def _said() -> Said:
    query = said()
    return next(((name, query[name]) for name in SOURCES if name in query), None)


def _start() -> Start:
    found: Start = st.session_state["launch_start"]
    return found


SOURCES: dict[str, Callable[[str], None]] = {
    FROM.name: _from_run,
    CONFIG.name: _from_link,
    EXPERIMENT.name: _from_experiment,
}
