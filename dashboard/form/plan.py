"""What a configuration will build and how long it trains, beside the button that starts it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.i18n import _, integer, ngettext
from engine.architecture import Architecture


def size_line(plan: Architecture, epochs: int) -> str:
    """Parameters and steps, beside the button."""
    parameters = ngettext("{n} parameter", "{n} parameters", plan.parameters)
    per_epoch = ngettext("{n} step/epoch", "{n} steps/epoch", plan.steps_per_epoch)
    steps = ngettext("{n} step", "{n} steps", plan.steps)
    return (
        f"**{parameters.format(n=integer(plan.parameters))}**  \n"
        f"{per_epoch.format(n=integer(plan.steps_per_epoch))} × {integer(epochs)}"
        f" = **{steps.format(n=integer(plan.steps))}**"
    )


def stack_table(plan: Architecture) -> None:
    """The explicit stack: each layer with the shape of its outputs and its parameters."""
    data = plan.dataset
    rows: list[tuple[str, str, int | None]] = [(_("input"), _shape(data.sample_shape), None)]
    rows += [(i.name, _shape(i.output_shape), i.parameters or None) for i in plan.layers]
    table = pd.DataFrame(rows, columns=["layer", "shape", "parameters"])
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        row_height=28,
        placeholder="",
        alt=_("The layers of the network with their output shapes and parameters"),
        column_config={
            "layer": st.column_config.TextColumn(_("Layer"), width=88),
            "shape": st.column_config.TextColumn(_("Outputs"), width=62, alignment="right"),
            "parameters": st.column_config.NumberColumn(
                _("Parameters"), width=78, format="localized"
            ),
        },
    )
    if data.classes is None:
        text = _("Data: {train} training and {validation} validation samples, {n} target(s).")
    else:
        text = _("Data: {train} training and {validation} validation samples, {n} classes.")
    st.caption(
        text.format(
            train=integer(data.train_samples),
            validation=integer(data.validation_samples),
            n=data.outputs,
        )
    )


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape))
