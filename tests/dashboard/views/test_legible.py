"""Words in charts can be read: they are large enough and stand out from the page."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.views import charts
from dashboard.views.charts.colors import ink, muted, page
from dashboard.views.charts.legible import SMALLEST, legible

LEAST = 4.5
"""WCAG 2's contrast for type of usual size."""


def luminance(color: str) -> float:
    """How bright a colour is (WCAG 2)."""
    shares = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_words_stand_out_from_the_page(dark: bool) -> None:
    for color in (ink(dark=dark), muted(dark=dark)):
        assert contrast(color, page(dark=dark)) >= LEAST


def test_a_chart_says_how_large_its_words_are_and_keeps_what_it_says_itself() -> None:
    spec = legible({"mark": "point", "config": {"axis": {"labelFontSize": 20}}}, dark=False)
    assert spec["config"]["axis"]["labelFontSize"] == 20
    for part in ("axis", "legend", "header"):
        assert spec["config"][part]["titleFontSize"] >= SMALLEST
    assert spec["config"]["text"]["fontSize"] >= SMALLEST


def test_no_chart_writes_in_smaller_letters() -> None:
    small = [
        f"{path.name}:{node.lineno}"
        for path in Path(next(iter(charts.__path__))).glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name, value in _named(node)
        if name.lower().endswith("fontsize") and value < SMALLEST
    ]
    assert small == []


def _named(node: ast.AST) -> Iterator[tuple[str, float]]:
    """The numbers that a keyword or a key of a dictionary names."""
    pairs: list[tuple[object, ast.expr]] = []
    if isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    elif isinstance(node, ast.Dict):
        keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
        pairs = list(zip(keys, node.values, strict=True))
    for name, value in pairs:
        held = value.value if isinstance(value, ast.Constant) else None
        if isinstance(name, str) and isinstance(held, int | float):
            yield name, held
