"""A lesson's figures are drawn of what its runs left, whatever is missing of it."""

from __future__ import annotations

import pytest

from dashboard.views.charts.written import specification
from dashboard.views.lessons.functions import functions
from dashboard.views.lessons.grid import grid_panels
from dashboard.views.lessons.told import parts_of
from db.records import CurvePoint
from engine.lessons.normalizing import SIXTEEN
from engine.lessons.worked import DRAWN


def test_sixteen_scales_are_sixteen_panels_of_the_two_networks() -> None:
    points = [
        CurvePoint(arm=i, epoch=epoch, n=3, mean=0.1 * epoch, spread=0.01)
        for i in range(len(SIXTEEN.arms))
        for epoch in range(1, 4)
    ]
    panels = grid_panels(SIXTEEN, points, dark=False)
    assert len(panels) == 16
    assert [panel.title.rsplit(" ", 1)[-1] for panel in panels[:2]] == ["1", "0.54"]
    for panel in panels:
        assert panel.said == "with BN 0.3, without BN 0.3"
        assert specification(panel.chart, checked=True)


def test_panels_are_drawn_before_anything_is_there() -> None:
    assert len(grid_panels(SIXTEEN, [], dark=True)) == 16


@pytest.mark.parametrize("name", DRAWN)
def test_functions_are_drawn_whole(name: str) -> None:
    for panel in DRAWN[name]():
        drawn = str(specification(functions(panel, dark=False), checked=True))
        assert all(line.name in drawn for line in panel.lines)


@pytest.mark.parametrize(
    ("latex", "parts"),
    [
        (r"a = b", [r"a = b"]),
        (r"a = b \qquad c = d", ["a = b", "c = d"]),
        (r"\frac{a \qquad b}{c}", [r"\frac{a \qquad b}{c}"]),
        (r"\left( a \qquad b \right)", [r"\left( a \qquad b \right)"]),
    ],
)
def test_equations_side_by_side_can_stand_below_each_other(latex: str, parts: list[str]) -> None:
    assert parts_of(latex) == parts
