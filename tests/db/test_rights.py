"""Who may do what holds in the Store: for every role and every method that writes, found by looking
at the Store itself, so that a new one has to say whose it is."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from db.adding import add_files
from db.audit import COMMAND_LINE
from db.records import Person, Run, Status, Sweep, View
from db.rights import RIGHTS, Action, Reach, RightsError, Role
from db.store import Store
from engine.messages import Message
from engine.records import MemoryRecorder
from engine.sweeps.config import SweepConfig
from engine.training import train
from tests.db.build import CONFIG
from tests.db.test_lessons import of_ours
from tests.runner.processes import SHORT

LESSON = of_ours("batch-norm")
SWEEP = SweepConfig.parse(
    {
        "base": CONFIG.model_dump(mode="json"),
        "axes": [{"kind": "choices", "name": "optimizer.lr", "values": [0.1]}],
        "sampler": {"kind": "grid"},
    }
)


@dataclass(frozen=True)
class Things:
    """What one person has made."""

    waiting: Run
    ended: Run
    sweep: Sweep
    view: View
    data: int
    exported: Path


def make(store: Store, owner: str, folder: Path) -> Things:
    """Things for methods to change, made by whoever the Store acts as."""
    waiting, ended = (store.queue.enqueue(CONFIG, owner=owner) for _ in range(2))
    store.queue.cancel(ended.id, by=owner)
    file = {f"{owner}.csv": BytesIO(b"x,y,label\n" + b"1,2,a\n3,4,b\n" * 20)}
    data = add_files(store, file, name=f"of {owner}", owner=owner, most=10_000)
    exported = folder / f"{owner}.zip"
    store.portable.export([ended.id], exported)
    return Things(
        waiting,
        ended,
        store.sweeps.enqueue(SWEEP, owner=owner),
        store.views.save("mine", {"a": 1}, owner=owner),
        data.id,
        exported,
    )


def add_data(store: Store, _its: Things) -> object:
    file = {"t.csv": BytesIO(b"x,y,label\n" + b"5,2,a\n3,4,b\n" * 20)}
    return add_files(store, file, name="new", owner="forged", most=10_000)


Call = Callable[[Store, Things], object]
CALLS: dict[str, tuple[Action, Call]] = {
    "queue.enqueue": (Action.LAUNCH, lambda s, i: s.queue.enqueue(CONFIG, owner="forged")),
    "queue.cancel": (Action.CANCEL, lambda s, i: s.queue.cancel(i.waiting.id, by="forged")),
    "queue.pause": (Action.PAUSE, lambda s, i: s.queue.pause(i.waiting.id, by="forged")),
    "queue.resume": (Action.RESUME, lambda s, i: s.queue.resume(i.waiting.id, by="forged")),
    "queue.retry": (Action.RETRY, lambda s, i: s.queue.retry(i.ended.id, by="forged")),
    "queue.prioritize": (
        Action.PRIORITIZE,
        lambda s, i: s.queue.prioritize(i.waiting.id, 5, by="forged"),
    ),
    "queue.hold": (Action.HOLD_QUEUE, lambda s, i: s.queue.hold(paused=True)),
    "queue.limit_owners": (Action.LIMIT_OWNERS, lambda s, i: s.queue.limit_owners(2)),
    "sweeps.enqueue": (Action.LAUNCH, lambda s, i: s.sweeps.enqueue(SWEEP, owner="forged")),
    "sweeps.extend": (Action.EXTEND, lambda s, i: s.sweeps.extend(i.sweep.id, seeds=2)),
    "sweeps.cancel": (Action.CANCEL, lambda s, i: s.sweeps.cancel(i.sweep.id, by="forged")),
    "sweeps.pause": (Action.PAUSE, lambda s, i: s.sweeps.pause(i.sweep.id, by="forged")),
    "sweeps.resume": (Action.RESUME, lambda s, i: s.sweeps.resume(i.sweep.id, by="forged")),
    "runs.rename": (Action.RENAME, lambda s, i: s.runs.rename(i.ended.id, "other")),
    "runs.archive": (Action.ARCHIVE, lambda s, i: s.runs.archive([i.ended.id])),
    "runs.unarchive": (Action.ARCHIVE, lambda s, i: s.runs.unarchive([i.ended.id])),
    "runs.delete": (Action.DELETE, lambda s, i: s.runs.delete([i.ended.id])),
    "runs.restore": (Action.DELETE, lambda s, i: s.runs.restore([i.ended.id])),
    "runs.purge": (Action.PURGE, lambda s, i: s.runs.purge([i.ended.id])),
    "tags.add": (Action.TAG, lambda s, i: s.tags.add([i.ended.id], ["week3"])),
    "tags.remove": (Action.TAG, lambda s, i: s.tags.remove([i.ended.id], ["week3"])),
    "notes.set": (Action.NOTE, lambda s, i: s.notes.set(i.ended.id, "a note")),
    "views.save": (Action.SAVE_VIEW, lambda s, i: s.views.save("new", {}, owner="forged")),
    "views.rename": (Action.RENAME, lambda s, i: s.views.rename(i.view.id, "other")),
    "views.delete": (Action.DELETE, lambda s, i: s.views.delete(i.view.id)),
    "lessons.take": (Action.LAUNCH, lambda s, i: s.lessons.take(LESSON, owner="forged")),
    "lessons.predict": (Action.PREDICT, lambda s, i: s.lessons.predict(LESSON, 0, person="forged")),
    "lessons.write": (
        Action.WRITE_LESSON,
        lambda s, i: s.lessons.write(LESSON.model_copy(update={"key": "own"}), owner="forged"),
    ),
    "classes.make": (
        Action.MAKE_CLASS,
        lambda s, i: s.classes.make("seminar", ["zeros"], owner="forged"),
    ),
    "portable.import_": (Action.IMPORT, lambda s, i: s.portable.import_(i.exported)),
    "data.add": (Action.ADD_DATA, add_data),
    "data.sweep": (Action.ADD_DATA, lambda s, i: s.data.sweep()),
    "data.remove": (Action.REMOVE_DATA, lambda s, i: s.data.remove(i.data)),
    "people.add": (
        Action.MANAGE_PEOPLE,
        lambda s, i: s.people.add("new", issuer="i", role=Role.ADMIN, by="forged"),
    ),
    "people.set_role": (
        Action.MANAGE_PEOPLE,
        lambda s, i: s.people.set_role(1, Role.ADMIN, by="forged"),
    ),
    "people.disable": (Action.MANAGE_PEOPLE, lambda s, i: s.people.disable(1, by="forged")),
    "people.enable": (Action.MANAGE_PEOPLE, lambda s, i: s.people.enable(1, by="forged")),
    "people.sign_out": (Action.MANAGE_PEOPLE, lambda s, i: s.people.sign_out(1, by="forged")),
    "people.list": (Action.MANAGE_PEOPLE, lambda s, i: s.people.list()),
    "audit.changes": (Action.READ_AUDIT, lambda s, i: s.audit.changes()),
    "audit.count": (Action.READ_AUDIT, lambda s, i: s.audit.count()),
    "audit.get": (Action.READ_AUDIT, lambda s, i: s.audit.get(1)),
    "audit.names": (Action.READ_AUDIT, lambda s, i: s.audit.names()),
}
"""What people do: its action, and a way to do it to somebody's things."""

ADDS = {
    *(Action.LAUNCH, Action.PREDICT, Action.ADD_DATA, Action.IMPORT),
    Action.SAVE_VIEW,
}
"""What makes something new: nobody else's."""

WITH_CHECKPOINTS = {"branches.prolong", "branches.branch", "checkpoints.save"}
"""They need a checkpoint: tested below."""

MACHINERY: dict[str, Call] = {
    "queue.claim": lambda s, i: s.queue.claim(lease=60),
    "queue.explain": lambda s, i: s.queue.explain(Message("why")),
    "queue.finish": lambda s, i: s.queue.finish(i.waiting.id, 0, Status.DONE),
    "queue.leave": lambda s, i: s.queue.leave(i.waiting.id, 0, step=1),
    "queue.prune": lambda s, i: s.queue.prune(i.waiting.id, reason=Message("why")),
    "queue.release": lambda s, i: s.queue.release(i.waiting.id, 0, reason=Message("why")),
    "queue.renew": lambda s, i: s.queue.renew(i.waiting.id, 0, lease=60),
    "queue.serve": lambda s, i: s.queue.serve(2),
    "queue.start": lambda s, i: s.queue.start(i.waiting.id, 0, worker="w", data={}),
    "sweeps.propose": lambda s, i: s.sweeps.propose(i.sweep.id, {"optimizer.lr": 0.1}),
    "logs.append": lambda s, i: s.logs.append(i.waiting.id, 0, ["line"]),
    "history.append": lambda s, i: s.history.append(i.waiting.id, 0, [], lease=60),
    "people.admit": lambda s, i: s.people.admit("i", "new", name="new", new=Role.ADMIN),
}
"""What the program does by itself, and nobody who is signed in."""

READS = {
    "branches": set(),
    "checkpoints": {"again", "latest", "list", "load", "unreadable"},
    "classes": {"get", "made_by"},
    "data": {"files", "find", "get", "list", "of_content", "runs"},
    "history": {
        *("batch_norm_columns", "batch_norms", "batch_statistics", "histogram_columns"),
        *("histogram_steps", "histograms", "layer_columns", "layers", "metric_columns", "metrics"),
        "recorded_steps",
    },
    "lessons": {"curves", "done", "get", "members", "predictions", "runs", "seconds", "written"},
    "logs": {"lines"},
    "notes": {"get", "get_many"},
    "people": {"get", "named"},
    "portable": {"export"},
    "queue": {"depth", "forecast", "newest_waiting", "reap", "running", "state", "taken"},
    "runs": {
        *("backend", "events", "find", "get", "get_many", "groups", "ids", "owners", "params"),
        *("sparklines", "trained_on", "why_ended"),
    },
    "sweeps": {"count", "get", "list", "plan", "trials", "unproposed", "why_prune"},
    "tags": {"names"},
    "views": {"get", "list"},
}
"""What changes nothing. (`queue.reap` writes where a lease has expired: nobody's, too.)"""


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Store]:
    with Store.open(sqlite_url) as opened:
        yield opened


def person(store: Store, name: str, role: Role) -> Person:
    return store.people.add(name, issuer="https://id.example", role=role, by="console")


def test_every_method_of_the_store_is_known(database: Store) -> None:
    """A new method that writes must say who may use it, and a test must walk the roles with it."""
    methods = {
        f"{part}.{name}"
        for part, held in vars(database).items()
        if not part.startswith("_")
        for name, _method in inspect.getmembers(held, inspect.ismethod)
        if not name.startswith("_")
    }
    reads = {f"{part}.{name}" for part, names in READS.items() for name in names}
    assert methods == reads | CALLS.keys() | WITH_CHECKPOINTS | MACHINERY.keys()


def test_every_action_says_what_each_role_may() -> None:
    assert set(RIGHTS) == set(Action)
    for rights in RIGHTS.values():
        assert list(rights) == list(Role)
        assert list(rights.values()) == sorted(rights.values()), "a later role may do no less"
        assert rights[Role.VIEWER] is Reach.NONE
        assert rights[Role.ADMIN] is Reach.ALL
    assert {action for action, _call in CALLS.values()} == set(Action)


@pytest.mark.parametrize("role", Role)
def test_a_role_may_do_what_the_table_says_and_no_more(
    database: Store, tmp_path: Path, role: Role
) -> None:
    person(database, "third", Role.VIEWER)
    me = person(database, "mika", role)
    teacher = database.acting_as(person(database, "sato", Role.TEACHER))
    acting = database.acting_as(me)
    others = make(teacher, "sato", tmp_path)
    for name, (action, call) in CALLS.items():
        reach = RIGHTS[action][role]
        allowed = reach is Reach.ALL or (reach is Reach.OWN and action in ADDS)
        before = database.audit.count()
        if allowed:
            call(acting, others)
            assert database.people.get(me.id) == me, f"{name} must not have changed who I am"
        else:
            with pytest.raises(RightsError, match="You may not"):
                call(acting, others)
            assert database.audit.count() == before, f"{name} was refused, but noted"


@pytest.mark.parametrize("role", [Role.STUDENT, Role.TEACHER, Role.ADMIN])
def test_what_is_ones_own_may_be_changed(database: Store, tmp_path: Path, role: Role) -> None:
    person(database, "third", Role.VIEWER)
    me = person(database, "mika", role)
    acting = database.acting_as(me)
    own = make(acting, "mika", tmp_path)
    for name, (action, call) in CALLS.items():
        if RIGHTS[action][role]:
            call(acting, own)
            assert database.people.get(me.id) == me, f"{name} must not have changed who I am"


@pytest.mark.parametrize("role", Role)
def test_nobody_who_is_signed_in_does_what_the_program_does(
    database: Store, tmp_path: Path, role: Role
) -> None:
    """A page that calls it, or a raw message that makes it, ends in a sentence."""
    its = make(database, "console", tmp_path)
    acting = database.acting_as(person(database, "mika", role))
    for call in MACHINERY.values():
        with pytest.raises(RightsError, match="Only layerlab itself"):
            call(acting, its)


def changes(store: Store) -> list[tuple[str, str, str, str, object, object]]:
    """The newest first, without when and who by number."""
    return [(c.name, c.action, c.kind, c.key, c.before, c.after) for c in store.audit.changes()]


def test_a_change_is_noted_with_what_was_there_and_by_whom(store: Store) -> None:
    """On both databases: who is signed in, whatever name was handed over."""
    acting = store.acting_as(person(store, "mika", Role.STUDENT))
    run = acting.queue.enqueue(CONFIG, owner="sato", name="first")
    assert run.owner == "mika"
    acting.runs.rename(run.id, "second")
    acting.runs.rename(run.id, "second")  # changes nothing
    acting.tags.add([run.id], ["b", "a"])
    acting.notes.set(run.id, "text")
    acting.queue.cancel(run.id, by="sato")
    (cancelled, noted, tagged, renamed, launched, added) = changes(store)
    key = str(run.id)
    assert added[:3] == ("console", "manage people", "person")
    assert launched[:4] == ("mika", "launch", "run", key)
    assert launched[4] is None
    assert renamed == ("mika", "rename", "run", key, {"name": "first"}, {"name": "second"})
    assert tagged[4:] == ({"tags": None}, {"tags": ["a", "b"]})
    assert noted[4:] == ({"note": None}, {"note": "text"})
    assert cancelled[4:] == ({"status": "queued"}, {"status": "cancelled"})
    asked = [event.data["by"] for event in store.runs.events(run.id) if "by" in event.data]
    assert asked == ["mika"]


def test_changes_are_found_by_who_made_them_what_was_done_and_to_what(store: Store) -> None:
    """Each filter alone and together, and counted as they are listed."""
    mika = person(store, "mika", Role.STUDENT)
    run = store.acting_as(mika).queue.enqueue(CONFIG, owner="")
    store.acting_as(mika).runs.rename(run.id, "second")
    found: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["rename", "launch", "manage people"]),
        ({"person_id": mika.id}, ["rename", "launch"]),
        ({"person_id": COMMAND_LINE}, ["manage people"]),
        ({"action": Action.LAUNCH}, ["launch"]),
        ({"kind": "person"}, ["manage people"]),
        ({"kind": "run", "key": str(run.id), "person_id": mika.id}, ["rename", "launch"]),
        ({"kind": "run", "key": "999"}, []),
    ]
    for filters, actions in found:
        assert [change.action for change in store.audit.changes(**filters)] == actions
        assert store.audit.count(**filters) == len(actions)
    (newest,) = store.audit.changes(limit=1)
    assert store.audit.get(newest.id) == newest
    assert [store.audit.get(number) for number in (10**30, -1, 999)] == [None] * 3
    assert store.audit.names() == {mika.id: "mika"}


def test_a_refused_change_leaves_nothing_behind(store: Store) -> None:
    """One run of another's among many: all stay as they are, and nothing is noted."""
    mika = store.acting_as(person(store, "mika", Role.STUDENT))
    own = mika.queue.enqueue(CONFIG, owner="mika")
    others = store.queue.enqueue(CONFIG, owner="mika")  # the same name, typed
    count = store.audit.count()
    with pytest.raises(RightsError, match=f"run {others.id} is another person's") as refused:
        mika.tags.add([own.id, others.id], ["mine"])
    assert "student" in str(refused.value)
    assert store.tags.names() == []
    assert store.audit.count() == count


def test_a_role_taken_away_counts_at_once(store: Store) -> None:
    """Whatever a page still holds of the person."""
    sato = person(store, "sato", Role.TEACHER)
    acting = store.acting_as(sato)
    acting.queue.hold(paused=True)
    store.people.set_role(sato.id, Role.VIEWER, by="console")
    with pytest.raises(RightsError, match="you are a viewer"):
        acting.queue.hold(paused=False)
    store.people.set_role(sato.id, Role.ADMIN, by="console")
    store.people.disable(sato.id, by="console")
    with pytest.raises(RightsError, match="sato has been disabled"):
        acting.queue.hold(paused=False)
    assert store.queue.state().paused


def test_a_student_does_not_come_first(database: Store) -> None:
    acting = database.acting_as(person(database, "mika", Role.STUDENT))
    for launch in (
        lambda: acting.queue.enqueue(CONFIG, owner="", priority=1),
        lambda: acting.sweeps.enqueue(SWEEP, owner="", priority=1),
    ):
        with pytest.raises(RightsError, match="set priorities"):
            launch()
    assert database.queue.depth()[Status.QUEUED] == 0


def test_a_branch_is_its_makers_and_a_viewer_makes_none(database: Store) -> None:
    recorder = MemoryRecorder()
    train(SHORT, recorder)
    run = database.queue.enqueue(SHORT, owner="sato")
    assert database.queue.claim(lease=60) is not None
    database.queue.start(run.id, 1, worker="w", data={})
    database.checkpoints.save(run.id, 1, recorder.checkpoints[-1])
    database.queue.finish(run.id, 1, Status.DONE)
    mika = person(database, "mika", Role.STUDENT)
    acting = database.acting_as(mika)
    longer = acting.branches.prolong(run.id, epochs=1, owner="sato")
    other = acting.branches.branch(run.id, longer.config, owner="sato")
    assert {(each.owner, each.person_id) for each in (longer, other)} == {("mika", mika.id)}
    viewer = database.acting_as(person(database, "viewer", Role.VIEWER))
    with pytest.raises(RightsError, match="launch runs"):
        viewer.branches.prolong(run.id, epochs=1, owner="sato")
    with pytest.raises(RightsError, match="launch runs"):
        viewer.branches.branch(run.id, longer.config, owner="sato")
    with pytest.raises(RightsError, match="Only layerlab itself"):
        acting.checkpoints.save(run.id, 1, recorder.checkpoints[-1])


def test_runs_of_a_sweep_that_a_model_proposes_are_the_sweeps_makers(database: Store) -> None:
    mika = person(database, "mika", Role.STUDENT)
    acting = database.acting_as(mika)
    sampler = {"kind": "tpe", "trials": 2}
    config = SweepConfig.parse(SWEEP.model_dump(mode="json") | {"sampler": sampler})
    sweep = acting.sweeps.enqueue(config, owner="mika")
    database.sweeps.propose(sweep.id, {"optimizer.lr": 0.1})
    assert {run.person_id for run in database.runs.find().runs} == {mika.id}


def test_an_imported_file_does_not_reach_into_anothers_sweep(
    database: Store, tmp_path: Path
) -> None:
    """Its runs come alone: whoever names a sweep's number in a file does not change the sweep."""
    sweep = database.sweeps.enqueue(SWEEP, owner="sato")
    (run,) = database.runs.find().runs
    file = tmp_path / "file.zip"
    database.portable.export([run.id], file)
    database.queue.cancel(run.id, by="sato")
    database.runs.delete([run.id])
    database.runs.purge([run.id])
    mika = person(database, "mika", Role.STUDENT)
    (added,) = database.acting_as(mika).portable.import_(file).added
    imported = database.runs.get(added)
    assert imported is not None
    assert (imported.owner, imported.person_id, imported.sweep_id) == ("sato", mika.id, None)
    found = database.sweeps.get(sweep.id)
    assert found is not None
    assert sum(found.counts.values()) == 0
