"""What travels between the dispatcher, a worker and the child that trains."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Self

from engine.messages import Message, verbatim

if TYPE_CHECKING:  # the database is slow to import, and workers do without
    from db.records import Attempt


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt at a run. The configuration and the checkpoint wait in the database."""

    run_id: int
    attempt: int
    database_url: str = field(repr=False)  # Dask logs what it is given, and this holds a password
    lease: float
    on_gpu: bool = False  # whether it takes a slot of a worker with a GPU
    interval: float = 10.0  # seconds of training that it may lose where it is killed
    goes_on: bool = False  # whether its child may take the next run by itself
    task: Attempt | None = None  # where the child has: the attempt that it was given first

    @property
    def key(self) -> Attempt:
        return self.run_id, self.attempt

    def followed_by(self, run_id: int, attempt: int) -> Self:
        """The same for a run that the child takes by itself."""
        return replace(self, run_id=run_id, attempt=attempt, task=self.task or self.key)

    def __str__(self) -> str:
        return f"run {self.run_id} (attempt {self.attempt})"


class EndingKind(StrEnum):
    """How a child ended its work on a job."""

    ENDED = "ended"  # and the database says how: done, diverged, failed or cancelled
    STOPPED = "stopped"  # asked to, after a last checkpoint; the run is to be queued again
    CUT_OFF = "cut off"  # the database was away for too long, which is not the run's fault
    LOST = "lost"  # the process died, or another attempt has the run


def unforeseen(error: Exception) -> Message:
    """What nobody expected, as Python names it."""
    return verbatim(f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class Ending:
    """How one attempt ended, as the log and the run's events say it."""

    kind: EndingKind
    detail: Message
    log: str = ""  # a traceback, for those who maintain the program
    used_gpu: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """One of the attempts that a child made one after another: which, where that is known, and how
    it ended."""

    job: Job | None
    ending: Ending
