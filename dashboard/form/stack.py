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
    "described": msg("Hidden layers of one kind"),
    "written": msg("Layer by layer (JSON)"),
}


def stack_fields(form: Form, start: Mapping[str, Any], outputs: int) -> dict[str, Any]:
    """Draw the stack; its part of the form's values: `stack` or `layers`."""
    mode = st.segmented_control(
        _("Write the stack as"),
        list(MODES),
        default="described" if "stack" in start else "written",
        format_func=lambda m: _(MODES[m]),
        key=form.name(("mode",)),
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    if mode == "described":
        described = start.get("stack") or Multilayer().model_dump(mode="json")
        values = _described(form, described)
        st.session_state[form.name(("described",))] = values
        return {"stack": values}
    return {"layers": _written(form, start, outputs)}


def _described(form: Form, start: Mapping[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {"hidden": _hidden(form, list(start["hidden"]))}
    for name in ("activation", "init"):
        with row():
            values[name] = draw(form, name, FIELDS[name], ("stack", name), start[name])
    with row():
        path = ("stack", "position")
        values["position"] = draw(form, "position", FIELDS["position"], path, start["position"])
        values["batch_norm"] = start["batch_norm"]
        if values["position"] != "none":
            path = ("stack", "batch_norm")
            values["batch_norm"] = draw(
                form, "batch_norm", FIELDS["batch_norm"], path, start["batch_norm"]
            )
    return values


def _hidden(form: Form, start: list[int]) -> list[Any]:
    """Widths of the hidden layers: so many of one width, or each its own."""
    equal = len(set(start)) == 1
    path = ("stack", "hidden")
    with row():
        each = st.toggle(
            _("Each its own width"),
            not equal,
            key=form.name((*path, "each")),
            persist_state="session",
        )
        if each:
            widths: list[Any] = draw(form, "hidden", FIELDS["hidden"], path, start)
            return widths
        count = st.number_input(
            label("hidden", FIELDS["hidden"]),
            value=len(start) if equal else 4,
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
