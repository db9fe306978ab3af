"""Which checkpoints stay of a run, and how much of each."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.keeping import Form, Keeping, stays

WHOLE, BARE, REMADE = Form.WHOLE, Form.BARE, Form.REMADE


@given(last=st.integers(0, 500), kept=st.integers(2, 25))
def test_as_many_stay_as_there_may_evenly_spread(last: int, kept: int) -> None:
    places = [place for place in range(last + 1) if stays(place, last, kept)]
    assert places[0] == 0
    assert len(places) == min(kept, last + 1)
    holes = [after - before for before, after in pairwise([*places, last])]
    assert max(holes, default=0) <= 2 * max(1, last // (kept - 1))


@given(
    epochs=st.integers(1, 80),
    between=st.sets(st.integers(1, 300)),
    saved=st.sets(st.integers(1, 300)),
    best=st.integers(1, 80),
    keeping=st.builds(
        Keeping, kept=st.integers(2, 25), remade=st.integers(-1, 300), every=st.integers(1, 9)
    ),
)
def test_two_runs_of_one_configuration_keep_the_same_however_busy_the_machine_was(
    epochs: int, between: set[int], saved: set[int], best: int, keeping: Keeping
) -> None:
    """One saves as it goes, with others between its epochs, and one at its end alone."""
    ends = [keeping.every * epoch for epoch in range(1, epochs + 1)]
    best_step, ended = ends[min(best, epochs) - 1], replace(keeping, ended=True)
    kept: list[int] = []
    for step in sorted({*ends, *(s for s in between if s < ends[-1])}):
        kept.append(step)
        if step in saved:
            kept = list(keeping.plan(kept, min(step, best_step)))
    assert ended.plan(kept, best_step) == ended.plan(ends, best_step)


@pytest.mark.parametrize(
    ("keeping", "forms"),
    [
        (Keeping(), [BARE, WHOLE, BARE, WHOLE, WHOLE]),
        (Keeping(ended=True), [BARE, BARE, BARE, BARE, WHOLE]),
        (Keeping(remade=30), [REMADE, BARE, REMADE, WHOLE, WHOLE]),
        (Keeping(ended=True, remade=99), [REMADE, BARE, REMADE, REMADE, WHOLE]),
    ],
)
def test_the_newest_and_the_best_are_never_given_up(keeping: Keeping, forms: list[Form]) -> None:
    assert list(keeping.plan([10, 20, 30, 40, 50], best=20).values()) == forms


def test_what_was_only_there_to_go_on_from_goes_once_there_is_something_newer() -> None:
    keeping = Keeping(every=20)
    assert list(keeping.plan([7, 13, 20, 31, 40, 47, 53], best=31)) == [20, 31, 40, 47, 53]


def test_what_a_branch_began_with_stays() -> None:
    keeping = Keeping(every=20, start=27, kept=2)
    assert list(keeping.plan([27, 33, 40, 60, 80, 93, 95], best=None)) == [27, 40, 80, 93, 95]


@given(
    steps=st.lists(st.integers(1, 500), min_size=1, unique=True).map(sorted),
    best=st.none() | st.integers(1, 500),
    keeping=st.builds(
        Keeping,
        kept=st.integers(2, 25),
        ended=st.booleans(),
        remade=st.integers(-1, 500),
        every=st.integers(1, 60),
    ),
)
def test_whatever_the_plan_the_last_is_whole_and_the_best_has_its_bytes(
    steps: list[int], best: int | None, keeping: Keeping
) -> None:
    plan = keeping.plan(steps, best)
    assert plan[steps[-1]] is WHOLE
    assert next((step for step in steps if step == keeping.every), steps[-1]) in plan
    if best in steps:
        assert plan[best] is not REMADE
