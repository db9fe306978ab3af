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
