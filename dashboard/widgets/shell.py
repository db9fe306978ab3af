"""What surrounds every page: the title of the browser's tab, what the address could not mean, and
errors: one that the user can mend is one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.reads.store import writable
from dashboard.state.address import settle
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.records import Run
from engine.errors import LayerlabError


def say_read_only() -> None:
    """Why nothing on the page launches, changes or removes anything."""
    if not writable():
        text = _("The database is read-only: everything can be looked at, nothing can be changed.")
        st.caption(f":material/lock: {text}")


@contextmanager
def guarded() -> Iterator[None]:
    """Show a LayerlabError as its sentence, in the reader's language.

    The router guards every page; a fragment guards itself, since it reruns without the router.
    """
    try:
        yield
    except LayerlabError as error:
        st.error(prose(error_text(error)), icon=":material/error:")
        st.button(_("Try again"), icon=":material/refresh:", key="try_again")


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
