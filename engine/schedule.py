"""When something is due: a schedule is `step -> bool`, dense at first, then sparse."""

from __future__ import annotations

from collections.abc import Callable

Schedule = Callable[[int], bool]


def dense_then_every(dense: int, every: int, last: int) -> Schedule:
    """Every step up to `dense`, then every `every`-th, and always the `last`."""
    return lambda step: step <= dense or step % every == 0 or step == last
