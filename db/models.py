"""The tables. Typed and wide, so that a question is one index range; `db/migrations` makes them.

History tables are clustered by their key on SQLite (`WITHOUT ROWID`) where rows are small: a run's
curve lies in one stretch of the file. Packed arrays make rows large, so those tables are not.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from db.records import EventKind, Request, Status, SweepState
from db.types import Json, Matrix, Number, Packed, UtcDateTime, Word

SPLITS = ("batch", "train", "validation")
QUANTITIES = ("activation", "gradient", "weight")
KINDS = (*QUANTITIES, "batch_norm")

NAME_LENGTH = 200
OWNER_LENGTH = 100
TAG_LENGTH = 100

_ACTIVE = "archived_at IS NULL AND deleted_at IS NULL"


class Base(DeclarativeBase):
    """The tables of layerlab, with names that both databases and every migration agree on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    __table__: ClassVar[Table]
    type_annotation_map = {datetime: UtcDateTime, float: Number}  # noqa: RUF012 (SQLAlchemy's way)


def _words(enum: type[StrEnum]) -> Enum:
    return Enum(enum, native_enum=False, length=20, values_callable=lambda e: [m.value for m in e])


def _index_where(condition: str, name: str | None, *columns: str) -> Index:
    """An index over those rows alone of which the condition holds."""
    rows = text(condition)
    return Index(name, *columns, sqlite_where=rows, postgresql_where=rows)


def _of_run() -> Mapped[int]:
    return mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)


class RunRow(Base):
    """A run: the durable queue and its state machine."""

    __tablename__ = "run"
    __table_args__ = (
        Index(None, "status", "owner"),  # claims, leases, depth
        Index(None, "owner"),
        Index(None, "created_at", "id"),
        Index(None, "ended_at"),
        Index(None, "sweep_id", "trial", "replicate", unique=True),
        # Holds what its condition asks, too: SQLite then counts runs by the index alone.
        _index_where(_ACTIVE, "ix_run_active", "created_at", "id", "archived_at", "deleted_at"),
        {"sqlite_autoincrement": True},  # a number is never given twice
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    status: Mapped[Status] = mapped_column(_words(Status))
    priority: Mapped[int]
    attempt: Mapped[int]  # fences every write
    max_attempts: Mapped[int]
    step: Mapped[int]
    steps: Mapped[int]
    parameters: Mapped[int] = mapped_column(BigInteger)
    program: Mapped[str] = mapped_column(String(40))  # the version of layerlab that made the run
    error: Mapped[str | None] = mapped_column(Text)
    worker: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    request: Mapped[Request | None] = mapped_column(_words(Request))
    seconds: Mapped[float] = mapped_column(server_default="0")  # of training, over all attempts
    time_limit: Mapped[float | None]
    gpu: Mapped[bool] = mapped_column(server_default=false())
    sweep_id: Mapped[int | None]
    trial: Mapped[int | None]
    replicate: Mapped[int | None]
    parent_id: Mapped[int | None]  # the number stays when that run is gone
    parent_step: Mapped[int | None]


class ConfigRow(Base):
    """A run's configuration, apart from the run: lists filter and sort without reading past it."""

    __tablename__ = "run_config"

    run_id: Mapped[int] = _of_run()
    config: Mapped[str] = mapped_column(Text)  # RunConfig as JSON


class SummaryRow(Base):
    """The newest and the best evaluation of a run, so that lists never scan its history."""

    __tablename__ = "run_summary"
    __table_args__ = tuple(  # lists are sorted by these
        Index(None, score, "run_id")
        for score in (
            "last_loss",
            "last_accuracy",
            "last_val_loss",
            "last_val_accuracy",
            "best_val_loss",
            "best_val_accuracy",
        )
    )

    run_id: Mapped[int] = _of_run()
    last_step: Mapped[int | None]
    last_epoch: Mapped[int | None]
    last_loss: Mapped[float | None]
    last_accuracy: Mapped[float | None]
    last_val_loss: Mapped[float | None]
    last_val_accuracy: Mapped[float | None]
    best_step: Mapped[int | None]
    best_epoch: Mapped[int | None]
    best_loss: Mapped[float | None]
    best_accuracy: Mapped[float | None]
    best_val_loss: Mapped[float | None]
    best_val_accuracy: Mapped[float | None]
    diverged_step: Mapped[int | None]


class ParamRow(Base):
    """One hyperparameter of a run: numbers as numbers, so that 10 sorts after 9."""

    __tablename__ = "run_param"
    __table_args__ = (
        _index_where("text IS NOT NULL", None, "text", "run_id"),
        _index_where("number IS NOT NULL", None, "name", "number", "run_id"),
        _index_where("text IS NOT NULL", None, "name", "text", "run_id"),
        _index_where("flag IS NOT NULL", None, "name", "flag", "run_id"),
        {"sqlite_with_rowid": False},
    )

    run_id: Mapped[int] = _of_run()
    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    place: Mapped[int]  # in the order of the configuration, where layer 10 comes after layer 9
    number: Mapped[float | None]
    text: Mapped[str | None] = mapped_column(Text)
    flag: Mapped[bool | None]


class TagRow(Base):
    """A word that people put on a run, to find it by."""

    __tablename__ = "tag"
    __table_args__ = (Index(None, "name", "run_id"), {"sqlite_with_rowid": False})

    run_id: Mapped[int] = _of_run()
    name: Mapped[str] = mapped_column(String(TAG_LENGTH), primary_key=True)


class NoteRow(Base):
    """What people write about a run, in Markdown."""

    __tablename__ = "note"

    run_id: Mapped[int] = _of_run()
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime]


class ViewRow(Base):
    """How somebody looked at runs: whatever a page needs to look so again."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("owner", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    state: Mapped[dict[str, Any]] = mapped_column(Json)
    changed_at: Mapped[datetime]


class EventRow(Base):
    """Something that happened to a run."""

    __tablename__ = "run_event"
    __table_args__ = (Index(None, "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[EventKind] = mapped_column(_words(EventKind))
    data: Mapped[dict[str, Any]] = mapped_column(Json)


class LogRow(Base):
    """Lines that an attempt printed or logged; old ones go where a run has too many."""

    __tablename__ = "run_log"
    __table_args__ = (Index(None, "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Text)


class QueueRow(Base):
    """The queue as a whole: one row."""

    __tablename__ = "queue"

    id: Mapped[int] = mapped_column(primary_key=True)
    paused: Mapped[bool]
    owner_limit: Mapped[int | None]
    slots: Mapped[int]
    seen_at: Mapped[datetime | None]


class SweepRow(Base):
    """Many runs of one question: its definition and what people decided about it."""

    __tablename__ = "sweep"
    __table_args__ = (Index(None, "state"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(Uuid(as_uuid=False), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    state: Mapped[SweepState] = mapped_column(_words(SweepState))
    priority: Mapped[int]
    definition: Mapped[str] = mapped_column(Text)  # SweepConfig as JSON
    created_at: Mapped[datetime]


class TrialRow(Base):
    """One point of a sweep: the values that its runs share."""

    __tablename__ = "trial"

    sweep_id: Mapped[int] = mapped_column(
        ForeignKey("sweep.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(Json)


def _best_by(score: str) -> Index:
    """Finds the best validation step of a run at once."""
    validation = f"split = {SPLITS.index('validation')}"
    return _index_where(validation, f"ix_metric_best_{score}", "run_id", score, "step")


class MetricRow(Base):
    """Loss and accuracy of one split at one step; no accuracy where targets are not labels."""

    __tablename__ = "metric"
    __table_args__ = (_best_by("accuracy"), _best_by("loss"), {"sqlite_with_rowid": False})

    run_id: Mapped[int] = _of_run()
    split: Mapped[str] = mapped_column(Word(SPLITS), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    loss: Mapped[float]
    accuracy: Mapped[float | None]


class LayerStatRow(Base):
    """What one layer did in one step: one column per statistic of
    `engine.records.LayerStatistics`."""

    __tablename__ = "layer_stat"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = _of_run()
    step: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    activation_mean: Mapped[float]
    activation_std: Mapped[float]
    saturated: Mapped[float | None]
    dead: Mapped[float | None]
    gradient_std: Mapped[float]
    gradient_norm: Mapped[float | None]
    weight_norm: Mapped[float | None]
    update_ratio: Mapped[float | None]


class BlockRow(Base):
    """What was recorded inside one layer at `steps`, of which `step` is the last (db/blocks.py)."""

    __tablename__ = "layer_block"

    run_id: Mapped[int] = _of_run()
    kind: Mapped[str] = mapped_column(Word(KINDS), primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    first_step: Mapped[int]
    steps: Mapped[NDArray[np.int32]] = mapped_column(Packed("<i4"))
    data: Mapped[bytes] = mapped_column(LargeBinary)


class HistogramRow(Base):
    """Counts between `low` and `high`, as they were kept before revision 0005: rows of their own
    are still read, and name the columns of an exported file."""

    __tablename__ = "histogram"

    run_id: Mapped[int] = _of_run()
    quantity: Mapped[str] = mapped_column(Word(QUANTITIES), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)
    low: Mapped[float]
    high: Mapped[float]
    counts: Mapped[NDArray[np.uint32]] = mapped_column(Packed("<u4"))


class BatchNormRow(Base):
    """A BN layer at one step, a value per channel in each array: as before revision 0005, too."""

    __tablename__ = "batch_norm"

    run_id: Mapped[int] = _of_run()
    layer: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    gamma: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))
    beta: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))
    running_mean: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))
    running_var: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))
    batch_mean: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))
    batch_var: Mapped[NDArray[np.float64]] = mapped_column(Packed("<f8"))


class BatchStatisticRow(Base):
    """What a BN layer normalized with in the steps from `first_step` to `step`, one row per
    step."""

    __tablename__ = "batch_statistic"

    run_id: Mapped[int] = _of_run()
    layer: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    first_step: Mapped[int]
    counts: Mapped[NDArray[np.uint32]] = mapped_column(Packed("<u4"))
    mean: Mapped[NDArray[np.floating]] = mapped_column(Matrix)
    var: Mapped[NDArray[np.floating]] = mapped_column(Matrix)


class CheckpointRow(Base):
    """A run's state after a step. The bytes come last: SQLite skips them when listing.

    Without bytes it is one that training makes again. `resumable` says that the bytes hold the
    optimizer's slots, as they did before revision 0005; since then these have a table of their own.
    """

    __tablename__ = "checkpoint"
    __table_args__ = (
        Index(None, "run_id", "step", unique=True),
        {"sqlite_autoincrement": True},  # a link to a deleted checkpoint never shows another
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    attempt: Mapped[int]
    step: Mapped[int]
    epoch: Mapped[int]
    created_at: Mapped[datetime]
    resumable: Mapped[bool]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[bytes] = mapped_column(LargeBinary)


class SlotsRow(Base):
    """The optimizer's slots of a checkpoint that a run can go on from."""

    __tablename__ = "checkpoint_slots"

    checkpoint_id: Mapped[int] = mapped_column(
        ForeignKey("checkpoint.id", ondelete="CASCADE"), primary_key=True
    )
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    state: Mapped[bytes] = mapped_column(LargeBinary)


HISTORY = (MetricRow, LayerStatRow, HistogramRow, BatchNormRow, BatchStatisticRow)
"""What training wrote, by step: all of it is cut back when a run resumes from an earlier one."""
