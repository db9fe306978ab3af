"""What would mend a stack that does not fit, one click away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.fields import Form
from dashboard.app_pages.launch.layers import end_in, insert_layer
from dashboard.words.i18n import _
from engine.errors import Need, Problem
from engine.layers import Flatten


@dataclass(frozen=True)
class Remedy:
    """A change to the form, and what it is called."""

    label: str
    apply: Callable[[], None]


def remedy(form: Form, problem: Problem, dataset: Mapping[str, Any], outputs: int) -> Remedy | None:
    """The change that mends a layer's complaint about shapes, where there is one."""
    if len(problem.path) != 2 or problem.path[0] != "layers":
        return None
    place = int(problem.path[1])
    if problem.need is Need.FLAT_SAMPLES:
        flatten = Flatten().model_dump(mode="json")
        return Remedy(_("Insert a Flatten before it"), lambda: insert_layer(form, flatten, place))
    if problem.need is Need.IMAGES and dataset.get("layout") == "flat":
        key = form.name((dataset["kind"], "dataset", "layout"))
        return Remedy(_("Give the samples as images"), lambda: _set(key, "image"))
    if problem.need is Need.OUTPUTS:
        return Remedy(
            _("End in {layer}").format(layer=f"Dense({outputs})"), lambda: end_in(form, outputs)
        )
    return None


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value
