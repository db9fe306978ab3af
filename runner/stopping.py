"""Ending in order: signals that ask a process to stop, heard between two pieces of work."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

_SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]


class Stop:
    """Whether this process was asked to stop, and a place to wait that wakes up when it is."""

    def __init__(self) -> None:
        self.requested = False
        self._news: SimpleQueue[None] = SimpleQueue()  # safe in signal handlers, unlike an Event

    def request(self) -> None:
        self.requested = True
        self.wake()

    def wake(self) -> None:
        """End a wait, from whatever thread."""
        self._news.put(None)

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until there is news; answers whether there is."""
        try:
            self._news.get(timeout=seconds)
        except Empty:
            return False
        return True

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """Hear Ctrl-C, SIGTERM and a closed terminal; the second of a kind ends the process."""

        def hear(number: int, _frame: FrameType | None) -> None:
            signal.signal(number, earlier[number])
            self.request()

        earlier: dict[int, Any] = {number: signal.signal(number, hear) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)
