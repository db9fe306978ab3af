"""The choices of the page; each change goes into the address, from which the page is drawn."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from dashboard.i18n import _, msg
from dashboard.optimizers.address import MOST_STEPS, Choice, rates_text, read, start_text
from dashboard.optimizers.rates import HIGHEST, OPTIMIZERS, suggested
from dashboard.text import plain
from engine.analyses.surfaces import SURFACES

HARD = {
    "valley": msg(
        "Much steeper across than along: plain gradient descent zigzags over the valley instead of"
        " following it."
    ),
    "beale": msg(
        "Steep walls around a plateau: one learning rate is too large for the walls and too small"
        " for the plateau."
    ),
    "rosenbrock": msg(
        "A curved valley: its floor is found at once, its minimum only after a long way along it."
    ),
    "himmelblau": msg("Four minima of the same depth: which one is reached depends on the start."),
    "saddle": msg(
        "A saddle: the gradient is small at its middle, and only the second direction leads down."
    ),
}
"""What is hard about each surface."""


def asked() -> Choice:
    """What the address asks for; what it says wrongly is told."""
    choice, problems = read(st.query_params.to_dict())
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")
    return choice


def choose_surface(choice: Choice) -> None:
    """The surface, its formula and what is hard about it."""
    st.session_state["surface"] = choice.surface.name
    st.segmented_control(
        _("Surface"),
        list(SURFACES),
        format_func=lambda name: _(SURFACES[name].title),
        required=True,
        key="surface",
        on_change=_other_surface,
    )
    st.markdown(f"{plain(choice.surface.formula)} — {_(HARD[choice.surface.name])}")


def choose_start(choice: Choice) -> None:
    """The start by numbers, and the number of steps."""
    left, right, low, high = map(float, choice.surface.window)
    columns = st.columns(3)
    ends = {"x": (left, right), "y": (low, high)}
    for column, value, (name, (lowest, highest)) in zip(
        columns[:2], choice.start, ends.items(), strict=True
    ):
        st.session_state[f"start_{name}"] = float(value)
        column.number_input(
            _("Start {axis}").format(axis=name),
            min_value=lowest,
            max_value=highest,
            step=(highest - lowest) / 40,
            format="%.4g",
            key=f"start_{name}",
            on_change=_typed_start,
        )
    st.session_state["steps"] = choice.steps
    columns[2].number_input(
        _("Steps"), min_value=1, max_value=MOST_STEPS, step=10, key="steps", on_change=_other_steps
    )


def choose_optimizers(choice: Choice) -> None:
    """Which optimizers walk, and how fast each."""
    st.session_state["walkers"] = list(choice.rates)
    st.multiselect(
        _("Optimizers"),
        list(OPTIMIZERS),
        format_func=lambda kind: _(OPTIMIZERS[kind].title()),
        placeholder=_("Choose optimizers"),
        key="walkers",
        on_change=_other_optimizers,
        args=(choice,),
    )
    with st.container(horizontal=True):
        for kind, rate in choice.rates.items():
            st.session_state[f"rate_{kind}"] = rate
            st.number_input(
                _("{optimizer}: η").format(optimizer=_(OPTIMIZERS[kind].title())),
                min_value=1e-6,
                max_value=HIGHEST,
                step=max(1e-6, float(f"{rate / 10:.1g}")),
                format="%.4g",
                key=f"rate_{kind}",
                on_change=_other_rate,
                args=(choice.rates, kind),
                help=_(OPTIMIZERS[kind].summary()) or None,
                width=150,
            )


def clicked(chart: str) -> None:
    """The cell of the chart that was clicked is the start."""
    cells = st.session_state[chart]["selection"].get("start")
    if cells:
        st.query_params["start"] = start_text((cells[0]["x"], cells[0]["y"]))


def _other_surface() -> None:
    """Another surface has its own window and rates: the usual ones, for the same optimizers."""
    before, _problems = read(st.query_params.to_dict())
    name = st.session_state["surface"]
    rates = {kind: suggested(kind, SURFACES[name]) for kind in before.rates}
    st.query_params["surface"], st.query_params["paths"] = name, rates_text(rates)
    st.query_params.pop("start", None)


def _typed_start() -> None:
    start = (st.session_state["start_x"], st.session_state["start_y"])
    st.query_params["start"] = start_text(start)


def _other_steps() -> None:
    st.query_params["steps"] = str(st.session_state["steps"])


def _other_optimizers(choice: Choice) -> None:
    rates = {
        kind: choice.rates.get(kind, suggested(kind, choice.surface))
        for kind in st.session_state["walkers"]
    }
    st.query_params["paths"] = rates_text(rates)


def _other_rate(rates: Mapping[str, float], kind: str) -> None:
    st.query_params["paths"] = rates_text({**rates, kind: st.session_state[f"rate_{kind}"]})
