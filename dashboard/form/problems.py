"""What is wrong with a form, each complaint below the field it is about."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.form.fields import Form
from dashboard.form.values import Draft, nearest_slot
from dashboard.sentences import error_text, sentence
from dashboard.text import prose
from engine.errors import Path


def show_problems(draft: Draft, form: Form, elsewhere: DeltaGenerator) -> int:
    """Write each problem into its field's slot, and what belongs to no field `elsewhere`; answers
    how many fields need attention."""
    complaints: dict[tuple[Path | None, str], None] = {}  # a set in order: layers share a field
    for problem in draft.problems:
        path = nearest_slot(problem.path, form.slots)
        complaints[path, problem.rule if path else str(problem)] = None
    for path, rule in complaints:
        with elsewhere if path is None else form.slots[path]:
            text = prose(sentence(rule))
            st.markdown(f":red[:small[:material/error: {text}]]")
    if draft.error:
        elsewhere.error(prose(error_text(draft.error)), icon=":material/error:")
    return len({path for path, _rule in complaints}) + bool(draft.error)
