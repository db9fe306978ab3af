"""Many runs against what varies in them: a map of two or three hyperparameters, and all of them as
parallel axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.app_pages.compare.choices import ALONG, BY, UP
from dashboard.app_pages.compare.choose_score import choose_score
from dashboard.state.address import choose
from dashboard.views.compare.arms import without_copies
from dashboard.views.compare.maps import (
    NONE,
    VALUES,
    Axes,
    Varied,
    map_panels,
    parallel,
    usual_axes,
    varied,
)
from dashboard.views.compare.scores import Score
from dashboard.views.run.name import run_name
from dashboard.widgets.drawing import draw
from dashboard.widgets.links import open_run, run_link
from dashboard.widgets.panels import side_by_side
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from dashboard.words.parameters import title
from dashboard.words.text import plain
from db.records import Run


def sweep(every: Sequence[Run]) -> None:
    """Choose a score; the map, and the parallel axes beneath it. Copies count once."""
    with guarded():
        runs = without_copies(every)
        found = varied(runs)
        if not found:
            st.caption(_("These runs differ in nothing but their seeds: there is nothing to map."))
            return
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            score = choose_score(runs, labelled=True)
            axes = _choose_axes(found) if len(found) > 1 else None
        if axes:
            _map(runs, score, axes)
        heading = _("Every run across what varies")
        st.markdown(f"**{heading}**")
        event = draw(
            parallel(runs, found, score, dark=is_dark()),
            key="parallel",
            on_select="rerun",
            selection_mode="clicked",
            alt=_("Each run as a line across its hyperparameters, coloured by its score"),
        )
        st.caption(_("A click on a line opens its run; dashed lines have no finite score."))
        _open_clicked(runs, event)


def _open_clicked(runs: Sequence[Run], event: Any) -> None:
    picked = event.selection.get("clicked") or []
    by_name = {run_name(run): run.id for run in runs}
    if picked and picked[0].get("run") in by_name:
        open_run(by_name[picked[0]["run"]])


def _choose_axes(found: Sequence[Varied]) -> Axes:
    """Along, up and as panels, which the address keeps."""
    paths = {varied.path: varied for varied in found}
    first = usual_axes(list(paths))
    asked = ((ALONG, _("Along")), (UP, _("Up")), (BY, _("A map for each")))
    chosen: list[str] = []
    for (choice, label), default in zip(asked, first, strict=True):
        options = [path for path in paths if path not in chosen]
        options += [NONE] if choice is BY else []
        default = default if default in options else options[0]
        words = {path: _("none") if path == NONE else title(path) for path in options}
        path = choose(st.selectbox, label, choice.usually(default), words, width=185)
        chosen.append(path)
    along, up, by = chosen
    return paths[along], paths[up], paths.get(by)


def _map(runs: Sequence[Run], score: Score, axes: Axes) -> None:
    panels = map_panels(runs, score, axes, dark=is_dark())
    along, up, _by = axes
    grid = side_by_side(len(panels))
    for i, panel in enumerate(panels):
        with grid.cell():
            if panel.title:
                st.markdown(f"**{plain(panel.title)}**")
            event = draw(
                panel.chart,
                key=f"map_{i}",
                on_select="rerun",
                selection_mode="cell",
                alt=_("{score} by {x} and {y}").format(
                    score=_(score.label), x=title(along.path), y=title(up.path)
                ),
            )
            _open_cell(event, panel.cells)
    st.caption(_("✕ marks runs that diverged. A click on a cell opens its run."))


def _open_cell(event: Any, cells: Mapping[tuple[str, str], Sequence[Run]]) -> None:
    """Open the run of a cell that was clicked; offer them where it has several."""
    picked = event.selection.get("cell") or []
    runs = cells.get((picked[0].get("x"), picked[0].get("y")), []) if picked else []
    if len(runs) == 1:
        open_run(runs[0].id)
    with st.container(horizontal=True, gap="small"):
        for run in runs[:VALUES]:
            run_link(run, label=run_name(run))
