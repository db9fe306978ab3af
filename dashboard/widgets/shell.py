"""What surrounds every page: the title of the browser's tab, what the address could not mean, and
errors: one that the user can mend is one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import streamlit as st

from dashboard.reads.signed_in import may_i, signed_in
from dashboard.reads.store import writable
from dashboard.state.address import settle
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text, sentence
from dashboard.words.text import plain, prose
from db.records import Run
from db.rights import ROLES, Action, RightsError
from engine.errors import LayerlabError


def let_in() -> bool:
    """Whether the reader may see anything; where not, one sentence says why."""
    try:
        signed_in()
    except RightsError as error:
        say_error(error)
        return False
    except LayerlabError:  # the page says it, with a way to try again
        pass
    return True


def say_who() -> None:
    """Who is signed in, and what they are here."""
    if (person := signed_in()) is not None:
        role = sentence(ROLES[person.role])
        st.caption(f":material/person: {plain(person.name)} ({role})")


def say_read_only() -> None:
    """Why nothing on the page launches, changes or removes anything."""
    if writable():
        return
    text = _("The database is read-only: everything can be looked at, nothing can be changed.")
    if not may_i(Action.LAUNCH):
        text = _("You are a viewer here: everything can be looked at, nothing can be changed.")
    st.caption(f":material/lock: {text}")


class _Enough(Exception):  # noqa: N818
    """A page is drawn to its end, before the end of its script."""


def enough() -> NoReturn:
    """Nothing more stands on this page. After Streamlit's `st.stop` the session would keep what the
    widgets below held, which the browser forgets: drawn again, they would show nothing of it."""
    raise _Enough


def say_error(error: LayerlabError) -> None:
    """Say what is wrong where it was done, in the reader's language."""
    st.error(prose(error_text(error)), icon=":material/error:")


def changed(change: Callable[[], object]) -> bool:
    """Whether a change was made; where it was refused, the sentence stands where it was asked
    for."""
    try:
        change()
    except LayerlabError as error:
        say_error(error)
        return False
    return True


@contextmanager
def guarded() -> Iterator[None]:
    """Show a LayerlabError as its sentence, in the reader's language.

    The router guards every page; a fragment guards itself, since it reruns without the router. To
    that it returns where the reader is let in no more, however long their page has been open.
    """
    try:
        _still_in()
        yield
    except _Enough:
        pass
    except LayerlabError as error:
        say_error(error)
        st.button(_("Try again"), icon=":material/refresh:", key="try_again")


def _still_in() -> None:
    try:
        signed_in()
    except RightsError:
        st.rerun()
    except LayerlabError:  # whatever the page reads says it
        pass


@contextmanager
def told() -> Iterator[None]:
    """Say above the page which values of its address cannot be, and drop them from it."""
    place = st.container()
    try:
        yield
    finally:
        for sentence in settle():
            place.warning(sentence, icon=":material/link_off:")


def entitle(shown: str) -> None:
    """Name the browser's tab after what it shows."""
    st.set_page_config(page_title=f"{shown} - layerlab" if shown != "layerlab" else shown)


def numbered(run: Run) -> str:
    """A run in a title: `#77 with BN`."""
    return f"#{run.id} {run.name}".strip()
