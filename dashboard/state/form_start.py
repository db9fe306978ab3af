"""Where the launch form starts: the default run, a past one, an experiment or the link."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from dashboard.reads.store import get_run
from dashboard.state.config_link import decode
from dashboard.words.experiments import Arm, Experiment, experiment
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from engine.config import RunConfig
from engine.default import default_config
from engine.errors import LayerlabError


@dataclass(frozen=True)
class Start:
    """A filling of the form. Each has a key of its own, so that its widgets start anew."""

    key: str
    config: RunConfig
    name: str = ""
    note: str = ""  # where the values came from
    warning: str = ""  # why they did not come from where the link says


def starting_point() -> Start:
    """The filling that the address asks for, once; else the one that the session holds."""
    wanted = [(name, st.query_params[name]) for name in _SOURCES if name in st.query_params]
    if wanted and st.session_state.get("launch_wanted") != wanted[0]:
        st.session_state["launch_wanted"] = wanted[0]
        name, value = wanted[0]
        _SOURCES[name](value)
    elif "launch_start" not in st.session_state:
        fill(default_config())
    start: Start = st.session_state["launch_start"]
    return start


def start_over() -> None:
    """Fill the form with the default run."""
    for name in _SOURCES:
        st.query_params.pop(name, None)
    fill(default_config())


def fill(config: RunConfig, *, name: str = "", note: str = "", warning: str = "") -> None:
    """Fill the form with a configuration, whatever it held."""
    count = st.session_state.get("launch_count", 0) + 1
    st.session_state["launch_count"] = count
    st.session_state["launch_start"] = Start(f"launch{count}", config, name, note, warning)


def fill_from_arm(found: Experiment, arm: Arm) -> None:
    """Fill the form with a run of an experiment."""
    note = _("From “{experiment}”: {arm}.").format(experiment=_(found.title), arm=_(arm.name))
    fill(arm.config, name=_(arm.name), note=note)


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


_SOURCES: dict[str, Callable[[str], None]] = {
    "from": _from_run,
    "config": _from_link,
    "experiment": _from_experiment,
}
