"""Work on a batch in blocks of samples, several at a time.

A hundred feature maps are larger than a processor's cache. So a layer does all its work on a few
samples before it goes on to the next few, and inside `in_threads` threads share these blocks, since
NumPy releases the interpreter's lock in copies, functions and products. There are as many threads
as the BLAS may use: `OMP_NUM_THREADS` and its kin, by default a thread a core.

The blocks follow from the shapes alone, and what they give is combined in their order: the number
of threads changes no bit of a result. A GPU takes blocks so large that a batch is mostly one.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from functools import cache, reduce
from operator import add
from typing import Any, TypeVar

import numpy as np
from threadpoolctl import ThreadpoolController

from engine.backend import Array

Part = TypeVar("Part")
Result = TypeVar("Result")

CACHED = 65_536
"""Values of one array in a block: a few such arrays stay in a core's own cache."""
ON_DEVICE = 2**26
"""The same on a GPU, where only memory is short."""
SHARES = 16
"""Most sums that are kept apart, so at most so many threads can work on one."""


_threads: ContextVar[int | None] = ContextVar("threads", default=None)


def cut(xp: Any, samples: int, values: int, *, most: int | None = None) -> list[slice]:
    """So many samples in blocks, each sample `values` large and a block at most `most` (CACHED)."""
    largest = (most or CACHED) if xp is np else ON_DEVICE
    size = max(1, largest // max(1, values))
    return [slice(start, min(start + size, samples)) for start in range(0, samples, size)]


def shares(parts: Sequence[Part]) -> list[Sequence[Part]]:
    """Consecutive parts together, at most SHARES times: for work that sums large arrays."""
    size = max(1, -(-len(parts) // SHARES))
    return [parts[start : start + size] for start in range(0, len(parts), size)]


@contextmanager
def in_threads() -> Iterator[None]:
    """Inside, `each` works in threads, and they are the only ones.

    The BLAS takes one thread for as long: its own stay awake for tens of milliseconds after a
    product, waiting for the next, and would take half of the processor from ours.
    """
    if _threads.get():  # inside already
        yield
        return
    outside = _threads.set(_allowed_threads())
    try:
        with _blas().limit(limits=1):
            yield
    finally:
        _threads.reset(outside)


def each(xp: Any, work: Callable[[Part], Result], parts: Sequence[Part]) -> list[Result]:
    """What `work` gives for each part, in their order; threads take the parts as they come free."""
    threads = min(len(parts), _threads.get() or 1) if xp is np else 1
    if threads <= 1:
        return [work(part) for part in parts]
    waiting = deque(enumerate(parts))
    results: dict[int, Result] = {}

    def take_turns() -> None:
        while waiting:
            try:
                turn, part = waiting.popleft()
            except IndexError:  # another thread took the last
                return
            results[turn] = work(part)

    pool = _pool(os.getpid())
    others = [pool.submit(copy_context().run, take_turns) for _ in range(threads - 1)]
    take_turns()
    for thread in others:
        thread.result()
    return [results[turn] for turn in range(len(parts))]


def total(parts: Sequence[Array]) -> Array:
    """The sum of what the blocks gave, in their order."""
    return reduce(add, parts)


def _allowed_threads() -> int:
    found = [library.num_threads for library in _blas().lib_controllers]
    return min(found, default=os.cpu_count() or 1)


@cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")


@cache
def _pool(process: int) -> ThreadPoolExecutor:
    """This process's threads: a forked one inherits none."""
    return ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="layerlab-block")
