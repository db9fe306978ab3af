"""What tells lines apart: no two runs of a comparison look alike, and each keeps its look."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.views.charts.colors import hues, page
from dashboard.views.compare.arms import ALONE, BEST, MOST, MOST_LINES, SEED, arms_of, lines_of
from dashboard.views.palette import LOOKS, look_color, look_dash, looks_of
from dashboard.views.run.name import run_name
from db.records import Run
from tests.dashboard.conftest import small
from tests.dashboard.records import run


def linear(color: str) -> NDArray[np.float64]:
    """sRGB as light: IEC 61966-2-1."""
    value = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1."""
    low, high = sorted(float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def oklab(color: str) -> NDArray[np.float64]:
    """Where a colour lies for the eye: Ottosson, "A perceptual color space", 2020."""
    cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    opponent = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    found: NDArray[np.float64] = opponent @ np.cbrt(cones @ linear(color))
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_every_hue_can_be_read_and_no_two_are_near(dark: bool) -> None:
    for hue in hues(dark=dark):
        assert contrast(hue, page(dark=dark)) >= 4.5
    for one, other in combinations(hues(dark=dark), 2):
        assert np.linalg.norm(oklab(one) - oklab(other)) > 0.15, "two blues, two greens"


def drawn(look: int, *, dark: bool) -> tuple[str, tuple[int, ...]]:
    return look_color(look, dark=dark), tuple(look_dash(look))


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("ids", [(49, 67), (3, 10, 24), range(1, 21), range(7, 7 * 21, 7)])
def test_no_two_runs_of_a_comparison_look_alike(ids: tuple[int, ...], dark: bool) -> None:
    found = looks_of(ids)
    assert len({drawn(look, dark=dark) for look in found.values()}) == len(ids)
    few = looks_of(list(ids)[:7])
    assert len({look_color(look, dark=dark) for look in few.values()}) == len(few)


def test_a_run_keeps_its_look_wherever_a_session_shows_it() -> None:
    held: dict[int, int] = {}
    for ids in ([3, 10], [10, 17], [3, 17], [10], [24, 3]):
        found = looks_of(ids, held)
        assert {k: found[k] for k in found if k in held} == {
            k: held[k] for k in found if k in held
        }, "a colour that changes from page to page misleads"
        held |= found
    assert len(set(held.values())) == len(held)


def test_a_session_that_has_shown_more_runs_than_there_are_looks_still_tells_each_two_apart() -> (
    None
):
    held: dict[int, int] = {}
    for first in range(0, 60, 20):
        held |= looks_of(range(first, first + 20), held)
    alike = next(ids for ids in combinations(range(60), 2) if held[ids[0]] == held[ids[1]])
    assert len(set(looks_of(alike, held).values())) == 2
    assert max(held.values()) < LOOKS


def scored(n: int) -> list[Run]:
    """Runs that do the better the higher their numbers are."""
    return [
        run(i + 1, config=small(seed=i, epochs=i + 1), val_accuracy=0.5 + i / 1000)
        for i in range(n)
    ]


def test_twenty_lines_are_told_apart_and_of_more_the_best_five_stand_before_grey_ones() -> None:
    twenty = lines_of(arms_of(scored(MOST), ALONE), dark=False)
    assert len({(line.color, tuple(line.dash)) for line in twenty}) == MOST
    assert all(line.told for line in twenty)
    more = scored(MOST + 10)
    lines = lines_of(arms_of(more, ALONE), dark=False)
    assert [line.name for line in lines[-BEST:]] == [run_name(r) for r in more[-BEST:]]
    assert len({line.color for line in lines[-BEST:]}) == BEST
    behind = lines[:-BEST]
    assert len({line.color for line in behind}) == 1
    assert not any(line.told for line in behind), "a legend of a hundred lines tells nothing"
    groups = lines_of(arms_of(scored(MOST), SEED), dark=True)
    assert len({(line.color, tuple(line.dash)) for line in groups}) == MOST


def test_what_is_not_drawn_is_none_of_the_best() -> None:
    arms = arms_of(scored(MOST_LINES + 5), ALONE)
    assert sum(arm.look is not None for arm in arms[:MOST_LINES]) == BEST
