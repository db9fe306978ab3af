"""Where the launch form starts: the default run, a past one, or a configuration in the link."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.data import get_run
from dashboard.form.link import decode
from dashboard.i18n import _
from dashboard.sentences import error_text
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
    wanted = [
        (name, st.query_params[name]) for name in ("from", "config") if name in st.query_params
    ]
    if wanted and st.session_state.get("launch_wanted") != wanted[0]:
        st.session_state["launch_wanted"] = wanted[0]
        _begin(*_wanted(*wanted[0]))
    elif "launch_start" not in st.session_state:
        _begin(default_config())
    start: Start = st.session_state["launch_start"]
    return start


def start_over() -> None:
    """Fill the form with the default run."""
    for name in ("from", "config"):
        st.query_params.pop(name, None)
    _begin(default_config())


def _begin(config: RunConfig, name: str = "", note: str = "", warning: str = "") -> None:
    count = st.session_state.get("launch_count", 0) + 1
    st.session_state["launch_count"] = count
    st.session_state["launch_start"] = Start(f"launch{count}", config, name, note, warning)


def _wanted(name: str, value: str) -> tuple[RunConfig, str, str, str]:
    if name == "from":
        run = get_run(int(value)) if value.isdecimal() and len(value) < 19 else None
        if run is None:
            warning = _("There is no run {id}; the form holds the default.").format(id=value[:20])
            return default_config(), "", "", warning
        note = _("Filled from run #{id}.").format(id=run.id)
        return run.config, run.name, note, ""
    try:
        return decode(value), "", _("Filled from a link."), ""
    except LayerlabError as error:
        warning = _("{error} The form holds the default.").format(error=error_text(error))
        return default_config(), "", "", warning
