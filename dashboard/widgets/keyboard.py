"""What the keyboard does: Tab goes from field to field of a form, F1 explains the one it stands in;
Escape leaves what is chosen."""

from __future__ import annotations

from dashboard.widgets.browser import component

_form, _escape = component("keyboard"), component("escape")


def explained_by_f1() -> None:
    """Take the signs that explain the fields out of the order of Tab; F1 opens that of a field."""
    _form(key="keyboard")


def escape_keeps() -> None:
    """Have Escape close what is open, and never empty a box: Streamlit takes it for a choice."""
    _escape(key="escape")
