"""What is wrong with a form, each complaint below the field it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app_pages.launch.fields import Form
from dashboard.app_pages.launch.remedies import remedy
from dashboard.reads.draft import Draft, nearest_slot
from dashboard.words.sentences import error_text, sentence
from dashboard.words.text import prose
from engine.architecture import layer_names
from engine.errors import Path, Problem
from engine.layers import AnyLayer
from engine.spec import member


def show_problems(
    draft: Draft, form: Form, elsewhere: DeltaGenerator, dataset: Mapping[str, Any], outputs: int
) -> int:
    """Write each problem into its field's slot, and what belongs to no field `elsewhere`; answers
    how many fields need attention."""
    complaints: dict[tuple[Path | None, str], Problem] = {}  # in order; layers may share a field
    for problem in draft.problems:
        path = nearest_slot(problem.path, form.slots)
        complaints[path, _words(problem, path, draft)] = problem
    for i, ((path, words), problem) in enumerate(complaints.items()):
        with elsewhere if path is None else form.slots[path]:
            st.markdown(f":red[:small[:material/error: {words}]]")
            mend = remedy(form, problem, dataset, outputs)
            if mend:
                st.button(
                    mend.label,
                    icon=":material/auto_fix_high:",
                    key=form.name((f"mend{i}",)),
                    on_click=mend.apply,
                )
    if draft.error:
        elsewhere.error(prose(error_text(draft.error)), icon=":material/error:")
    return len({path for path, _words in complaints}) + bool(draft.error)


def _words(problem: Problem, path: Path | None, draft: Draft) -> str:
    """The complaint, which names what it is about where it does not stand beside it."""
    rule = prose(sentence(problem.rule))
    if path is None:
        return prose(sentence(problem.message))
    if path == ("layers",) and len(problem.path) > 1:
        return f"**{_layer_name(draft, int(problem.path[1]))}**: {rule}"
    return rule


def _layer_name(draft: Draft, place: int) -> str:
    """A layer's name among layers that need not be valid."""
    kinds = [layer["kind"] for layer in draft.data["layers"]]
    return prose(layer_names([member(AnyLayer, k).model_construct() for k in kinds])[place])  # type: ignore[misc]
