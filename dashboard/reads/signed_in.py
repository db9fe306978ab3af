"""Who is signed in to this session, and what they may do.

Nobody signs in under `LAYERLAB_AUTH=off` and `token`, and whoever is let in may do everything.
Under `header` the trusted proxy has named somebody when the browser opened its WebSocket, which the
door has let in from nowhere else (`dashboard/access.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard.proxy import Proxy
from dashboard.reads.caching import cached
from dashboard.reads.opened import shared_store
from db.people import PROXY
from db.records import Person, Run, Sweep
from db.rights import Action, RightsError, Role, may
from engine.messages import Message

SECONDS = 1.0  # that somebody who has been disabled still sees something; they change nothing

_SESSION = "signed_in"


def signed_in() -> Person | None:
    """Whoever is signed in, or None where nobody signs in.

    Raises RightsError where they are let in no more, or were not named.
    """
    proxy = Proxy.read()
    if proxy is None:
        return None
    subject = proxy.named(st.context.headers.get_all(proxy.header))
    if subject is None:
        raise RightsError(Message("The proxy has not said who you are: sign in there."))
    return _admitted(subject, _since(subject), proxy.new)


def may_i(action: Action, *, own: bool = True) -> bool:
    """Whether the reader may do this, with what is their `own` or with what is not."""
    person = signed_in()
    return person is None or may(person.role, action, own=own)


def mine(*things: Run | Sweep) -> bool:
    """Whether all of these are the reader's own."""
    person = signed_in()
    return person is None or all(thing.person_id == person.id for thing in things)


def _since(subject: str) -> datetime:
    """Since when this session is theirs. What another left in it, who used the same tab, is no
    business of theirs."""
    held: tuple[str, datetime] | None = st.session_state.get(_SESSION)
    if held is None or held[0] != subject:
        if held is not None:
            st.session_state.clear()
        held = st.session_state[_SESSION] = subject, datetime.now(UTC)
    return held[1]


@cached(entries=1_000, seconds=SECONDS)
def _admitted(subject: str, since: datetime, new: Role | None) -> Person:
    return shared_store().people.admit(PROXY, subject, name=subject, at=since, new=new)
