"""The choices of the page; each change goes into the address, from which the page is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.app_pages.optimizers.address import (
    MOST_STEPS,
    Choice,
    rates_text,
    read,
    read_surface,
    start_text,
    suggestion,
)
from dashboard.app_pages.optimizers.ground import RUN, Ground, slice_of, textbook
from dashboard.app_pages.optimizers.rates import HIGHEST, OPTIMIZERS
from dashboard.reads import analyses
from dashboard.reads import store as data
from dashboard.widgets.checkpoint_choice import choose_checkpoint, without_checkpoint
from dashboard.widgets.picker import asked_run, choose_run, offer_runs
from dashboard.words.i18n import _, msg
from dashboard.words.text import plain
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


def choose_ground() -> Ground | None:
    """The surface, what is hard about it, and for a run's which one; None until that is known."""
    name, problems = read_surface(st.query_params.to_dict())
    _tell(problems)
    names = {key: _(surface.title) for key, surface in SURFACES.items()}
    names[RUN] = _("Loss of a run")
    st.session_state["surface"] = name
    st.segmented_control(
        _("Surface"),
        list(names),
        format_func=names.__getitem__,
        required=True,
        key="surface",
        on_change=_other_surface,
    )
    if name == RUN:
        return _chosen_slice()
    st.markdown(f"{plain(SURFACES[name].formula)} — {_(HARD[name])}")
    return textbook(SURFACES[name])


def _chosen_slice() -> Ground | None:
    st.markdown(
        _(
            "w(a, b) = w₀ + a d₁ + b d₂: the loss on {n} training samples around the run's own"
            " weights w₀, in two random directions that are as long as w₀, filter by filter"
            " ([Li et al., 2018](https://arxiv.org/abs/1712.09913)). Batch Normalization"
            " normalizes with these samples."
        ).format(n=analyses.SLICE_SAMPLES)
    )
    run = asked_run()
    if run is None:
        offer_runs()
        return None
    choose_run(run)
    kept = data.checkpoints(run.id)
    if not kept:
        without_checkpoint(run)
        return None
    checkpoint = choose_checkpoint(kept)
    with st.spinner(_("Computing the loss around the checkpoint…"), show_time=True):
        return slice_of(run, checkpoint)


def asked(ground: Ground) -> Choice:
    """What the address asks for; what it says wrongly is told."""
    choice, problems = read(st.query_params.to_dict(), ground)
    _tell(problems)
    return choice


def _tell(problems: Sequence[str]) -> None:
    for problem in problems:
        st.warning(problem, icon=":material/link_off:")


def choose_start(choice: Choice, ground: Ground) -> None:
    """The start by numbers, and the number of steps."""
    left, right, low, high = map(float, ground.surface.window)
    ends = {"x": (left, right), "y": (low, high)}
    names = ("a", "b") if ground.run else ("x", "y")
    with st.container(horizontal=True):
        for name, value, (key, (lowest, highest)) in zip(
            names, choice.start, ends.items(), strict=True
        ):
            st.session_state[f"start_{key}"] = float(value)
            st.number_input(
                _("Start {axis}").format(axis=name),
                min_value=lowest,
                max_value=highest,
                step=(highest - lowest) / 40,
                format="%.4g",
                key=f"start_{key}",
                on_change=_typed_start,
                width=150,
            )
        st.session_state["steps"] = choice.steps
        st.number_input(
            _("Steps"),
            min_value=1,
            max_value=MOST_STEPS,
            step=10,
            key="steps",
            on_change=_other_steps,
            width=150,
        )


def choose_optimizers(choice: Choice, ground: Ground) -> None:
    """Which optimizers walk, and how fast each."""
    st.session_state["walkers"] = list(choice.rates)
    st.multiselect(
        _("Optimizers"),
        list(OPTIMIZERS),
        format_func=lambda kind: _(OPTIMIZERS[kind].title()),
        placeholder=_("Choose optimizers"),
        key="walkers",
        on_change=_other_optimizers,
        args=(choice, ground),
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
    kept = {name: st.query_params[name] for name in ("lang", "steps") if name in st.query_params}
    name = st.session_state["surface"]
    walkers = st.session_state.get("walkers")
    if walkers and name != RUN:
        ground = textbook(SURFACES[name])
        kept["paths"] = rates_text({kind: suggestion(kind, ground) for kind in walkers})
    st.query_params.from_dict({"surface": name, **kept})


def _typed_start() -> None:
    start = (st.session_state["start_x"], st.session_state["start_y"])
    st.query_params["start"] = start_text(start)


def _other_steps() -> None:
    st.query_params["steps"] = str(st.session_state["steps"])


def _other_optimizers(choice: Choice, ground: Ground) -> None:
    rates = {
        kind: choice.rates.get(kind, suggestion(kind, ground))
        for kind in st.session_state["walkers"]
    }
    st.query_params["paths"] = rates_text(rates)


def _other_rate(rates: Mapping[str, float], kind: str) -> None:
    st.query_params["paths"] = rates_text({**rates, kind: st.session_state[f"rate_{kind}"]})
