"""The reader's theme, light or dark, and what Streamlit's own needs to be legible."""

from __future__ import annotations

import streamlit as st

DARK_INK = """<style>
[data-testid^="stBaseButton-primary"]:not(:disabled) *, [data-tag-index] * { color: #0E1014; }
</style>"""

SIDE_BY_SIDE = """<style>
button[data-variant="segmented_control"] { padding-inline: 0.65rem; }
</style>"""

NOT_TOO_SMALL = """<style>
[data-testid="stMarkdownContainer"] code { font-size: max(0.9em, 12px) !important; }
[data-testid="stMarkdownContainer"] .katex { font-size: max(1.21em, 17.2px) !important; }
</style>"""


def is_dark() -> bool:
    """Whether the reader sees the dark theme."""
    return st.context.theme.type == "dark"


def legible() -> None:
    """Choices stand side by side where three fit a field of the form; code within a remark is not
    smaller than 12 pixels. On the dark theme's primary colour, light enough to be read as text,
    Streamlit would write in white."""
    st.html(SIDE_BY_SIDE + NOT_TOO_SMALL)
    if is_dark():
        st.html(DARK_INK)
