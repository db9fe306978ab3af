"""The choices of the page; each change goes into the address, from which the page is drawn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.app_pages.optimizers.choices import (
    SURFACE,
    Paths,
    Walk,
    Walkers,
    beginner,
    paths_on,
    start_on,
    steps_on,
)
from dashboard.app_pages.optimizers.ground import RUN, Ground, slice_of, textbook
from dashboard.app_pages.optimizers.hyperparameters import change, hyperparameters
from dashboard.app_pages.optimizers.rates import HIGHEST, OPTIMIZERS
from dashboard.reads import analyses
from dashboard.state.address import bound, choose, get, put, said
from dashboard.state.choices import Choice
from dashboard.widgets.checkpoint_choice import choose_checkpoint, kept_checkpoints
from dashboard.widgets.picker import RUN as WHICH_RUN
from dashboard.widgets.picker import asked_run, choose_run, offer_runs
from dashboard.words.i18n import _, msg
from dashboard.words.text import plain
from engine.analyses.surfaces import SURFACES
from engine.optimizers import Optimizer

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
    kept = kept_checkpoints(run)
    if not kept:
        return None
    checkpoint = choose_checkpoint(kept)
    with st.spinner(_("Computing the loss around the checkpoint…"), show_time=True):
        return slice_of(run, checkpoint)


def asked(ground: Ground) -> Walk:
    """What the address asks for on this ground."""
    return Walk(get(start_on(ground)), get(steps_on(ground)), get(paths_on(ground)))


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
        steps = steps_on(ground)
        st.number_input(_("Steps"), steps.low, steps.high, step=10, width=150, **bound(steps))


def choose_optimizers(walk: Walk, ground: Ground) -> None:
    """Which optimizers walk, how fast each, and all else that each of them can be told."""
    paths = paths_on(ground)
    st.session_state[paths.key] = list(walk.walkers)
    st.multiselect(
        _("Optimizers"),
        list(OPTIMIZERS),
        format_func=lambda kind: _(OPTIMIZERS[kind].title()),
        placeholder=_("Choose optimizers"),
        key=paths.key,
        on_change=_other_optimizers,
        args=(paths, ground),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for optimizer in walk.walkers.values():
            with st.container(
                horizontal=True, vertical_alignment="bottom", gap="xxsmall", width=210
            ):
                _rate(paths, optimizer)
                hyperparameters(paths, optimizer)


def _rate(paths: Paths, optimizer: Optimizer) -> None:
    kind = optimizer.kind_name()
    key = f"{paths.key}_{kind}"
    st.session_state[key] = optimizer.lr
    st.number_input(
        _("{optimizer}: η").format(optimizer=_(optimizer.title())),
        min_value=1e-6,
        max_value=HIGHEST,
        step=max(1e-6, float(f"{optimizer.lr / 10:.1g}")),
        format="%.4g",
        key=key,
        on_change=lambda: change(paths, optimizer, "lr", st.session_state[key]),
        help=_(optimizer.summary()) or None,
    )


def clicked(chart: str, ground: Ground) -> None:
    """The cell of the chart that was clicked is the start."""
    cells = st.session_state[chart]["selection"].get("start")
    if cells:
        put({start_on(ground): (cells[0]["x"], cells[0]["y"])})


def _other_surface(surface: Choice[str], before: str) -> None:
    """Another surface has its own window, steps and rates: the usual ones, for the same optimizers
    with all else as it was."""
    name = st.session_state[surface.key]
    changes: dict[Choice[Any], Any] = {surface: name}
    if name != RUN and before != RUN:
        ground = textbook(SURFACES[name])
        walkers: Walkers = get(paths_on(textbook(SURFACES[before])))
        changes[paths_on(ground)] = {
            kind: optimizer.model_copy(update={"lr": ground.suggestion(kind)})
            for kind, optimizer in walkers.items()
        }
    put(changes)


def _typed_start(start: Choice[tuple[float, float]]) -> None:
    put({start: tuple(st.session_state[f"{start.key}_{axis}"] for axis in "xy")})


def _other_optimizers(paths: Paths, ground: Ground) -> None:
    before: Walkers = get(paths)
    kinds = st.session_state[paths.key]
    put({paths: {kind: before.get(kind) or beginner(kind, ground) for kind in kinds}})
