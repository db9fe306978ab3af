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
from db.rights import Action, Role
from db.types import Json, Matrix, Number, Packed, UtcDateTime, Word
from engine.layer_statistics import STATISTICS

SPLITS = ("batch", "train", "validation", "train_sample")
QUANTITIES = ("activation", "gradient", "weight")
KINDS = (*QUANTITIES, "batch_norm")

NAME_LENGTH = 200
OWNER_LENGTH = 100
TAG_LENGTH = 100
LESSON_LENGTH = 40  # the key of a lesson or a class
SCOPE_LENGTH = OWNER_LENGTH + 1
ARMS_LENGTH = 16
SUBJECT_LENGTH = 255
KEY_LENGTH = LESSON_LENGTH + 1 + SCOPE_LENGTH  # of what was changed: a prediction's is longest

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
    person_id: Mapped[int | None]  # who launched or imported it, where somebody was signed in


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
            "last_train_loss",
            "last_train_accuracy",
            "last_mean_loss",
            "best_val_loss",
            "best_val_accuracy",
            "last_val_r2",
            "last_train_r2",
            "best_val_r2",
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
    last_train_loss: Mapped[float | None]
    last_train_accuracy: Mapped[float | None]
    last_mean_loss: Mapped[float | None]
    best_train_loss: Mapped[float | None]
    best_train_accuracy: Mapped[float | None]
    best_mean_loss: Mapped[float | None]
    last_val_r2: Mapped[float | None]
    last_train_r2: Mapped[float | None]
    best_val_r2: Mapped[float | None]
    best_train_r2: Mapped[float | None]
    baseline_loss: Mapped[float | None]  # on validation, of predicting the training targets' mean


class TrainedOnRow(Base):
    """What a run trains on: the fingerprint of its data, and with it, as JSON, their shapes and
    names and the fitted scaling (`engine/trained_on.py`). A run that never began has none."""

    __tablename__ = "run_data"
    __table_args__ = (Index(None, "fingerprint", "run_id"),)  # the runs of the same data

    run_id: Mapped[int] = _of_run()
    fingerprint: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(Text)


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
    person_id: Mapped[int | None]  # who made it, where somebody was signed in


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
    person_id: Mapped[int | None]  # who made it, where somebody was signed in


class TrialRow(Base):
    """One point of a sweep: the values that its runs share."""

    __tablename__ = "trial"

    sweep_id: Mapped[int] = mapped_column(
        ForeignKey("sweep.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    values: Mapped[dict[str, Any]] = mapped_column(Json)


class LessonRow(Base):
    """A lesson that somebody wrote; those that come with layerlab are in no table."""

    __tablename__ = "lesson"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(LESSON_LENGTH), unique=True)
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    document: Mapped[str] = mapped_column(Text)  # Lesson as JSON
    changed_at: Mapped[datetime]
    person_id: Mapped[int | None]  # who made it, where somebody was signed in


class ClassRow(Base):
    """People who answer the same lessons together, until a moment where one is set."""

    __tablename__ = "lesson_class"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(LESSON_LENGTH), unique=True)  # in links
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    lessons: Mapped[str] = mapped_column(Text)  # their keys, separated by spaces
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    person_id: Mapped[int | None]  # who made it, where somebody was signed in


class PersonRow(Base):
    """Somebody who signs in: known by what their provider calls them, never by their name."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        UniqueConstraint("name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    name: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    role: Mapped[Role] = mapped_column(_words(Role))
    disabled: Mapped[bool]
    sessions_valid_after: Mapped[datetime]  # whoever signed in before that signs in again
    created_at: Mapped[datetime]


class AuditRow(Base):
    """A change that somebody made: what stood there before and after. Names are those of then."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "kind", "key", "id"),
        Index(None, "person_id", "id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[int | None]
    name: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    action: Mapped[Action] = mapped_column(_words(Action))
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


class PredictionRow(Base):
    """What somebody expects of a lesson. The scope is a class, or one person alone."""

    __tablename__ = "prediction"

    lesson: Mapped[str] = mapped_column(String(LESSON_LENGTH), primary_key=True)
    scope: Mapped[str] = mapped_column(String(SCOPE_LENGTH), primary_key=True)
    person: Mapped[str] = mapped_column(String(OWNER_LENGTH), primary_key=True)
    choice: Mapped[int]
    at: Mapped[datetime]


class SeedRow(Base):
    """The next seed that nobody of a scope has run a lesson's arms with."""

    __tablename__ = "lesson_seed"

    lesson: Mapped[str] = mapped_column(String(LESSON_LENGTH), primary_key=True)
    scope: Mapped[str] = mapped_column(String(SCOPE_LENGTH), primary_key=True)
    arms: Mapped[str] = mapped_column(String(ARMS_LENGTH), primary_key=True)
    next: Mapped[int]


class LessonRunRow(Base):
    """A run that answers a lesson: of which arm, with which seed, for whom."""

    __tablename__ = "lesson_run"
    __table_args__ = (Index(None, "lesson", "scope", "arms", "arm", "seed", unique=True),)

    run_id: Mapped[int] = _of_run()
    lesson: Mapped[str] = mapped_column(String(LESSON_LENGTH))
    scope: Mapped[str] = mapped_column(String(SCOPE_LENGTH))
    arms: Mapped[str] = mapped_column(String(ARMS_LENGTH))
    arm: Mapped[int]
    seed: Mapped[int]


def _best_by(score: str) -> Index:
    """Finds the best validation step of a run at once."""
    validation = f"split = {SPLITS.index('validation')}"
    return _index_where(validation, f"ix_metric_best_{score}", "run_id", score, "step")


class MetricRow(Base):
    """Loss and accuracy of one split at one step; no accuracy where targets are not labels, and R²
    where they are numbers and inference is scored."""

    __tablename__ = "metric"
    __table_args__ = (_best_by("accuracy"), _best_by("loss"), {"sqlite_with_rowid": False})

    run_id: Mapped[int] = _of_run()
    split: Mapped[str] = mapped_column(Word(SPLITS), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    epoch: Mapped[int]
    loss: Mapped[float]
    accuracy: Mapped[float | None]
    r2: Mapped[float | None]


class LayerStatRow(Base):
    """What one layer did in one step: beside its key, a column per statistic that is declared
    (`engine/layer_statistics.py`)."""

    __tablename__ = "layer_stat"
    __table_args__ = ({"sqlite_with_rowid": False},)

    run_id: Mapped[int] = _of_run()
    step: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[int] = mapped_column(primary_key=True)


for _each in STATISTICS:
    setattr(LayerStatRow, _each.name, mapped_column(Number, nullable=not _each.always))


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


class ContentRow(Base):
    """What a file that people added holds: there whole, once any version names it."""

    __tablename__ = "data_content"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    written_at: Mapped[datetime]  # by whoever writes it, or has found it here


class PortionRow(Base):
    """A portion of a content: so many that no statement and no transaction is large."""

    __tablename__ = "data_portion"

    sha256: Mapped[str] = mapped_column(
        ForeignKey("data_content.sha256", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DataRow(Base):
    """A version of a data set under its name: `content` is that of all its files together."""

    __tablename__ = "data_version"
    __table_args__ = (
        UniqueConstraint("name", "version"),
        Index(None, "content"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    version: Mapped[int]
    owner: Mapped[str] = mapped_column(String(OWNER_LENGTH))
    added_at: Mapped[datetime]
    content: Mapped[str] = mapped_column(String(64))
    spec: Mapped[str] = mapped_column(Text)  # the data set to begin with, as JSON
    about: Mapped[dict[str, Any]] = mapped_column(Json)
    person_id: Mapped[int | None]  # who made it, where somebody was signed in


class DataFileRow(Base):
    """A file of a version."""

    __tablename__ = "data_file"
    __table_args__ = (Index(None, "sha256"),)

    version_id: Mapped[int] = mapped_column(
        ForeignKey("data_version.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("data_content.sha256"))


HISTORY = (MetricRow, LayerStatRow, HistogramRow, BatchNormRow, BatchStatisticRow)
"""What training wrote, by step: all of it is cut back when a run resumes from an earlier one."""
