"""What the Store returns: frozen records, never ORM objects. Times are aware datetimes in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from math import inf, isfinite
from statistics import fmean, stdev
from typing import TYPE_CHECKING, Any, TypedDict

from db.rights import Action, Role
from engine.config import RunConfig
from engine.datasets.base import FromFile
from engine.layers import BatchNorm
from engine.sweeps.config import SweepConfig

if TYPE_CHECKING:
    from engine.lessons.lesson import Lesson

SIGN_OF_LIFE = 10.0
"""Seconds between two heartbeats of a dispatcher."""


class Status(StrEnum):
    """Where a run stands. The first three change by themselves or when asked to; the others are
    ends, from which only `Queue.retry` leads back."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"  # by a person: it waits to be resumed, and goes on from its checkpoint
    DONE = "done"
    DIVERGED = "diverged"
    FAILED = "failed"
    STOPPED = "stopped"  # by a rule, before its end: its time limit, or its sweep's pruning
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        return self not in (Status.QUEUED, Status.RUNNING, Status.PAUSED)


class Request(StrEnum):
    """What a running run has been asked to do: each stops it after a last checkpoint."""

    CANCEL = "cancel"
    PAUSE = "pause"
    PRUNE = "prune"  # by its sweep's pruning


class SweepState(StrEnum):
    """What people decided about a sweep; whether its runs have ended, the runs themselves say."""

    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Shelf(StrEnum):
    """Where people put a run."""

    ACTIVE = "active"  # where lists look
    ARCHIVED = "archived"  # kept, out of the way
    DELETED = "deleted"  # until it is restored or purged


class Search(TypedDict, total=False):
    """Which runs are looked for: those that fulfil all that is said, on the active shelf unless
    another or None, for all of them, is named (`db.search.conditions`)."""

    text: str  # words, each of which is in a run's name, owner, number or hyperparameters
    statuses: Iterable[Status]
    owner: str | None
    shelf: Shelf | None
    query: str  # in the query language (`db.query`)
    zone: tzinfo | None  # of the dates in the query, by default this machine's


class EventKind(StrEnum):
    """What can happen to a run. The dashboard words each in the reader's language."""

    ENQUEUED = "enqueued"
    BRANCHED = "branched"  # from another run's checkpoint; data: parent, step
    WAITING = "waiting"  # no worker has what it needs; data: reason
    CLAIMED = "claimed"  # data: after, where the process that had ended another run took it
    STARTED = "started"  # a child began to train; data: backend, reason, pid, host
    RESUMED = "resumed"  # from a checkpoint; data: step
    CHECKPOINT = "checkpoint"  # data: step
    DAMAGED = "damaged"  # a checkpoint, passed over when the run resumed; data: step
    LOST = "lost"  # the attempt died; data: reason
    REQUEUED = "requeued"
    CANCEL_REQUESTED = "cancel_requested"
    CANCELLED = "cancelled"
    PAUSE_REQUESTED = "pause_requested"  # data: by
    PAUSED = "paused"
    UNPAUSED = "unpaused"  # data: by
    RETRIED = "retried"  # after its end; data: by
    PRIORITY = "priority"  # data: by, priority
    KILLED = "killed"  # the attempt's process, by its supervisor; data: reason
    PRUNE_REQUESTED = "prune_requested"  # by its sweep; data: reason
    STOPPED = "stopped"  # by a rule; data: error, step
    DIVERGED = "diverged"  # data: step
    FAILED = "failed"  # data: error
    DONE = "done"
    IMPORTED = "imported"  # from a file; data: program, the version that wrote it


@dataclass(frozen=True, slots=True)
class Scores:
    """Loss and accuracy at one evaluation. `loss` and `accuracy` are the epoch's own means over its
    batches, in training mode while the weights moved; `val_` and `train_` those on the validation
    samples and on a sample of the training set, both in inference mode by the same weights.
    `mean_loss` is the mean of all epochs' losses so far: low where a network learned early.

    Where the targets are not labels there is no accuracy but R², the share of their variance that
    is explained; runs from before `train_` or R² were recorded have none."""

    step: int
    epoch: int
    loss: float | None
    accuracy: float | None
    val_loss: float | None
    val_accuracy: float | None
    train_loss: float | None = None
    train_accuracy: float | None = None
    mean_loss: float | None = None
    val_r2: float | None = None
    train_r2: float | None = None

    @property
    def gap(self) -> float | None:
        """The generalization gap: by how much it is more accurate on training samples."""
        return _difference(self.train_accuracy, self.val_accuracy)

    @property
    def loss_gap(self) -> float | None:
        """The generalization gap in loss: by how much it is larger on validation."""
        return _difference(self.val_loss, self.train_loss)


def _difference(larger: float | None, smaller: float | None) -> float | None:
    both = larger is not None and smaller is not None and isfinite(larger) and isfinite(smaller)
    return larger - smaller if both else None  # type: ignore[operator]


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
    step: int
    steps: int
    parameters: int
    error: str | None  # in English, to search in; `Runs.why_ended` has the message
    created_at: datetime
    started_at: datetime | None  # of the current attempt
    ended_at: datetime | None
    lease_until: datetime | None
    worker: str | None  # host:pid of the training child
    last: Scores | None
    best: Scores | None  # with the highest validation accuracy, or lowest validation loss
    diverged_step: int | None
    baseline_loss: float | None = None  # validation loss of predicting the training targets' mean
    request: Request | None = None  # what a running run was asked to do
    seconds: float = 0.0  # of training so far, over all attempts
    time_limit: float | None = None  # in seconds of training
    gpu: bool = False  # whether it trains on a GPU only
    sweep_id: int | None = None
    trial: int | None = None  # of its sweep, from 0
    replicate: int | None = None  # of its trial, from 0: one seed each
    parent_id: int | None = None  # the run that it goes on from,
    parent_step: int | None = None  # and after which step
    tags: tuple[str, ...] = ()  # in the order of the alphabet
    noted: bool = False  # whether somebody wrote a note about it
    archived_at: datetime | None = None
    deleted_at: datetime | None = None
    person_id: int | None = None  # who launched or imported it, where somebody was signed in

    @property
    def cancel_requested(self) -> bool:
        return self.request is Request.CANCEL

    @property
    def shelf(self) -> Shelf:
        """Where people have put it."""
        if self.deleted_at is not None:
            return Shelf.DELETED
        return Shelf.ACTIVE if self.archived_at is None else Shelf.ARCHIVED

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

    @property
    def final_step(self) -> int:
        """The step at which the run ended, or is planned to end."""
        return self.step if self.status.ended else self.steps

    @property
    def steps_per_epoch(self) -> int:
        """Steps that one pass over the training samples takes."""
        return max(1, self.steps // self.config.epochs)

    @property
    def has_batch_norm(self) -> bool:
        """Whether any layer of the run's stack is a BN layer."""
        return any(isinstance(layer, BatchNorm) for layer in self.config.layers)


Attempt = tuple[int, int]
"""A run and the number of an attempt at it: no other attempt ever has both."""

AFTER = "after"
"""In what an event says of a claim: the `Attempt` that the process was given first which then took
this run by itself."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that was won: the attempt is the token that every write carries."""

    run_id: int
    attempt: int
    config: RunConfig


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The answer to a renewal or a write: whether the attempt is still the run's own, and what it
    is asked to do."""

    alive: bool
    request: Request | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a run."""

    id: int
    run_id: int
    attempt: int
    at: datetime
    kind: EventKind
    data: Mapping[str, Any]  # `reason` and `error` are messages


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
class KeptData:
    """A version of data that somebody added under a name: the data set to begin with, what was
    found of it, and its files with their sizes."""

    id: int
    name: str
    version: int
    owner: str
    added_at: datetime
    dataset: FromFile
    about: Mapping[str, Any]
    files: Mapping[str, int]

    @property
    def content(self) -> str:
        return self.dataset.content

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self.files.values())


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in, by what their provider (`issuer`) calls them (`subject`)."""

    id: int
    issuer: str
    subject: str
    name: str  # unlike everybody else's
    role: Role
    disabled: bool
    sessions_valid_after: datetime  # whoever signed in before that signs in again
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the audit: who did what to which thing, with what was there before and after."""

    id: int
    at: datetime
    person_id: int | None  # None for the command line
    name: str
    action: Action
    kind: str
    key: str  # a number, or what else the kind is known by
    before: Mapping[str, Any] | None  # None where it is new
    after: Mapping[str, Any] | None  # None where it is gone


@dataclass(frozen=True, slots=True)
class LessonClass:
    """People who answer the same lessons together."""

    key: str  # in links
    name: str
    owner: str
    lessons: tuple[str, ...]  # their keys
    until: datetime | None
    created_at: datetime

    @property
    def over(self) -> bool:
        return self.until is not None and self.until < datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Prediction:
    """What somebody expects of a lesson: which of its choices, counted from 0."""

    lesson: str
    person: str
    choice: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LessonRun:
    """A run that answers a lesson: of which arm, counted from 0, and with which seed."""

    run: Run
    arm: int
    seed: int


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A score of a lesson's arm after an epoch: its mean over n runs, and the standard deviation
    (n - 1) where there are two."""

    arm: int
    epoch: int
    n: int
    mean: float
    spread: float | None


@dataclass(frozen=True, slots=True)
class LessonDone:
    """How far people are with a lesson."""

    predictions: int
    seeds: int


@dataclass(frozen=True, slots=True)
class Member:
    """Which lessons somebody of a class predicted and ran, by their keys."""

    predicted: frozenset[str]
    ran: frozenset[str]


@dataclass(frozen=True, slots=True)
class WrittenLesson:
    """A lesson that somebody wrote."""

    lesson: Lesson
    owner: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class CheckpointInfo:
    """A checkpoint, without its bytes."""

    id: int
    run_id: int
    step: int
    epoch: int
    created_at: datetime
    size: int  # bytes; 0 where none are kept, for training makes it again in a moment
    resumable: bool  # holds the optimizer's slots


@dataclass(frozen=True, slots=True)
class Sweep:
    """Many runs of one question."""

    id: int
    uid: str
    name: str
    owner: str
    state: SweepState
    priority: int
    config: SweepConfig
    created_at: datetime
    proposed: int  # trials so far, of `config.trials`
    counts: Mapping[Status, int]  # its runs, by how they stand
    person_id: int | None = None  # who launched or imported it, where somebody was signed in

    @property
    def label(self) -> str:
        """What to call the sweep: its name, or its number."""
        return self.name or f"sweep {self.id}"

    @property
    def runs(self) -> int:
        """How many runs it will have made when it is through."""
        made = sum(self.counts.values())
        if self.state is SweepState.CANCELLED:
            return made
        return made + (self.config.trials - self.proposed) * self.config.seeds

    @property
    def ended_runs(self) -> int:
        return sum(n for status, n in self.counts.items() if status.ended)

    @property
    def ended(self) -> bool:
        """Whether nothing of it waits, trains or is yet to be proposed."""
        return self.ended_runs == self.runs

    @property
    def progress(self) -> float:
        """The share of its runs that have ended."""
        return self.ended_runs / self.runs if self.runs else 1.0

    def ranked(self, trials: Iterable[Trial]) -> list[Trial]:
        """Its points, the best mean first, those without one last."""
        sign = 1 if self.config.minimizes else -1

        def rank(trial: Trial) -> tuple[float, int]:
            return (inf if trial.mean is None else sign * trial.mean, trial.number)

        return sorted(trials, key=rank)


@dataclass(frozen=True, slots=True)
class SweepPlan:
    """What a sweep would come to, before it is launched."""

    trials: int
    runs: int
    steps: int  # of all its runs; those yet to be proposed count as the base does
    seconds: float | None  # until it ended, were the queue empty; None where nothing was timed yet


@dataclass(frozen=True, slots=True)
class Trial:
    """One point of a sweep, and what its runs came to: each with a seed of its own."""

    number: int
    values: Mapping[str, Any]  # by the names of the sweep's axes
    run_ids: tuple[int, ...]
    counts: Mapping[Status, int]
    scores: tuple[float, ...]  # of the runs that are done, by the sweep's objective
    last_loss: float | None  # the newest validation loss of the worst run that was given up

    @property
    def mean(self) -> float | None:
        return fmean(self.scores) if self.scores else None

    @property
    def spread(self) -> float | None:
        """The standard deviation over seeds (n - 1); None for fewer than two."""
        return stdev(self.scores) if len(self.scores) > 1 else None

    @property
    def ended(self) -> bool:
        return all(status.ended for status, n in self.counts.items() if n)


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something that an attempt printed or logged."""

    id: int
    attempt: int
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class QueueState:
    """The queue as a whole."""

    paused: bool  # nothing more begins; what runs goes on
    owner_limit: int | None  # how many runs of one owner may train at a time
    slots: int  # how many runs could train at a time when a dispatcher last said so
    seen_at: datetime | None  # when that was

    @property
    def silence(self) -> float:
        """Seconds since the last heartbeat of a dispatcher."""
        if self.seen_at is None:
            return inf
        return max(0.0, (datetime.now(UTC) - self.seen_at).total_seconds())

    @property
    def served(self) -> bool:
        """Whether a dispatcher is at work, as far as can be seen."""
        return self.silence < 3 * SIGN_OF_LIFE


@dataclass(frozen=True, slots=True)
class Expectation:
    """When a run is expected to begin and to end, in seconds from now."""

    begins: float  # 0 where it has
    ends: float


@dataclass(frozen=True, slots=True)
class Tally:
    """A score over several runs: of how many, their mean, and the standard deviation (n - 1) where
    there are two. What is not finite is not counted."""

    n: int
    mean: float | None
    spread: float | None


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Runs that have one value in common, or all but the seed. Those of them that are `copies` of
    others are in no score."""

    value: float | str | bool | None
    run_ids: tuple[int, ...]
    copies: int
    counts: Mapping[Status, int]
    scores: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One page of groups, and how many there are in all."""

    groups: tuple[RunGroup, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of a list of runs, and how many there are in all."""

    runs: tuple[Run, ...]
    total: int
