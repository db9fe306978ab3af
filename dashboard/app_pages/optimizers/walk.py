"""The paths over the surface, their values over the steps, and where each of them ended."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from dashboard.app_pages.optimizers.along import along
from dashboard.app_pages.optimizers.choices import Walk
from dashboard.app_pages.optimizers.choose import clicked
from dashboard.app_pages.optimizers.ground import Ground
from dashboard.app_pages.optimizers.player import player
from dashboard.app_pages.optimizers.rates import OPTIMIZERS
from dashboard.views.charts.surfaces import paths_chart, paths_frame, values_chart
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, number
from engine.analyses.paths import Path

CHART, BOTH = "surface_chart", "surface_charts"


def walk(choice: Walk, ground: Ground) -> None:
    """All of it for one choice."""
    with st.spinner(_("Walking…"), show_time=True):
        paths = {kind: walked(kind, choice, ground) for kind in choice.walkers}
    for kind, path in paths.items():
        if path.diverged:
            st.warning(diverged_text(kind, path, choice), icon=":material/trending_up:")
    names = {kind: _(spec.title()) for kind, spec in OPTIMIZERS.items()}
    with st.container(key=BOTH):
        _charts(choice, ground, paths, names)
        st.dataframe(
            ends(choice, ground, paths),
            hide_index=True,
            alt=_("Where each path ended, and how low"),
        )
        along(choice, ground, paths, names)


def walked(kind: str, choice: Walk, ground: Ground) -> Path:
    """The path of one optimizer."""
    return ground.path(choice.walkers[kind], start=choice.start, steps=choice.steps)


def _charts(
    choice: Walk, ground: Ground, paths: Mapping[str, Path], names: Mapping[str, str]
) -> None:
    frame = paths_frame(paths, names)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        draw(
            paths_chart(
                ground.surface,
                frame,
                names,
                start=choice.start,
                steps=choice.steps,
                axes=ground.axes,
                dark=is_dark(),
            ),
            key=CHART,
            on_select=lambda: clicked(CHART, ground),
            selection_mode="start",
            alt=_(
                "Paths of {optimizers} over the surface {surface}; the table says where they end"
            ).format(
                optimizers=", ".join(names[kind] for kind in paths),
                surface=_(ground.surface.title),
            ),
        )
    with right:
        draw(
            values_chart(
                ground.surface, frame, names, steps=choice.steps, axes=ground.axes, dark=is_dark()
            ),
            key="surface_values",
            alt=_("The surface's value over the steps, a line for each optimizer"),
        )
    player(BOTH, steps=choice.steps, drawn=(choice, ground.checkpoint, ground.surface.name))
    st.caption(_legend(ground))


def _legend(ground: Ground) -> str:
    if ground.run:
        return _(
            "Click anywhere to start there. Each band is a step of the loss's logarithm; ✕ marks"
            " the run's own weights."
        )
    return _(
        "Click anywhere to start there. Each band is a step of the value's logarithm; ✕ marks the"
        " minima."
    )


def diverged_text(kind: str, path: Path, choice: Walk) -> str:
    """When a path left every bound, and what to change."""
    text = _(
        "**{optimizer}** diverges with learning rate {rate}: it is out of every bound after step"
        " {step}. Try a tenth of the rate."
    )
    return text.format(
        optimizer=_(OPTIMIZERS[kind].title()),
        rate=number(choice.walkers[kind].lr),
        step=len(path.points) - 1,
    )


def ends(choice: Walk, ground: Ground, paths: Mapping[str, Path]) -> pd.DataFrame:
    """One row per path: where it ended, how low, and how far from the nearest minimum."""
    distance = _("To the run's weights") if ground.run else _("To the nearest minimum")
    rows = []
    for kind, path in paths.items():
        x, y = (round(float(v), 4) + 0.0 for v in path.points[-1])  # no minus before a zero
        away = [math.hypot(x - a, y - b) for a, b in ground.surface.minima]
        rows.append(
            {
                _("Optimizer"): _(OPTIMIZERS[kind].title()),
                _("Learning rate"): number(choice.walkers[kind].lr),
                _("Last point"): f"({number(x, 3)}, {number(y, 3)})",
                _("Value there"): number(float(path.values[-1]), 3),
                distance: number(min(away), 2) if away else "–",
            }
        )
    return pd.DataFrame(rows)
