"""Lessons as they are answered: predictions, the seeds that runs take, and the runs themselves.

Whoever presses "run" takes the next seeds that nobody of the scope has: the number is taken in the
transaction that queues the runs, so that of two who press at one moment each gets seeds of their
own. A scope is a class, or one person alone. Runs are pooled by what their arms are
(`Lesson.arm_set`): where a later version of a lesson has other arms, its seeds begin anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Select, func, select

from db.bulk import insert_or_replace
from db.classes import open_class
from db.connection import Database, now
from db.enqueue import NewRun, add_runs, check_launch, rows_of
from db.forecast import seconds_for
from db.models import LessonRow, LessonRunRow, MetricRow, PredictionRow, RunRow, SeedRow
from db.records import CurvePoint, LessonDone, LessonRun, Member, Prediction, WrittenLesson
from db.rights import Action
from db.rows import run_of, select_runs
from db.words import clean_owner
from engine.errors import ConfigError
from engine.messages import Message

if TYPE_CHECKING:  # lessons are slow to import, and few processes need them
    from engine.lessons.figures import CurveScore, CurveSplit
    from engine.lessons.lesson import Lesson

MOST_SEEDS = 100
"""Seeds taken at a time."""
FINITE = 1e150  # beyond this a value is as good as infinite; its square would be


def scope_of(class_key: str | None, person: str) -> str:
    """The name of a class's scope, or of that of one person alone, which no class can have."""
    return class_key or f"~{clean_owner(person)}"


class Lessons:
    """What people expect of lessons, and the runs that answer them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(
        self, lesson: Lesson, *, owner: str, class_key: str | None = None, seeds: int = 1
    ) -> list[int]:
        """Queue a lesson's arms with the next seeds of its scope; the numbers of the runs.

        Raises ConfigError or DataError where an arm could never train, and ConfigError where there
        is no such class or it is over.
        """
        if not 1 <= seeds <= MOST_SEEDS:
            rule = Message("must lie between 1 and {most}", most=MOST_SEEDS)
            raise ConfigError.at(("seeds",), rule.got(seeds))
        owner, person_id = self._database.signed(owner), self._database.person_id
        check_launch(self._database)
        news = [
            NewRun(config=config, owner=owner, person_id=person_id, name=arm.name)
            for config, arm in zip(lesson.configs, lesson.arms, strict=True)
        ]
        rows = rows_of(news)
        place = {"lesson": lesson.key, "arms": lesson.arm_set()}
        with self._database.change(Action.LAUNCH) as connection:
            if class_key is not None:
                open_class(connection, class_key)
            place["scope"] = scope_of(class_key, owner)
            first = _take_seeds(connection, place, seeds)
            ids = _queue(connection, news, rows, place, range(first, first + seeds))
            self._database.made(connection, Action.LAUNCH, "run", ids)
            return ids

    def seconds(self, lesson: Lesson, *, seeds: int = 1) -> float | None:
        """How long so many seeds of a lesson would train on an empty queue; None where nothing was
        timed yet."""
        rows = rows_of([NewRun(config=config, owner="nobody") for config in lesson.configs])
        with self._database.read() as connection:
            return seconds_for(connection, rows * seeds)

    def runs(self, lesson: Lesson, *, owner: str, class_key: str | None = None) -> list[LessonRun]:
        """The runs that answer a lesson in a scope, by arm and seed; deleted ones left out."""
        row = LessonRunRow
        place = _place(lesson, owner, class_key)
        places = select(row.run_id, row.arm, row.seed).where(*place).order_by(row.arm, row.seed)
        these = RunRow.id.in_(select(row.run_id).where(*place))
        with self._database.read() as connection:
            found = {
                each.id: each
                for each in map(run_of, connection.execute(select_runs().where(these)))
                if each.deleted_at is None
            }
            wanted = connection.execute(places).all()
        return [LessonRun(found[i], arm, seed) for i, arm, seed in wanted if i in found]

    def curves(
        self,
        lesson: Lesson,
        score: CurveScore,
        split: CurveSplit,
        *,
        owner: str,
        class_key: str | None = None,
    ) -> list[CurvePoint]:
        """A score of each arm over the epochs: the mean over its runs in a scope. Values that are
        not finite are in no mean."""
        value = MetricRow.__table__.c[score]
        run, metric = LessonRunRow, MetricRow
        rows = (
            select(
                run.arm,
                metric.epoch,
                func.count(),
                func.avg(value),
                func.avg(value * value),
            )
            .join(MetricRow.__table__, metric.run_id == run.run_id)
            .join(RunRow.__table__, RunRow.id == run.run_id)
            .where(*_place(lesson, owner, class_key), RunRow.deleted_at.is_(None))
            .where(metric.split == split, value < FINITE, value > -FINITE)
            .group_by(run.arm, metric.epoch)
            .order_by(run.arm, metric.epoch)
        )
        with self._database.read() as connection:
            return [_point(*row) for row in connection.execute(rows)]

    def done(self, *, owner: str, class_key: str | None = None) -> dict[str, LessonDone]:
        """What has been done of each lesson in a scope, by its key: how many predicted it, and with
        how many seeds it was run."""
        scope = scope_of(class_key, owner)
        predicted = _counted(PredictionRow.lesson, PredictionRow.scope, func.count(), scope)
        seeds = func.count(LessonRunRow.seed.distinct())
        ran = _counted(LessonRunRow.lesson, LessonRunRow.scope, seeds, scope)
        with self._database.read() as connection:
            predictions = {row[0]: row[1] for row in connection.execute(predicted)}
            runs = {row[0]: row[1] for row in connection.execute(ran)}
        return {
            key: LessonDone(predictions.get(key, 0), runs.get(key, 0))
            for key in predictions.keys() | runs.keys()
        }

    def members(self, class_key: str) -> dict[str, Member]:
        """Who of a class predicted and ran which lessons, by their names."""
        predicted = select(PredictionRow.person, PredictionRow.lesson).where(
            PredictionRow.scope == class_key
        )
        ran = (
            select(RunRow.owner, LessonRunRow.lesson)
            .join(LessonRunRow.__table__, LessonRunRow.run_id == RunRow.id)
            .where(LessonRunRow.scope == class_key)
            .distinct()
        )
        found: dict[str, tuple[set[str], set[str]]] = {}
        with self._database.read() as connection:
            for i, rows in enumerate((predicted, ran)):
                for person, lesson in connection.execute(rows):
                    found.setdefault(person, (set(), set()))[i].add(lesson)
        return {name: Member(*map(frozenset, found[name])) for name in sorted(found)}

    def predict(
        self, lesson: Lesson, choice: int, *, person: str, class_key: str | None = None
    ) -> None:
        """Keep what somebody expects of a lesson; an earlier prediction of theirs is replaced.

        Raises ConfigError where the lesson has no such choice, or its class is over.
        """
        if not 0 <= choice < len(lesson.choices):
            rule = Message("must be at most {le}", le=len(lesson.choices) - 1)
            raise ConfigError.at(("choice",), rule.got(choice))
        person = self._database.signed(person)
        key = {
            "lesson": lesson.key,
            "scope": scope_of(class_key, person),
            "person": clean_owner(person),
        }
        with self._database.change(Action.PREDICT) as connection:
            if class_key is not None:
                open_class(connection, class_key)
            earlier = select(PredictionRow.choice).filter_by(**key)
            before = connection.execute(earlier).scalar()
            values = {"choice": choice, "at": now(connection)}
            new = insert_or_replace(connection, PredictionRow.__table__).values(key | values)
            connection.execute(new.on_conflict_do_update(index_elements=list(key), set_=values))
            self._database.noted(
                connection,
                Action.PREDICT,
                f"{key['lesson']} {key['scope']}",
                before=None if before is None else {"choice": before},
                after={"choice": choice},
            )

    def predictions(
        self, lesson: Lesson, *, person: str, class_key: str | None = None
    ) -> list[Prediction]:
        """What the people of a scope expect of a lesson, in the order in which they said so."""
        row = PredictionRow
        rows = (
            select(row.lesson, row.person, row.choice, row.at)
            .where(row.lesson == lesson.key, row.scope == scope_of(class_key, person))
            .order_by(row.at, row.person)
        )
        with self._database.read() as connection:
            return [Prediction(*found) for found in connection.execute(rows)]

    def write(self, lesson: Lesson, *, owner: str) -> None:
        """Keep a lesson that somebody wrote; their earlier one of that key is replaced.

        Raises ConfigError where the key is taken, or the lesson breaks a rule or is too large.
        """
        owner, document = clean_owner(self._database.signed(owner)), lesson.to_json()
        _read(document)  # nothing is kept that cannot be read
        taken = Message("must be one that no other lesson has").got(lesson.key)
        if _of_ours(lesson.key) is not None:
            raise ConfigError.at(("key",), taken)
        with self._database.change(Action.WRITE_LESSON, "lesson", [lesson.key]) as connection:
            values = {"document": document, "changed_at": now(connection)}
            whose = {"owner": owner, "person_id": self._database.person_id}
            new = insert_or_replace(connection, LessonRow.__table__).values(
                values | whose | {"key": lesson.key}
            )
            own = new.on_conflict_do_update(
                index_elements=["key"], set_=values, where=LessonRow.owner == owner
            )
            if connection.execute(own.returning(LessonRow.id)).first() is None:
                raise ConfigError.at(("key",), taken)

    def get(self, key: str) -> Lesson | None:
        """The lesson of that key: one of ours, or one that somebody wrote."""
        if (ours := _of_ours(key)) is not None:
            return ours
        row = select(LessonRow.document).where(LessonRow.key == key)
        with self._database.read() as connection:
            document = connection.execute(row).scalar()
        return None if document is None else _read(document)

    def written(self) -> list[WrittenLesson]:
        """The lessons that people wrote, by their keys; not those that this version cannot read,
        of which `get` says why."""
        rows = select(LessonRow.document, LessonRow.owner, LessonRow.changed_at)
        with self._database.read() as connection:
            found = connection.execute(rows.order_by(LessonRow.key)).all()
        return [
            WrittenLesson(lesson, owner, at)
            for document, owner, at in found
            if (lesson := _readable(document)) is not None
        ]


def _place(lesson: Lesson, owner: str, class_key: str | None) -> list[ColumnElement[bool]]:
    """Which runs answer a lesson in a scope."""
    return [
        LessonRunRow.lesson == lesson.key,
        LessonRunRow.scope == scope_of(class_key, owner),
        LessonRunRow.arms == lesson.arm_set(),
    ]


def _point(arm: int, epoch: int, n: int, mean: float, square: float) -> CurvePoint:
    spread = sqrt(max(0.0, square - mean * mean) * n / (n - 1)) if n > 1 else None
    return CurvePoint(arm, epoch, n, mean, spread)


def _counted(lesson: Any, scope: Any, count: Any, wanted: str) -> Select[str, int]:
    return select(lesson, count).where(scope == wanted).group_by(lesson)


def _of_ours(key: str) -> Lesson | None:
    from engine.lessons.ours import lesson

    return lesson(key)


def _read(document: str) -> Lesson:
    from engine.lessons.lesson import Lesson

    return Lesson.parse_json(document)


def _readable(document: str) -> Lesson | None:
    try:
        return _read(document)
    except ConfigError:
        return None


def _take_seeds(connection: Connection, place: dict[str, str], seeds: int) -> int:
    """The first of so many seeds that nobody has, now taken."""
    new = insert_or_replace(connection, SeedRow.__table__).values(place | {"next": seeds})
    taken = new.on_conflict_do_update(
        index_elements=list(place), set_={"next": SeedRow.next + seeds}
    )
    return int(connection.execute(taken.returning(SeedRow.next)).scalar_one()) - seeds


def _queue(
    connection: Connection,
    news: Sequence[NewRun],
    rows: Sequence[dict[str, Any]],
    place: dict[str, str],
    seeds: Sequence[int],
) -> list[int]:
    """Every arm with every seed: seed by seed, so that pairs are whole soon."""
    runs, ready, places = [], [], []
    for seed in seeds:
        for arm, (new, row) in enumerate(zip(news, rows, strict=True)):
            runs.append(replace(new, config=new.config.model_copy(update={"seed": seed})))
            ready.append(row | {"uid": str(uuid4())})
            places.append(place | {"arm": arm, "seed": seed})
    ids = add_runs(connection, runs, ready)
    links = [{"run_id": run_id, **each} for run_id, each in zip(ids, places, strict=True)]
    connection.execute(LessonRunRow.__table__.insert(), links)
    return ids
