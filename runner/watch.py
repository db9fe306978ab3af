"""A watch on one attempt: whether its child has to be killed, as seen from the dispatcher.

Times are the dispatcher's own: the database's clock need not agree with it.
"""

from __future__ import annotations

import time
from datetime import datetime

from db.records import Run
from engine.messages import Message


class Watch:
    """What was last seen of an attempt, and since when."""

    def __init__(self, lease: float, grace: float) -> None:
        self._lease, self._grace = lease, grace
        self._renewed: tuple[datetime | None, float] = (None, time.monotonic())
        self._unwanted_since: float | None = None

    def why_kill(self, run: Run | None) -> Message | None:
        """Why the child must go now; None where it need not. `run` is None once it is another's."""
        now = time.monotonic()
        if run is None or run.cancel_requested or _over_time(run):
            self._unwanted_since = self._unwanted_since or now
            if now - self._unwanted_since >= self._grace:
                late = Message("it did not stop within {seconds:g} s of being asked to")
                return late.filled(seconds=self._grace)
        if run is not None:
            if run.lease_until != self._renewed[0]:
                self._renewed = (run.lease_until, now)
            if now - self._renewed[1] > self._lease:
                return Message("it was not heard of for {seconds:g} s", seconds=self._lease)
        return None


def _over_time(run: Run) -> bool:
    return run.time_limit is not None and run.seconds >= run.time_limit
