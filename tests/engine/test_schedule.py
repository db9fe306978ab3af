"""When a step is recorded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engine.schedule import dense_then_every


def test_dense_at_first_then_sparse_and_always_the_last() -> None:
    due = dense_then_every(3, 5, 22)
    assert [step for step in range(1, 23) if due(step)] == [1, 2, 3, 5, 10, 15, 20, 22]


@given(dense=st.integers(0, 30), every=st.integers(1, 30), last=st.integers(1, 90))
def test_no_gap_is_longer_than_said_and_the_end_is_never_missed(
    dense: int, every: int, last: int
) -> None:
    due = [step for step in range(1, last + 1) if dense_then_every(dense, every, last)(step)]
    assert due[-1] == last
    assert all(b - a <= every for a, b in zip([0, *due], due, strict=False))
    assert set(range(1, min(dense, last) + 1)) <= set(due)
