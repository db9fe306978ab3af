"""The choices of the page; each change goes into the address, from which the page is drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.optimizers.choices import (
    STEPS,
    SURFACE,
    Rates,
    Walk,
    paths_on,
    start_on,
    suggestion,
)
from dashboard.app_pages.optimizers.ground import RUN, Ground, slice_of, textbook
from dashboard.app_pages.optimizers.rates import HIGHEST, OPTIMIZERS
from dashboard.reads import analyses
from dashboard.reads import store as data
from dashboard.state.address import bound, choose, get, put, said
from dashboard.state.choices import Choice
from dashboard.widgets.checkpoint_choice import choose_checkpoint, without_checkpoint
from dashboard.widgets.picker import RUN as WHICH_RUN
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
    names = {key: _(surface.title) for key, surface in SURFACES.items()}
    names[RUN] = _("Loss of a run")
    surface = SURFACE.usually(RUN) if WHICH_RUN.name in said() else SURFACE
    before = get(surface)
    name = choose(
        st.segmented_control,
        _("Surface"),
        surface,
        names,
        required=True,
        on_change=_other_surface,
        args=(surface, before),
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


def asked(ground: Ground) -> Walk:
    """What the address asks for on this ground."""
    return Walk(get(start_on(ground)), get(STEPS), get(paths_on(ground)))


def choose_start(walk: Walk, ground: Ground) -> None:
    """The start by numbers, and the number of steps."""
    left, right, low, high = map(float, ground.surface.window)
    ends = ((left, right), (low, high))
    names = ("a", "b") if ground.run else ("x", "y")
    start = start_on(ground)
    with st.container(horizontal=True):
        for axis, (name, (lowest, highest)) in enumerate(zip(names, ends, strict=True)):
            key = f"{start.key}_{'xy'[axis]}"
            st.session_state[key] = float(walk.start[axis])
            st.number_input(
                _("Start {axis}").format(axis=name),
                min_value=lowest,
                max_value=highest,
                step=(highest - lowest) / 40,
                format="%.4g",
                key=key,
                on_change=_typed_start,
                args=(start,),
                width=150,
            )
        st.number_input(_("Steps"), STEPS.low, STEPS.high, step=10, width=150, **bound(STEPS))


def choose_optimizers(walk: Walk, ground: Ground) -> None:
    """Which optimizers walk, and how fast each."""
    paths = paths_on(ground)
    st.session_state[paths.key] = list(walk.rates)
    st.multiselect(
        _("Optimizers"),
        list(OPTIMIZERS),
        format_func=lambda kind: _(OPTIMIZERS[kind].title()),
        placeholder=_("Choose optimizers"),
        key=paths.key,
        on_change=_other_optimizers,
        args=(paths, ground),
    )
    with st.container(horizontal=True):
        for kind, rate in walk.rates.items():
            key = f"{paths.key}_{kind}"
            st.session_state[key] = rate
            st.number_input(
                _("{optimizer}: η").format(optimizer=_(OPTIMIZERS[kind].title())),
                min_value=1e-6,
                max_value=HIGHEST,
                step=max(1e-6, float(f"{rate / 10:.1g}")),
                format="%.4g",
                key=key,
                on_change=_other_rate,
                args=(paths, kind, key),
                help=_(OPTIMIZERS[kind].summary()) or None,
                width=150,
            )


def clicked(chart: str, ground: Ground) -> None:
    """The cell of the chart that was clicked is the start."""
    cells = st.session_state[chart]["selection"].get("start")
    if cells:
        put({start_on(ground): (cells[0]["x"], cells[0]["y"])})


def _other_surface(surface: Choice[str], before: str) -> None:
    """Another surface has its own window and rates: the usual ones, for the same optimizers."""
    name = st.session_state[surface.key]
    changes: dict[Choice[Any], Any] = {surface: name}
    if name != RUN and before != RUN:
        walkers = get(paths_on(textbook(SURFACES[before])))
        paths = paths_on(textbook(SURFACES[name]))
        changes[paths] = {kind: suggestion(kind, textbook(SURFACES[name])) for kind in walkers}
    put(changes)


def _typed_start(start: Choice[tuple[float, float]]) -> None:
    put({start: tuple(st.session_state[f"{start.key}_{axis}"] for axis in "xy")})


def _other_optimizers(paths: Choice[Rates], ground: Ground) -> None:
    before: Rates = get(paths)
    kinds = st.session_state[paths.key]
    put({paths: {kind: before.get(kind, suggestion(kind, ground)) for kind in kinds}})


def _other_rate(paths: Choice[Rates], kind: str, key: str) -> None:
    rates: Rates = get(paths)
    put({paths: {**rates, kind: st.session_state[key]}})
