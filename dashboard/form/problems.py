"""What is wrong with a form, each complaint below the field it is about."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.form.fields import Form
from dashboard.form.values import Draft, nearest_slot
from dashboard.sentences import sentence
from dashboard.text import plain
from engine.errors import Problem


def show_problems(draft: Draft, form: Form, elsewhere: DeltaGenerator) -> None:
    """Write each problem into its field's slot; what belongs to no field goes `elsewhere`."""
    for problem in draft.problems:
        path = nearest_slot(_in_form(problem), form.slots)
        slot = elsewhere if path is None else form.slots[path]
        with slot:
            _complain(problem.rule if path else str(problem))
    if draft.error:
        with elsewhere:
            st.error(plain(sentence(str(draft.error))), icon=":material/error:")


def _in_form(problem: Problem) -> tuple[str | int, ...]:
    return problem.path


def _complain(rule: str) -> None:
    st.caption(f":red[:material/error: {plain(sentence(rule))}]")
