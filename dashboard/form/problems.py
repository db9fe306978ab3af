"""What is wrong with a form, each complaint below the field it is about."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.form.fields import Form
from dashboard.form.values import Draft, nearest_slot
from dashboard.sentences import error_text, sentence
from dashboard.text import plain


def show_problems(draft: Draft, form: Form, elsewhere: DeltaGenerator) -> None:
    """Write each problem into its field's slot; what belongs to no field goes `elsewhere`."""
    for problem in draft.problems:
        path = nearest_slot(problem.path, form.slots)
        slot = elsewhere if path is None else form.slots[path]
        with slot:
            _complain(problem.rule if path else str(problem))
    if draft.error:
        with elsewhere:
            st.error(plain(error_text(draft.error), keep="`"), icon=":material/error:")


def _complain(rule: str) -> None:
    st.caption(f":red[:material/error: {plain(sentence(rule), keep='`')}]")
