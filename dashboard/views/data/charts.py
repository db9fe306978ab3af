"""Data in pictures: its classes, its values as they are scaled, its first images."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.views.charts.colors import accent
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _, number
from engine.analyses.scalings import Scaled

CLASSES = 40
"""Classes that a chart shows."""

_IMAGES = 10
_GAP = 6  # pixels between two images
_ROW, _AXIS = 20, 60  # pixels of a class's bar, and of what stands below the bars
_LARGE = 56  # pixels of an image's side, at least


def classes_chart(classes: Sequence[tuple[str, int]], *, dark: bool) -> alt.Chart:
    """How many samples each class has."""
    names = [name for name, _count in classes[:CLASSES]]
    frame = pd.DataFrame(classes[:CLASSES], columns=["class", "samples"])
    chart: alt.Chart = (
        alt.Chart(frame, height=_AXIS + _ROW * len(names), padding=PADDING)
        .mark_bar(color=accent(dark=dark))
        .encode(
            x=alt.X("samples:Q", title=_("Samples"), axis=alt.Axis(tickCount=5, tickMinStep=1)),
            y=alt.Y("class:N", title=None, sort=names, axis=alt.Axis(labelOverlap=False)),
            tooltip=[
                alt.Tooltip("class:N", title=_("Class")),
                alt.Tooltip("samples:Q", title=_("Samples"), format=","),
            ],
        )
    )
    return chart


def scaled_chart(scaled: Scaled, *, dark: bool) -> alt.Chart:
    """The values as one way scales them."""
    frame = pd.DataFrame(
        {"left": scaled.edges[:-1], "right": scaled.edges[1:], "samples": scaled.counts}
    ).assign(none=0)
    chart: alt.Chart = (
        alt.Chart(frame, height=150, padding=PADDING)
        .mark_rect(color=accent(dark=dark))
        .encode(
            x=alt.X(
                "left:Q",
                title=None,
                scale=alt.Scale(zero=False, nice=False),
                axis=alt.Axis(labelExpr=READABLE, tickCount=5, grid=False),
            ),
            x2=alt.X2("right:Q"),
            y=alt.Y("samples:Q", title=None, axis=alt.Axis(tickCount=4, tickMinStep=1)),
            y2=alt.Y2("none:Q"),
            tooltip=[
                alt.Tooltip("left:Q", title=_("From"), format=NUMBER),
                alt.Tooltip("right:Q", title=_("To"), format=NUMBER),
                alt.Tooltip("samples:Q", title=_("Values"), format=","),
            ],
        )
    )
    return chart


def scaled_text(scaled: Scaled) -> str:
    """The values in a line: their ends, mean and deviation, and how much room most of them have."""
    text = _("{low} to {high}, mean {mean}, σ {std}; nine tenths within {middle}")
    return text.format(
        low=number(scaled.low, 3),
        high=number(scaled.high, 3),
        mean=number(0.0 if abs(scaled.mean) < 1e-9 * (scaled.std or 1) else scaled.mean, 3),
        std=number(scaled.std, 3),
        middle=number(scaled.middle, 3),
    )


def images_row(x: NDArray[np.generic], shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """The first samples side by side as one picture (rows, columns, 3), or None where they are no
    images: `shape` is that of one sample."""
    side = _image_shape(shape)
    if side is None or not len(x):
        return None
    images = np.asarray(x[:_IMAGES], np.float64).reshape(-1, *side)
    low, high = float(images.min()), float(images.max())
    bright = (255 * (images - low) / ((high - low) or 1)).astype(np.uint8)
    times = max(1, -(-_LARGE // side[0]))
    large = bright.repeat(times, axis=1).repeat(times, axis=2)
    framed = np.pad(large, ((0, 0), (0, 0), (0, _GAP), (0, 0)), constant_values=127)
    row = np.concatenate(list(framed), axis=1)[:, :-_GAP]
    return np.broadcast_to(row, (*row.shape[:2], 3)) if side[2] == 1 else row


def _image_shape(shape: tuple[int, ...]) -> tuple[int, int, int] | None:
    """Rows, columns, channels: as they are, or of a square of so many pixels."""
    if len(shape) == 3 and shape[2] in (1, 3):
        return shape[0], shape[1], shape[2]
    if len(shape) == 1:
        for channels in (1, 3):
            side = round((shape[0] / channels) ** 0.5)
            if side >= 4 and side * side * channels == shape[0]:
                return side, side, channels
    return None
