"""Lessons in the database: nobody repeats another's seed, and predictions are kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from db.models import LessonRow
from db.records import LessonRun, Status
from db.store import Store
from engine.errors import ConfigError
from engine.lessons.lesson import Lesson
from engine.lessons.ours import lesson
from engine.records import Metric, StepRecord
from tests.db.build import LEASE


def of_ours(key: str) -> Lesson:
    found = lesson(key)
    assert found is not None
    return found


LESSON = of_ours("batch-norm")
ARMS = len(LESSON.arms)


def places(runs: list[LessonRun]) -> list[tuple[int, int]]:
    return [(each.arm, each.seed) for each in runs]


def test_a_press_queues_every_arm_with_seeds_that_nobody_has(store: Store) -> None:
    first = store.lessons.take(LESSON, owner="mika", seeds=3)
    second = store.lessons.take(LESSON, owner="mika")
    assert len(first) == 3 * ARMS
    assert len(second) == ARMS
    runs = store.lessons.runs(LESSON, owner="mika")
    assert places(runs) == [(arm, seed) for arm in range(ARMS) for seed in range(4)]
    for each in runs:
        arm = LESSON.configs[each.arm]
        assert each.run.config == arm.model_copy(update={"seed": each.seed})
        assert (each.run.owner, each.run.name) == ("mika", LESSON.arms[each.arm].name)
    assert store.lessons.runs(LESSON, owner="aiko") == [], "alone, everybody has seeds of their own"


def test_two_presses_at_one_moment_get_different_seeds(database_url: str) -> None:
    with Store.open(database_url) as store:
        group = store.classes.make("Kyoto 24", [LESSON.key], owner="mika")

        def press(name: str) -> None:
            store.lessons.take(LESSON, owner=name, class_key=group.key)

        with ThreadPoolExecutor(4) as people:
            list(people.map(press, ["a", "b", "c", "d"]))
        runs = store.lessons.runs(LESSON, owner="a", class_key=group.key)
        assert places(runs) == [(arm, seed) for arm in range(ARMS) for seed in range(4)]
        assert {each.run.owner for each in runs} == {"a", "b", "c", "d"}


def test_a_press_that_fails_takes_no_seed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RuntimeError("the power went out")

    with monkeypatch.context() as patch:
        patch.setattr("db.lessons.add_runs", broken)
        with pytest.raises(RuntimeError):
            store.lessons.take(LESSON, owner="mika")
    store.lessons.take(LESSON, owner="mika")
    assert {each.seed for each in store.lessons.runs(LESSON, owner="mika")} == {0}


def test_runs_of_other_arms_are_never_pooled(store: Store) -> None:
    store.lessons.take(LESSON, owner="mika")
    arms = [
        arm.model_copy(update={"config": config.model_copy(update={"epochs": 3})})
        for arm, config in zip(LESSON.arms, LESSON.configs, strict=True)
    ]
    later = LESSON.model_copy(update={"arms": tuple(arms)})
    assert store.lessons.runs(later, owner="mika") == []
    store.lessons.take(later, owner="mika")
    assert {each.seed for each in store.lessons.runs(later, owner="mika")} == {0}


def test_curves_are_means_over_seeds_of_what_is_finite(store: Store) -> None:
    store.lessons.take(LESSON, owner="mika", seeds=3)
    for losses in ((1.0, 0.5), (9.0, 9.0), (3.0, float("nan"))):
        claim = store.queue.claim(lease=LEASE)
        assert claim is not None
        metrics = [
            Metric(5 * epoch, epoch, "validation", loss, 0.5)
            for epoch, loss in enumerate(losses, start=1)
        ]
        records = [StepRecord(metric.step, (metric,)) for metric in metrics]
        store.history.append(claim.run_id, claim.attempt, records, lease=LEASE)
        store.queue.finish(claim.run_id, claim.attempt, Status.DONE)
    points = store.lessons.curves(LESSON, "loss", "validation", owner="mika")
    assert [(p.arm, p.epoch, p.n, p.mean) for p in points] == [
        (0, 1, 2, 2.0),
        (0, 2, 1, 0.5),
        (1, 1, 1, 9.0),
        (1, 2, 1, 9.0),
    ]
    assert points[0].spread == pytest.approx(2**0.5)
    assert points[1].spread is None


def test_a_prediction_is_kept_with_its_name_and_may_be_changed(store: Store) -> None:
    store.lessons.predict(LESSON, 1, person="mika")
    store.lessons.predict(LESSON, 2, person="mika")
    store.lessons.predict(LESSON, 0, person="aiko")
    (own,) = store.lessons.predictions(LESSON, person="mika")
    assert (own.person, own.choice) == ("mika", 2)
    with pytest.raises(ConfigError, match="`choice` must be at most 2; got 7"):
        store.lessons.predict(LESSON, 7, person="mika")


def test_a_class_pools_and_says_who_did_what(store: Store) -> None:
    group = store.classes.make("京都 24", [LESSON.key, "init"], owner="mika")
    assert store.classes.get(group.key) == group
    assert store.classes.made_by("mika") == [group]
    assert group.lessons == (LESSON.key, "init")
    store.lessons.predict(LESSON, 0, person="aiko", class_key=group.key)
    store.lessons.predict(LESSON, 1, person="ben", class_key=group.key)
    store.lessons.take(LESSON, owner="ben", class_key=group.key)
    people = store.lessons.members(group.key)
    assert list(people) == ["aiko", "ben"]
    assert people["aiko"].predicted == {LESSON.key}
    assert people["aiko"].ran == frozenset()
    assert people["ben"].ran == {LESSON.key}
    done = store.lessons.done(owner="", class_key=group.key)[LESSON.key]
    assert (done.predictions, done.seeds) == (2, 1)
    assert store.lessons.done(owner="aiko") == {}, "what the class did is nobody's alone"


def test_nothing_is_added_to_a_class_that_is_over_or_was_never_there(store: Store) -> None:
    until = datetime.now(UTC) - timedelta(hours=1)
    group = store.classes.make("last year", [LESSON.key], owner="mika", until=until)
    assert group.over
    for key, rule in ((group.key, "is over"), ("nobody", "must be one that exists; got 'nobody'")):
        with pytest.raises(ConfigError, match=rule):
            store.lessons.take(LESSON, owner="aiko", class_key=key)
        with pytest.raises(ConfigError, match=rule):
            store.lessons.predict(LESSON, 0, person="aiko", class_key=key)
    assert store.runs.find().total == 0
    with pytest.raises(ConfigError, match="`name`"):
        store.classes.make("  ", [LESSON.key], owner="mika")
    with pytest.raises(ConfigError, match="`lessons`"):
        store.classes.make("x", [], owner="mika")


def test_a_lesson_that_somebody_wrote_is_theirs(store: Store) -> None:
    own = LESSON.model_copy(update={"key": "our-own", "name": "Ours"})
    store.lessons.write(own, owner="mika")
    assert store.lessons.get("our-own") == own
    store.lessons.write(own.model_copy(update={"name": "Better"}), owner="mika")
    (written,) = store.lessons.written()
    assert (written.lesson.name, written.owner) == ("Better", "mika")
    for key, owner in (("our-own", "aiko"), (LESSON.key, "mika")):
        with pytest.raises(ConfigError, match="no other lesson has"):
            store.lessons.write(own.model_copy(update={"key": key}), owner=owner)
    assert store.lessons.get("nothing") is None


def test_a_lesson_that_cannot_be_read_hides_no_other(store: Store) -> None:
    for key in ("broken", "whole"):
        store.lessons.write(LESSON.model_copy(update={"key": key}), owner="mika")
    with store.lessons._database.write() as connection:
        broken = update(LessonRow).where(LessonRow.key == "broken").values(document='{"key": 1}')
        connection.execute(broken)
    assert [each.lesson.key for each in store.lessons.written()] == ["whole"]
    with pytest.raises(ConfigError, match="`name` is missing"):
        store.lessons.get("broken")


def test_what_could_not_be_read_back_is_not_kept(store: Store) -> None:
    unread = LESSON.model_copy(update={"key": "own", "effect": float("inf")})
    with pytest.raises(ConfigError, match="`effect`"):
        store.lessons.write(unread, owner="mika")
    assert store.lessons.written() == []


def test_no_seeds_or_too_many_are_refused(store: Store) -> None:
    for seeds in (0, 101):
        with pytest.raises(ConfigError, match="`seeds` must lie between 1 and 100"):
            store.lessons.take(LESSON, owner="mika", seeds=seeds)
    assert store.lessons.seconds(LESSON) is None, "nothing was timed yet"
