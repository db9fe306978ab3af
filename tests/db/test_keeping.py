"""Which checkpoints stay of a run, and how much of each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.keeping import Form, Keeping, surplus

WHOLE, BARE, REMADE = Form.WHOLE, Form.BARE, Form.REMADE


@given(count=st.integers(0, 200), pinned=st.sets(st.integers(0, 200)), kept=st.integers(2, 25))
def test_thinning_never_gives_up_what_is_needed(count: int, pinned: set[int], kept: int) -> None:
    steps: list[int] = []
    for step in range(count):
        steps.append(step)
        gone = surplus(steps, set(steps) - pinned, kept=kept)
        assert not pinned & set(gone)
        steps = [step for step in steps if step not in gone]
        assert step in steps
        assert len(steps) <= max(kept, len(pinned & set(steps)) + 2)


@pytest.mark.parametrize(
    ("keeping", "forms"),
    [
        (Keeping(), [BARE, WHOLE, BARE, WHOLE, WHOLE]),
        (Keeping(resumable=1), [BARE, WHOLE, BARE, BARE, WHOLE]),
        (Keeping(remade=30), [REMADE, BARE, REMADE, WHOLE, WHOLE]),
        (Keeping(resumable=1, remade=99), [REMADE, BARE, REMADE, REMADE, WHOLE]),
    ],
)
def test_the_newest_and_the_best_are_never_given_up(keeping: Keeping, forms: list[Form]) -> None:
    assert list(keeping.plan([10, 20, 30, 40, 50], best=20).values()) == forms


def test_what_was_only_there_to_go_on_from_goes_once_there_is_something_newer() -> None:
    keeping = Keeping(every=20)
    assert list(keeping.plan([7, 13, 20, 31, 40, 47, 53], best=31)) == [7, 20, 31, 40, 47, 53]


@given(
    steps=st.lists(st.integers(1, 500), min_size=1, unique=True).map(sorted),
    best=st.none() | st.integers(1, 500),
    keeping=st.builds(
        Keeping,
        kept=st.integers(2, 25),
        resumable=st.integers(1, 2),
        remade=st.integers(-1, 500),
        every=st.integers(1, 60),
    ),
)
def test_whatever_the_plan_the_last_is_whole_and_the_best_has_its_bytes(
    steps: list[int], best: int | None, keeping: Keeping
) -> None:
    plan = keeping.plan(steps, best)
    assert plan[steps[-1]] is WHOLE
    assert steps[0] in plan
    if best in steps:
        assert plan[best] is not REMADE
