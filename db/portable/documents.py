"""What a file says of runs and sweeps in JSON, checked field by field as it is read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from db.enqueue import MOST_PRIORITY
from db.models import NAME_LENGTH, OWNER_LENGTH, TAG_LENGTH
from db.records import EventKind, Status, SweepState
from db.words import NOTE_LENGTH, clean, clean_lines, seen
from engine.errors import RuleError
from engine.messages import Message

_UID = r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"


def _storable(moment: datetime) -> datetime:
    if not 1970 <= moment.astimezone(UTC).year < 3000:
        raise RuleError(Message("no such time"))
    return moment


Uid = Annotated[str, Field(pattern=_UID)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Moment = Annotated[AwareDatetime, AfterValidator(_storable)]
Line = Annotated[str, AfterValidator(clean)]
Name = Annotated[str, AfterValidator(seen)]
Lines = Annotated[str, AfterValidator(clean_lines)]
Seconds = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]
Priority = Annotated[int, Field(ge=-MOST_PRIORITY, le=MOST_PRIORITY)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class InSweep(_Document):
    """Which run of a sweep it is."""

    uid: Uid
    trial: Count
    replicate: Count


class Parent(_Document):
    """The run that it goes on from, and after which step."""

    uid: Uid | None
    step: Count


class NoteDocument(_Document):
    text: Annotated[Lines, Field(max_length=NOTE_LENGTH)]
    changed_at: Moment


class EventDocument(_Document):
    attempt: Count
    at: Moment
    kind: EventKind
    data: dict[str, Any]


class LogDocument(_Document):
    attempt: Count
    at: Moment
    text: str


class CheckpointDocument(_Document):
    attempt: Count
    step: Count
    epoch: Count
    created_at: Moment
    resumable: bool
    kept: bool = True  # else the file has no bytes of it, for training makes it again


class RunDocument(_Document):
    """A run, without its configuration, history and checkpoints, which are members of their own."""

    uid: Uid
    name: Annotated[Name, Field(max_length=NAME_LENGTH)]
    owner: Annotated[Name, Field(max_length=OWNER_LENGTH)]
    status: Status
    priority: Priority
    attempt: Count
    max_attempts: Count
    step: Count
    steps: Count
    parameters: Annotated[int, Field(ge=0, le=2**63 - 1)]
    program: Annotated[Line, Field(max_length=40)]
    error: Lines | None
    worker: Annotated[Line, Field(max_length=300)] | None
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    seconds: Seconds
    time_limit: Seconds | None
    diverged_step: Count | None
    sweep: InSweep | None
    parent: Parent | None
    tags: list[Annotated[Name, Field(min_length=1, max_length=TAG_LENGTH)]]
    note: NoteDocument | None
    events: list[EventDocument]
    log: list[LogDocument]
    checkpoints: list[CheckpointDocument]
    baseline_loss: float | None = None
    data: dict[str, Any] | None = None  # what it trained on, as engine/trained_on.py writes it


class SweepDocument(_Document):
    """A sweep: its definition, and the points whose numbers its runs name."""

    uid: Uid
    name: Annotated[Name, Field(max_length=NAME_LENGTH)]
    owner: Annotated[Name, Field(max_length=OWNER_LENGTH)]
    state: SweepState
    priority: Priority
    created_at: Moment
    definition: dict[str, Any]
    trials: list[dict[str, Any]]


def folder_of(uid: str) -> str:
    """Where in the file a run lies."""
    assert re.fullmatch(_UID, uid), "uids are made by the program or were checked"
    return f"runs/{uid}"
