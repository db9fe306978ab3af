"""Answers that are kept: nobody sees the moment at which one grows too old."""

from __future__ import annotations

import pytest
from streamlit.runtime.caching import cache_utils

from dashboard.reads.caching import cached


def test_an_answer_that_grows_too_old_as_it_is_taken_is_read_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    seconds: list[float] = []  # what the clock will say, and say again at the end
    monkeypatch.setattr(
        cache_utils, "TTLCACHE_TIMER", lambda: seconds.pop(0) if seconds[1:] else seconds[0]
    )

    @cached(entries=5, seconds=1)
    def doubled(n: int) -> int:
        asked.append(n)
        return 2 * n

    seconds[:] = [0.0]
    assert [doubled(3), doubled(3)] == [6, 6]
    assert asked == [3], "the second answer is the first, kept"
    seconds[:] = [0.9, 1.1]  # it is there when it is asked for, and too old when it is taken
    assert doubled(3) == 6
    assert asked == [3, 3]
