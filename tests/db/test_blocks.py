"""What was recorded inside layers is packed without losing what charts and notebooks show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from sqlalchemy import func, select

from db.blocks import (
    STATE,
    chosen,
    pack_histograms,
    pack_states,
    rounded,
    unpack_histograms,
    unpack_states,
)
from db.layer_history import MOST
from db.models import BlockRow
from db.store import Store
from tests.db.build import LEASE, checkpoint, record, running

ALL = np.ones(3, bool)


def test_histograms_come_back_as_they_were() -> None:
    rng = np.random.default_rng(0)
    written = {
        "low": np.array([-1e-30, np.nan, -np.inf]),
        "high": np.array([0.1, 0.2, 5.0]),
        "counts": np.array([rng.integers(0, most, 40) for most in (2, 300, 70_000)], np.uint32),
    }
    found = unpack_histograms(pack_histograms(written), ALL)
    for name, values in written.items():
        np.testing.assert_array_equal(found[name], values)
        assert found[name].dtype == values.dtype


def test_states_keep_sixteen_bits_and_whatever_is_not_finite() -> None:
    written = dict(zip(STATE, np.random.default_rng(0).normal(size=(6, 3, 5)), strict=True))
    written["gamma"][1, :3] = np.nan, np.inf, -np.inf
    packed = pack_states(written)
    found, last = unpack_states(packed, ALL), unpack_states(packed, np.array([0, 0, 1], bool))
    for name in STATE:
        np.testing.assert_allclose(found[name], written[name], rtol=2**-16)
        np.testing.assert_array_equal(last[name], found[name][2:])


@given(hnp.arrays(np.float32, 9, elements=st.floats(width=32)))
def test_rounding_is_to_the_nearest_and_only_once(values: Any) -> None:
    once = rounded(values)
    np.testing.assert_array_equal(rounded(once), once)
    finite = np.isfinite(values) & np.isfinite(once)
    tiny = np.finfo(np.float32).tiny
    near = np.abs(once[finite] - values[finite]) <= np.abs(values[finite]) * 2**-16 + tiny * 2**-15
    assert near.all()


@given(steps=st.sets(st.integers(1, 10_000)), needed=st.sets(st.integers(1, 10_000), max_size=5))
def test_a_chart_keeps_its_ends_and_what_it_needs(steps: set[int], needed: set[int]) -> None:
    kept = chosen(steps, most=20, needed=needed)
    assert set(kept) <= steps
    assert needed & steps <= set(kept) or len(steps) <= 20
    assert len(kept) <= 20 + len(needed)
    if steps:
        assert {min(steps), max(steps)} <= set(kept)


def test_a_run_that_has_ended_keeps_a_block_per_layer_and_the_steps_of_its_checkpoints(
    store: Store,
) -> None:
    run_id = running(store).id
    for step in range(1, 601):
        store.history.append(run_id, 1, [record(step)], lease=LEASE)
    store.checkpoints.save(run_id, 1, checkpoint(599))
    assert len(store.history.histogram_steps(run_id)) == 600
    store.history.append(run_id, 1, [], lease=LEASE, ends=True)
    steps = store.history.histogram_steps(run_id)
    assert MOST <= len(steps) <= MOST + 1
    assert {1, 599, 600} <= set(steps)
    assert [state.step for state in store.history.batch_norms(run_id, layer=1)] == steps
    (at_599,) = store.history.batch_norms(run_id, layer=1, steps=[599])
    np.testing.assert_allclose(at_599.batch_var, 599 + 5 / 7, rtol=2**-16)
    with store.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(BlockRow)) == 7
    assert store.history.recorded_steps(run_id) == list(range(1, 601)), "these are small"


@pytest.mark.parametrize("last", [3, 5])
def test_a_cut_goes_through_the_middle_of_a_block(store: Store, last: int) -> None:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(1, 6)], lease=LEASE)
    store.history.append(run_id, 1, [record(step) for step in range(6, 9)], lease=LEASE)
    store.queue.start(run_id, 1, worker="", data={}, resume_step=last)
    assert store.history.histogram_steps(run_id) == list(range(1, last + 1))
    store.history.append(run_id, 1, [record(last + 1)], lease=LEASE)
    assert [s.step for s in store.history.batch_norms(run_id)] == list(range(1, last + 2))
