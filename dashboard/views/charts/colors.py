"""Colours of the charts that stand for neither a run nor a status."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MUTED = "#808795"
"""Reference lines and what is counted for nothing: seen on either theme. Words are `muted`."""

_HUES_LIGHT = ("#1A6FE1", "#C35401", "#0F825E", "#BD368C", "#654704", "#4A1DAE", "#023536")
_HUES_DARK = ("#1D84F5", "#EC6011", "#18AC77", "#D44A98", "#FAE91D", "#C0B0FE", "#A8F3FE")

_DEPTH_LIGHT = ("#1F5FBF", "#7A55C7", "#C04A93", "#D4552F", "#A87400")
_DEPTH_DARK = ("#5B9BF3", "#A98BF0", "#E982BE", "#F58B5E", "#E5B53C")


def hues(*, dark: bool) -> tuple[str, ...]:
    """As many hues as can be told apart in words: the nearest two differ by more than 20 in
    CIEDE2000 (Sharma et al., 2005), and each has a contrast of 4.5 with the page, so that words in
    it can be read."""
    return _HUES_DARK if dark else _HUES_LIGHT


def depth_colors(layers: int, *, dark: bool) -> list[str]:
    """One colour per layer from cold (the inputs) to warm (the outputs): the eye sees the order.

    The ramp runs along blue-yellow, the axis that colour-blind readers keep, and stays of one
    lightness, so that every line reads on its theme.
    """
    ramp = _DEPTH_DARK if dark else _DEPTH_LIGHT
    return [_between(ramp, i / max(1, layers - 1)) for i in range(layers)]


def ink(*, dark: bool) -> str:
    """Words within a chart: Vega's own are black on either theme."""
    return "#E8EAEE" if dark else "#17191E"


def muted(*, dark: bool) -> str:
    """Words within a chart that matter less: headings, remarks."""
    return "#9AA1AE" if dark else "#5B6270"


def page(*, dark: bool) -> str:
    """What a chart stands on."""
    return "#0E1014" if dark else "#FFFFFF"


def alarm(*, dark: bool) -> str:
    """What went wrong: divergence, values that are not finite, outliers."""
    return "#FF7A66" if dark else "#C8331F"


def accent(*, dark: bool) -> str:
    """The one thing that a chart is about."""
    return "#4BA3E3" if dark else "#0072B2"


def second(*, dark: bool) -> str:
    """What the one thing is held against."""
    return "#F0803C" if dark else "#D55E00"


def faint(color: str, *, dark: bool) -> str:
    """A colour drawn back towards the page, for what stands behind its own summary."""
    return _between((color, page(dark=dark)), 0.4 if dark else 0.55)


def sequential(*, dark: bool) -> list[str]:
    """From nothing, the page's own shade, to much."""
    return (
        ["#1B2533", "#1D4A73", "#2C7FB8", "#5FC0C9", "#D9F2C4"]
        if dark
        else ["#F2F5F8", "#C4DDEA", "#6FAFD2", "#2A72A8", "#0B2F5C"]
    )


def diverging(*, dark: bool) -> list[str]:
    """From below zero over zero, the page's own shade, to above it."""
    return (
        ["#5BB0F5", "#2C6393", "#262B33", "#9A5427", "#FFA05C"]
        if dark
        else ["#0A5796", "#7FB6DA", "#F3F4F5", "#EBA878", "#B24A00"]
    )


def _between(ramp: Sequence[str], share: float) -> str:
    """The colour at a share of the way along a ramp."""
    points = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in ramp])
    place = share * (len(ramp) - 1)
    rgb = [np.interp(place, range(len(ramp)), points[:, channel]) for channel in range(3)]
    return "#" + "".join(f"{round(value):02X}" for value in rgb)
