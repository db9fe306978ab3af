"""Timing contestants fairly on a noisy machine: in turn, many short rounds, the median of each."""

from __future__ import annotations

import time
from collections.abc import Mapping
from statistics import median
from typing import Protocol

PATIENCE = 5.0


class Contestant(Protocol):
    """Something that can do `count` steps."""

    def steps(self, count: int) -> None: ...


def medians(
    contestants: Mapping[str, Contestant], *, rounds: int, seconds: float
) -> dict[str, float]:
    """The median milliseconds per step of each contestant."""
    times = in_turn(contestants, rounds=rounds, seconds=seconds)
    return {name: median(values) for name, values in times.items()}


def in_turn(
    contestants: Mapping[str, Contestant], *, rounds: int, seconds: float
) -> dict[str, list[float]]:
    """The milliseconds per step of each contestant in every round of about `seconds`.

    One that takes longer than `PATIENCE` seconds for its first step, in which it may compile
    itself, and for its second is timed by that alone.
    """
    times = {name: [_first_or_second(contestant)] for name, contestant in contestants.items()}
    quick = {n: each for n, each in contestants.items() if times[n][0] < 1e3 * PATIENCE}
    counts = {name: _count_for(contestant, seconds) for name, contestant in quick.items()}
    times |= {name: [] for name in quick}
    for _ in range(rounds):
        for name, contestant in quick.items():
            times[name].append(_milliseconds(contestant, counts[name]))
    return times


def _first_or_second(contestant: Contestant) -> float:
    first = _milliseconds(contestant, 1)
    return first if first < 1e3 * PATIENCE else _milliseconds(contestant, 1)


def _count_for(contestant: Contestant, seconds: float) -> int:
    """How many steps take about `seconds`, after a warm-up."""
    contestant.steps(3)
    return max(1, round(seconds * 1e3 / _milliseconds(contestant, 3)))


def _milliseconds(contestant: Contestant, count: int) -> float:
    start = time.perf_counter()
    contestant.steps(count)
    return (time.perf_counter() - start) / count * 1e3
