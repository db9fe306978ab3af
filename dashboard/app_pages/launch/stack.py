"""The stack's part of the form: described as hidden layers of one kind, or layer by layer.

They are views of one stack. What the description says is written out when the reader turns to the
layers; what the layers have become is read back where the description can say it. Where it cannot,
both are kept, so that looking at the other view loses nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from dashboard.app_pages.launch.fields import Pen, draw
from dashboard.app_pages.launch.form import Branch, Form, Leaf, Mark, node
from dashboard.app_pages.launch.layers import hold, layer_values
from dashboard.words.fields import help_text, label
from dashboard.words.i18n import _, msg
from engine.config import RunConfig
from engine.errors import ConfigError, Path
from engine.layers import Dense
from engine.stack import Multilayer

FIELDS = Multilayer.model_fields
EQUAL, WIDTHS, LAYERS = "equal", "widths", "layers"
MODES = {
    EQUAL: msg("Equal hidden layers"),
    WIDTHS: msg("Hidden layers of different widths"),
    LAYERS: msg("Layer by layer"),
}


@dataclass(frozen=True)
class EqualWidths:
    """So many hidden layers of one width."""

    form: Form
    start: tuple[Any, ...]
    at: Path

    @property
    def count_key(self) -> str:
        return self.form.name(("hidden", "count"))

    @property
    def units_key(self) -> str:
        return self.form.name(("hidden", "units"))

    @property
    def units(self) -> Any:
        """What every layer begins with."""
        return self.start[0] if self.start and isinstance(self.start[0], int) else 100

    @property
    def value(self) -> list[Any]:
        count = st.session_state.get(self.count_key, len(self.start))
        return [st.session_state.get(self.units_key, self.units)] * (count or 0)

    @property
    def mark(self) -> Mark:
        return (self.count_key,)

    def places(self) -> Iterator[Path]:
        yield self.at


Described = Mapping[str, Leaf | Branch | EqualWidths]
"""The fields of a description, by their names."""


def settle_stack(form: Form, start: Mapping[str, Any], outputs: int) -> str:
    """Where the reader has turned to the other view, carry over what the stack has become; the view
    that is open."""
    if form.name(("described",)) not in st.session_state:
        _begin(form, start)
    mode = open_view(form, start)
    before = st.session_state.get(form.name(("mode_was",)), mode)
    st.session_state[form.name(("mode_was",))] = mode
    if before != mode:
        if mode == LAYERS:
            _write_out(form, outputs)
        else:
            _turn_to_description(form, outputs, from_layers=before == LAYERS)
    return mode


def open_view(form: Form, start: Mapping[str, Any]) -> str:
    """How the stack is written now."""
    held = st.session_state.get(form.name(("mode",)))
    if held is not None:
        return str(held)
    if "layers" in start:
        return LAYERS
    return EQUAL if len(set(start["stack"]["hidden"])) == 1 else WIDTHS


def described(form: Form, *, equal: bool) -> Described:
    """The fields of the description; those of Batch Normalization where there is one."""
    start = st.session_state[form.name(("begin",))]
    generation = st.session_state.get(form.name(("generation",)), 0)
    part = form.part(f"stack{generation}", ("stack",))
    fields: dict[str, Leaf | Branch | EqualWidths] = {
        name: node(part, name, FIELDS[name], (name,), start[name]) for name in FIELDS
    }
    if equal:
        fields["hidden"] = EqualWidths(part, tuple(start["hidden"]), ("stack", "hidden"))
    if fields["position"].value == "none":
        del fields["batch_norm"]
    return fields


def describe(form: Form, fields: Described) -> dict[str, Any]:
    """What the description says, which is kept for when the reader comes back to it."""
    key = form.name(("described",))
    values = st.session_state[key] | {name: field.value for name, field in fields.items()}
    st.session_state[key] = values
    return dict(values)


def choose_view(form: Form, mode: str, pen: Pen) -> None:
    """How the stack is written."""
    modes = {mode: _(text) for mode, text in MODES.items()}
    st.segmented_control(
        _("Write the stack as"),
        list(modes),
        default=mode,
        format_func=modes.__getitem__,
        key=form.name(("mode",)),
        required=True,
        persist_state="session",
        label_visibility="collapsed",
        on_change=pen.edited,
    )
    if mode != LAYERS and st.session_state.get(form.name(("other",))):
        st.caption(
            _(
                "These fields cannot say what the layers are now: they hold another stack. The"
                " layers are kept under “Layer by layer”."
            )
        )


def draw_widths(field: Leaf | Branch | EqualWidths, pen: Pen) -> None:
    """How many hidden layers there are, and how wide they are."""
    if not isinstance(field, EqualWidths):
        draw(field, pen)
        return
    st.number_input(
        label("hidden", FIELDS["hidden"]),
        value=len(field.start),
        min_value=0,
        max_value=100,
        key=field.count_key,
        help=_("How many hidden layers there are."),
        persist_state="session",
        on_change=pen.edited,
    )
    with st.container(gap="xsmall"):
        st.number_input(
            _("Units per layer"),
            value=field.units,
            key=field.units_key,
            help=help_text(FIELDS["hidden"]),
            persist_state="session",
            on_change=pen.edited,
        )
        pen.say(field.at)


def _begin(form: Form, start: Mapping[str, Any]) -> None:
    default = Multilayer().model_dump(mode="json")
    said = start.get("stack", default)
    st.session_state[form.name(("described",))] = said
    st.session_state[form.name(("begin",))] = said
    st.session_state[form.name(("written",))] = None if "stack" in start else default
    if "layers" in start:
        hold(form, start["layers"])


def _write_out(form: Form, outputs: int) -> None:
    """The layers that the description says, unless they stem from it already."""
    said = st.session_state[form.name(("described",))]
    if said == st.session_state[form.name(("written",))]:
        return
    try:
        stack = Multilayer.parse(said)
    except ConfigError:
        return  # its complaints wait where they were; the layers stay
    hold(form, [layer.model_dump(mode="json") for layer in stack.layers(outputs)])
    st.session_state[form.name(("written",))] = said


def _turn_to_description(form: Form, outputs: int, *, from_layers: bool) -> None:
    """Begin the description's fields anew, from the layers where it can say what they are."""
    key = form.name(("described",))
    if from_layers:
        read = _read_back(layer_values(form), outputs)
        st.session_state[form.name(("other",))] = read is None
        if read is not None:
            st.session_state[key] = read
        st.session_state[form.name(("written",))] = st.session_state[key]
    st.session_state[form.name(("begin",))] = st.session_state[key]
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
