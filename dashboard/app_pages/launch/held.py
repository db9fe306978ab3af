"""What the form holds and what that means, once what follows from the last edit is settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.follow import follow_data, follow_file
from dashboard.app_pages.launch.form import Form, Mark, Node, node
from dashboard.app_pages.launch.layers import held_stack
from dashboard.app_pages.launch.stack import EQUAL, LAYERS, describe, described, settle_stack
from dashboard.reads.draft import Draft, Values, info_of, nearest_slot, outputs_of, values_of
from dashboard.reads.store import dataset_info
from dashboard.state.form_start import Start
from engine.config import RunConfig
from engine.datasets import DatasetInfo
from engine.errors import Path, Problem

FIELDS = {name: info for name, info in RunConfig.model_fields.items() if name != "layers"}


@dataclass(frozen=True)
class Held:
    """The fields there are, what they hold, what that means, and what is wrong with it."""

    form: Form
    nodes: Mapping[str, Node]
    view: str  # of the stack
    values: Values
    info: DatasetInfo | None
    draft: Draft
    problems: Mapping[Path | None, tuple[Problem, ...]]

    @property
    def outputs(self) -> int:
        """How many the network must give."""
        return outputs_of(self.info)

    @property
    def faults(self) -> int:
        """How many fields need attention."""
        return len(self.problems) + bool(self.draft.error)

    def mark(self, names: tuple[str, ...]) -> Mark:
        """What, where it changes, changes how these fields are drawn."""
        nodes = [self.nodes[name] for name in names if name in self.nodes]
        places = [place for node in nodes for place in node.places()]
        wrong = [(place, self.problems[place]) for place in places if place in self.problems]
        return (self.view, *(node.mark for node in nodes), *wrong)


def hold(start: Start) -> Held:
    """Settle what follows from what was typed or chosen; what the form holds now."""
    form, initial = Form(start.key), _initial(start)
    follow_file(form)
    dataset = node(form, "dataset", FIELDS["dataset"], ("dataset",), initial["dataset"])
    info = info_of(dataset.value, dataset_info)
    follow_data(form, info)
    view = settle_stack(form, initial, outputs_of(info))
    nodes: dict[str, Node] = {
        name: node(form, name, field, (name,), initial[name]) for name, field in FIELDS.items()
    }
    values = {name: node.value for name, node in nodes.items()}
    if view == LAYERS:
        nodes["layers"] = held_stack(form)
        values["layers"] = nodes["layers"].value
    else:
        fields = described(form, equal=view == EQUAL)
        nodes |= fields
        values["stack"] = describe(form, fields)
    return _read(form, nodes, view, values, info)


def _read(
    form: Form, nodes: Mapping[str, Node], view: str, values: Values, info: DatasetInfo | None
) -> Held:
    """What the values mean; they are not read twice in a row."""
    key = held_key(form)
    last: Held | None = st.session_state.get(key)
    same = last is not None and last.info == info and last.values == values
    draft = last.draft if last and same else Draft.read(values, dataset_info)
    places = {place for node in nodes.values() for place in node.places()}
    held = Held(form, nodes, view, values, info, draft, _placed(draft, places))
    st.session_state[key] = held
    return held


def held_key(form: Form) -> str:
    """Where the session has what the form held last."""
    return form.name(("held",))


def _placed(draft: Draft, places: set[Path]) -> dict[Path | None, tuple[Problem, ...]]:
    """Each problem at the field that it is about, or at None where there is none."""
    found: dict[Path | None, tuple[Problem, ...]] = {}
    for problem in draft.problems:
        place = nearest_slot(problem.path, places)
        found[place] = (*found.get(place, ()), problem)
    return found


def _initial(start: Start) -> dict[str, Any]:
    """What the fields begin with."""
    key = Form(start.key).name(("initial",))
    if key not in st.session_state:
        st.session_state[key] = values_of(start.config, dataset_info)
    found: dict[str, Any] = st.session_state[key]
    return found
