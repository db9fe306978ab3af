"""What would mend a stack that does not fit, one click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import streamlit as st

from dashboard.app_pages.launch.held import Held
from dashboard.app_pages.launch.layers import end_in, insert_layer
from dashboard.words.i18n import _
from engine.errors import Need, Problem
from engine.layers import Flatten


@dataclass(frozen=True)
class Remedy:
    """A change to the form, and what it is called. It may change any field, so all of the page is
    drawn again."""

    label: str
    change: Callable[[], None]

    def apply(self) -> NoReturn:
        self.change()
        st.rerun()


def remedy(held: Held, problem: Problem) -> Remedy | None:
    """The change that mends a layer's complaint about shapes, where there is one."""
    if len(problem.path) != 2 or problem.path[0] != "layers":
        return None
    form, place, dataset = held.form, int(problem.path[1]), held.values["dataset"]
    if problem.need is Need.FLAT_SAMPLES:
        flatten = Flatten().model_dump(mode="json")
        return Remedy(_("Insert a Flatten before it"), lambda: insert_layer(form, flatten, place))
    if problem.need is Need.IMAGES and dataset.get("layout") == "flat":
        key = form.name((dataset["kind"], "dataset", "layout"))
        return Remedy(_("Give the samples as images"), lambda: _set(key, "image"))
    if problem.need is Need.OUTPUTS:
        outputs = held.outputs
        end = f"Dense({outputs})"
        return Remedy(_("End in {layer}").format(layer=end), lambda: end_in(form, outputs))
    return None


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value
