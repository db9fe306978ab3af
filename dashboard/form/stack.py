"""The stack's part of the form: described as hidden layers of one kind, or written out as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.form.fields import Form, draw, row
from dashboard.form.values import layers_text
from dashboard.form.words import help_text, label
from dashboard.i18n import _, msg
from engine.errors import ConfigError
from engine.stack import Multilayer

FIELDS = Multilayer.model_fields
MODES = {
    "equal": msg("Equal hidden layers"),
    "widths": msg("Hidden layers of different widths"),
    "written": msg("Layer by layer (JSON)"),
}


def stack_fields(form: Form, start: Mapping[str, Any], outputs: int) -> dict[str, Any]:
    """Draw the stack; its part of the form's values: `stack` or `layers`."""
    described = start.get("stack") or Multilayer().model_dump(mode="json")
    equal = len(set(described["hidden"])) == 1
    natural = ("equal" if equal else "widths") if "stack" in start else "written"
    modes = {mode: _(text) for mode, text in MODES.items()}
    mode = st.segmented_control(
        _("Write the stack as"),
        list(modes),
        default=natural,
        format_func=modes.__getitem__,
        key=form.name(("mode",)),
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    if mode == "written":
        return {"layers": _written(form, start, outputs)}
    values = _described(form, described, equal=mode == "equal")
    st.session_state[form.name(("described",))] = values
    return {"stack": values}


def _described(form: Form, start: Mapping[str, Any], *, equal: bool) -> dict[str, Any]:
    def drawn(name: str) -> Any:
        return draw(form, name, FIELDS[name], ("stack", name), start[name])

    values = dict(start)
    with row():
        values["hidden"] = _equal(form, start["hidden"]) if equal else drawn("hidden")
        values["activation"] = drawn("activation")
    with row():
        values["init"] = drawn("init")
    with row():
        values["position"] = drawn("position")
        if values["position"] != "none":
            values["batch_norm"] = drawn("batch_norm")
    return values


def _equal(form: Form, start: list[int]) -> list[Any]:
    """So many hidden layers of one width."""
    path = ("stack", "hidden")
    count = st.number_input(
        label("hidden", FIELDS["hidden"]),
        value=len(start) or 4,
        min_value=0,
        max_value=100,
        key=form.name((*path, "count")),
        help=_("How many hidden layers there are."),
        persist_state="session",
    )
    with st.container(gap="xsmall"):
        units = st.number_input(
            _("Units a layer"),
            value=start[0] if start else 100,
            key=form.name((*path, "units")),
            help=help_text(FIELDS["hidden"]),
            persist_state="session",
        )
        form.slots[path] = st.container(gap="xsmall")
    return [units] * count


def _written(form: Form, start: Mapping[str, Any], outputs: int) -> str:
    """The stack as JSON, kept as it came, or as the description wrote it a moment ago."""
    text = start.get("layers") or _as_written(form, start, outputs)
    with st.container(gap="xsmall"):
        written = st.text_area(
            _("Layers, from the input to the outputs"),
            text,
            height=320,
            key=form.name(("layers",)),
            help=_("A list of layers, each with its `kind` and its hyperparameters."),
            persist_state="session",
        )
        form.slots[("layers",)] = st.container(gap="xsmall")
    return str(written)


def _as_written(form: Form, start: Mapping[str, Any], outputs: int) -> str:
    values = st.session_state.get(form.name(("described",)), start["stack"])
    try:
        stack = Multilayer.parse(values)
    except ConfigError:
        stack = Multilayer()
    return layers_text([layer.model_dump(mode="json") for layer in stack.layers(outputs)])
