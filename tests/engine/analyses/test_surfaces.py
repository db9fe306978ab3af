"""Surfaces: gradients that belong to the values, minima where they are said to be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.analyses.surfaces import SURFACES, Surface

coordinates = st.floats(-4, 4)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
@given(x=coordinates, y=coordinates)
def test_the_gradient_is_the_slope_of_the_value(surface: Surface, x: float, y: float) -> None:
    h = 1e-5
    expected = (
        (surface.value(x + h, y) - surface.value(x - h, y)) / (2 * h),
        (surface.value(x, y + h) - surface.value(x, y - h)) / (2 * h),
    )
    scale = 1 + np.abs(surface.value(x, y)) + np.abs(expected).max()
    assert_allclose(surface.gradient(x, y), expected, atol=1e-6 * scale)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_minima_are_flat_and_lower_than_all_around(surface: Surface) -> None:
    for x, y in surface.minima:
        assert_allclose(surface.gradient(x, y), 0, atol=1e-10)
        around = [
            surface.value(x + 1e-2 * np.cos(a), y + 1e-2 * np.sin(a)) for a in np.arange(0, 6, 0.1)
        ]
        assert surface.value(x, y) < min(around)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_the_window_shows_the_start_and_the_minima(surface: Surface) -> None:
    left, right, bottom, top = surface.window
    for x, y in (surface.start, *surface.minima):
        assert left <= x <= right
        assert bottom <= y <= top


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_a_grid_holds_the_values_row_by_row(surface: Surface) -> None:
    x, y = np.linspace(-1, 2, 4), np.linspace(-2, 1, 3)
    grid = surface.grid(x, y)
    assert grid.shape == (3, 4)
    assert_allclose(grid[2, 1], surface.value(x[1], y[2]))
    assert_allclose(grid[0, 3], surface.value(x[3], y[0]))


def test_known_values_of_the_textbook_surfaces() -> None:
    assert SURFACES["valley"].value(-7, 2) == 6.45  # 49/20 + 4
    assert SURFACES["beale"].value(0, 0) == 14.203125
    assert_allclose(SURFACES["rosenbrock"].value(-1.2, 1), 24.2)
    assert SURFACES["himmelblau"].value(0, 0) == 170
    assert SURFACES["saddle"].value(1, 1) == 0
