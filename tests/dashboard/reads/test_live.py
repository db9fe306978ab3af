"""The time that a run will still take."""

from __future__ import annotations

from itertools import pairwise

import pytest

from dashboard.reads.live import remaining


def test_the_time_left_follows_the_speed_seen_lately() -> None:
    assert remaining([(0.0, 0), (10.0, 100)], 300) == pytest.approx(20.0)
    assert remaining([(0.0, 5)], 300) is None
    assert remaining([(0.0, 5), (9.0, 5)], 300) is None
    faster = [remaining([(0.0, 0), (1.0, n)], 1000) or 0 for n in (10, 20, 40)]
    assert all(a > b for a, b in pairwise(faster))


def test_a_silence_does_not_swell_the_time_left() -> None:
    """While a dispatcher is away, an estimate that grows by the second is no estimate."""
    before = [(float(t), 10 * t) for t in range(10)]
    silent = [(t, 90) for t in range(10, 60)]
    assert remaining([*before, *silent], 190) == pytest.approx(10.0)
    after = [(61.0, 100), (62.0, 110)]
    assert remaining([*before, *silent, *after[:1]], 190) is None, "measured anew"
    assert remaining([*before, *silent, *after], 190) == pytest.approx(8.0)
    slow = [(30.0 * i, i) for i in range(5)]
    assert remaining(slow, 8) == pytest.approx(120.0), "a run of slow steps is not silent"
