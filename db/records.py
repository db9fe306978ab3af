"""What the Store returns: frozen records, never ORM objects. Times are aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.config import RunConfig


class Status(StrEnum):
    """Where a run stands. Only the first two change any more."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    DIVERGED = "diverged"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (Status.QUEUED, Status.RUNNING)


class Shelf(StrEnum):
    """Where people put a run."""

    ACTIVE = "active"  # where lists look
    ARCHIVED = "archived"  # kept, out of the way
    DELETED = "deleted"  # until it is restored or purged


class EventKind(StrEnum):
    """What can happen to a run. The dashboard words each in the reader's language."""

    ENQUEUED = "enqueued"
    CLAIMED = "claimed"
    STARTED = "started"  # a child began to train; data: backend, reason, pid, host
    RESUMED = "resumed"  # from a checkpoint; data: step
    CHECKPOINT = "checkpoint"  # data: step
    LOST = "lost"  # the attempt died; data: reason
    REQUEUED = "requeued"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    KILLED = "killed"  # by its supervisor, after the grace a cancel gives; data: reason
    DIVERGED = "diverged"  # data: step
    FAILED = "failed"  # data: error
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Scores:
    """Loss and accuracy at one evaluation: the epoch's own on training, and on validation. Where
    the targets are not labels there is no accuracy."""

    step: int
    epoch: int
    loss: float | None
    accuracy: float | None
    val_loss: float | None
    val_accuracy: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run as lists and headers show it."""

    id: int
    uid: str  # the same in every database the run is copied to
    name: str
    owner: str
    status: Status
    config: RunConfig
    attempt: int  # 0 before the first claim; fences every write
    max_attempts: int
    priority: int
    cancel_requested: bool
    step: int
    steps: int
    parameters: int
    error: str | None
    created_at: datetime
    started_at: datetime | None  # of the current attempt
    ended_at: datetime | None
    lease_until: datetime | None
    worker: str | None  # host:pid of the training child
    last: Scores | None
    best: Scores | None  # with the highest validation accuracy, or lowest validation loss
    diverged_step: int | None
    tags: tuple[str, ...] = ()  # in the order of the alphabet
    noted: bool = False  # whether somebody wrote a note about it
    archived_at: datetime | None = None
    deleted_at: datetime | None = None

    @property
    def label(self) -> str:
        """What to call the run: its name, or its number."""
        return self.name or f"#{self.id}"

    @property
    def ended_early(self) -> bool:
        """Whether early stopping ended the run before its planned steps."""
        return self.status is Status.DONE and self.step < self.steps

    @property
    def progress(self) -> float:
        """The share of the way to the run's end: a run that is done is at it, stopped early or
        not."""
        return 1.0 if self.status is Status.DONE else min(1.0, self.step / max(1, self.steps))


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that a dispatcher has won: the attempt is the token that every write carries."""

    run_id: int
    attempt: int
    config: RunConfig


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The answer to a renewal or a write: whether the attempt is still the run's own, and whether
    it should stop."""

    alive: bool
    cancel: bool


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run."""

    id: int
    run_id: int
    attempt: int
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """What people wrote about a run, in Markdown: data, never markup to trust."""

    run_id: int
    text: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class View:
    """How somebody looked at runs, kept under a name: `state` is whatever the page gave."""

    id: int
    owner: str
    name: str
    state: Mapping[str, Any]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """A kept checkpoint, without its bytes."""

    id: int
    run_id: int
    step: int
    epoch: int
    created_at: datetime
    size: int  # bytes
    resumable: bool  # still holds the optimizer's slots


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of a list of runs, and how many there are in all."""

    runs: tuple[Run, ...]
    total: int
