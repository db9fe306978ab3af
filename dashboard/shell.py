"""What surrounds every page: errors worded for the reader, and the names of things."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.i18n import _
from dashboard.text import plain
from engine.errors import LayerlabError


@contextmanager
def guarded() -> Iterator[None]:
    """Show an error that the user can mend as its one sentence, never as a traceback.

    The router guards every page; a fragment guards itself, since it reruns without the router.
    """
    try:
        yield
    except LayerlabError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.button(_("Try again"), icon=":material/refresh:", key="try_again")
