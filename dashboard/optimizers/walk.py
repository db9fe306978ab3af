"""The paths over the surface, their values over the steps, and where each of them ended."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from dashboard.charts.surfaces import paths_chart, paths_frame, values_chart
from dashboard.i18n import _, number
from dashboard.optimizers.address import Choice
from dashboard.optimizers.choose import clicked
from dashboard.optimizers.rates import OPTIMIZERS
from dashboard.palette import is_dark
from engine.analyses.paths import Path, optimizer_path
from engine.spec import Spec

CHART = "surface_chart"


def walk(choice: Choice) -> None:
    """All of it for one choice."""
    paths = {kind: walked(kind, choice) for kind in choice.rates}
    for kind, path in paths.items():
        if path.diverged:
            st.warning(diverged_text(kind, path, choice), icon=":material/trending_up:")
    names = {kind: _(spec.title()) for kind, spec in OPTIMIZERS.items()}
    frame = paths_frame(paths, names)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.altair_chart(
            paths_chart(
                choice.surface, frame, names, start=choice.start, steps=choice.steps, dark=is_dark()
            ),
            key=CHART,
            on_select=lambda: clicked(CHART),
            selection_mode="start",
            alt=_(
                "Paths of {optimizers} over the surface {surface}; the table says where they end"
            ).format(
                optimizers=", ".join(names[kind] for kind in paths),
                surface=_(choice.surface.title),
            ),
        )
        st.caption(
            _(
                "Click anywhere to start there. Each band is a step of the value's logarithm;"
                " ✕ marks the minima."
            )
        )
    with right:
        st.altair_chart(
            values_chart(choice.surface, frame, names, dark=is_dark()),
            key="surface_values",
            alt=_("The surface's value over the steps, a line for each optimizer"),
        )
        st.dataframe(ends(choice, paths, names), hide_index=True)


def walked(kind: str, choice: Choice) -> Path:
    """The path of one optimizer."""
    optimizer: Spec = OPTIMIZERS[kind](lr=choice.rates[kind])  # type: ignore[call-arg]
    return optimizer_path(choice.surface, optimizer, start=choice.start, steps=choice.steps)  # type: ignore[arg-type]


def diverged_text(kind: str, path: Path, choice: Choice) -> str:
    """When a path left every bound, and what to change."""
    text = _(
        "**{optimizer}** diverges with learning rate {rate}: it is out of every bound after step"
        " {step}. Try a tenth of the rate."
    )
    return text.format(
        optimizer=_(OPTIMIZERS[kind].title()),
        rate=number(choice.rates[kind]),
        step=len(path.points) - 1,
    )


def ends(choice: Choice, paths: dict[str, Path], names: dict[str, str]) -> pd.DataFrame:
    """A row a path: where it ended, how low, and how far from the nearest minimum."""
    rows = []
    for kind, path in paths.items():
        x, y = path.points[-1]
        away = [math.hypot(x - a, y - b) for a, b in choice.surface.minima]
        rows.append(
            {
                _("Optimizer"): names[kind],
                _("Learning rate"): number(choice.rates[kind]),
                _("Last point"): f"({number(x, 3)}, {number(y, 3)})",
                _("Value there"): number(float(path.values[-1]), 3),
                _("To the nearest minimum"): number(min(away), 2) if away else "–",
            }
        )
    return pd.DataFrame(rows)
