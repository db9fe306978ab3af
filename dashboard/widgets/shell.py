"""What surrounds every page: an error that the user can mend is one sentence, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard.views.palette import is_dark
from dashboard.words.i18n import _
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from engine.errors import LayerlabError

DARK_INK = """<style>
[data-testid^="stBaseButton-primary"]:not(:disabled) *, [data-tag-index] * { color: #0E1014; }
</style>"""


SIDE_BY_SIDE = """<style>
button[data-variant="segmented_control"] { padding-inline: 0.65rem; }
</style>"""


def legible() -> None:
    """Choices stand side by side where three fit a field of the form. On the dark theme's primary
    colour, light enough to be read as text, Streamlit would write in white."""
    st.html(SIDE_BY_SIDE)
    if is_dark():
        st.html(DARK_INK)


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
