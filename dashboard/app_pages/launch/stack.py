"""The stack's part of the form: described as hidden layers of one kind, or layer by layer.

They are views of one stack. What the description says is written out when the reader turns to the
layers; what the layers have become is read back where the description can say it. Where it cannot,
both are kept, so that looking at the other view loses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.fields import Form, draw, row
from dashboard.app_pages.launch.layers import hold, layer_editor, layer_values
from dashboard.words.fields import help_text, label
from dashboard.words.i18n import _, msg
from engine.config import RunConfig
from engine.errors import ConfigError
from engine.layers import Dense
from engine.stack import Multilayer

FIELDS = Multilayer.model_fields
MODES = {
    "equal": msg("Equal hidden layers"),
    "widths": msg("Hidden layers of different widths"),
    "layers": msg("Layer by layer"),
}


def stack_fields(form: Form, start: Mapping[str, Any], outputs: int) -> dict[str, Any]:
    """Draw the stack; its part of the form's values: `stack` or `layers`."""
    described_key, mode_key = form.name(("described",)), form.name(("mode_was",))
    if described_key not in st.session_state:
        default = Multilayer().model_dump(mode="json")
        st.session_state[described_key] = start.get("stack", default)
        st.session_state[form.name(("written",))] = None if "stack" in start else default
        if "layers" in start:
            hold(form, start["layers"])
    mode = _choose_mode(form, start)
    before = st.session_state.get(mode_key, mode)
    st.session_state[mode_key] = mode
    if mode == "layers":
        if before != mode:
            _write_out(form, outputs)
        return {"layers": layer_editor(form)}
    if before != mode:
        _turn_to_description(form, outputs, from_layers=before == "layers")
    if st.session_state.get(form.name(("other",))):
        st.caption(
            _(
                "These fields cannot say what the layers are now: they hold another stack. The"
                " layers are kept under “Layer by layer”."
            )
        )
    values = _described(form, st.session_state[form.name(("begin",))], equal=mode == "equal")
    st.session_state[described_key] = values
    return {"stack": values}


def _choose_mode(form: Form, start: Mapping[str, Any]) -> str:
    key = form.name(("begin",))
    if key not in st.session_state:
        st.session_state[key] = st.session_state[form.name(("described",))]
    natural = "layers" if "layers" in start else _natural(start["stack"]["hidden"])
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
    return mode or natural


def _natural(hidden: list[int]) -> str:
    return "equal" if len(set(hidden)) == 1 else "widths"


def _write_out(form: Form, outputs: int) -> None:
    """The layers that the description says, unless they stem from it already."""
    described = st.session_state[form.name(("described",))]
    if described == st.session_state[form.name(("written",))]:
        return
    try:
        stack = Multilayer.parse(described)
    except ConfigError:
        return  # its complaints wait where they were; the layers stay
    hold(form, [layer.model_dump(mode="json") for layer in stack.layers(outputs)])
    st.session_state[form.name(("written",))] = described


def _turn_to_description(form: Form, outputs: int, *, from_layers: bool) -> None:
    """Begin the description's fields anew, from the layers where it can say what they are."""
    described_key = form.name(("described",))
    if from_layers:
        read = _read_back(layer_values(form), outputs)
        st.session_state[form.name(("other",))] = read is None
        if read is not None:
            st.session_state[described_key] = read
        st.session_state[form.name(("written",))] = st.session_state[described_key]
    st.session_state[form.name(("begin",))] = st.session_state[described_key]
    generation = form.name(("generation",))
    st.session_state[generation] = st.session_state.get(generation, 0) + 1


def _read_back(layers: list[Any], outputs: int) -> dict[str, Any] | None:
    try:
        specs = RunConfig.parse({"layers": layers}).layers
    except ConfigError:
        return None
    stack, last = Multilayer.read(specs), specs[-1]
    if stack is None or not isinstance(last, Dense) or last.units != outputs:
        return None
    return stack.model_dump(mode="json")


def _described(form: Form, start: Mapping[str, Any], *, equal: bool) -> dict[str, Any]:
    generation = st.session_state.get(form.name(("generation",)), 0)
    part = form.part(f"stack{generation}", ("stack",))

    def drawn(name: str) -> Any:
        return draw(part, name, FIELDS[name], (name,), start[name])

    values = dict(start)
    with row():
        values["hidden"] = _equal(part, start["hidden"]) if equal else drawn("hidden")
        values["activation"] = drawn("activation")
    with row():
        values["init"] = drawn("init")
    with row():
        values["position"] = drawn("position")
        if values["position"] != "none":
            values["batch_norm"] = drawn("batch_norm")
    return values


def _equal(form: Form, start: list[Any]) -> list[Any]:
    """So many hidden layers of one width."""
    count = st.number_input(
        label("hidden", FIELDS["hidden"]),
        value=len(start),
        min_value=0,
        max_value=100,
        key=form.name(("hidden", "count")),
        help=_("How many hidden layers there are."),
        persist_state="session",
    )
    with st.container(gap="xsmall"):
        units = st.number_input(
            _("Units per layer"),
            value=start[0] if start and isinstance(start[0], int) else 100,
            key=form.name(("hidden", "units")),
            help=help_text(FIELDS["hidden"]),
            persist_state="session",
        )
        form.slot(("hidden",))
    return [units] * count
