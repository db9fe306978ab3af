"""Runs put away: out of sight, brought back, or gone with everything they held."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import make_url, text

from db.models import Base
from db.records import Shelf, Status
from db.store import Store
from tests.db.build import CONFIG, LEASE, checkpoint, record, running


def ended(store: Store) -> int:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(step) for step in range(6)], lease=LEASE)
    store.checkpoints.save(run_id, 1, checkpoint(5))
    store.queue.finish(run_id, 1, Status.DONE)
    return run_id


def shown(store: Store, shelf: Shelf | None = Shelf.ACTIVE) -> set[int]:
    return {run.id for run in store.runs.find(shelf=shelf).runs}


def test_each_run_lies_on_one_shelf_and_comes_back(store: Store) -> None:
    one, two, three = (ended(store) for _ in range(3))
    runs = store.runs
    assert runs.archive([two, one, 999, two]) == [two, one]
    assert runs.archive([one]) == [], "it is archived already"
    assert runs.delete([one]) == [one]
    assert [shown(store, shelf) for shelf in Shelf] == [{three}, {two}, {one}]
    assert shown(store, None) == {one, two, three}
    run = runs.get(one)
    assert run is not None, "links to what was deleted still lead to it"
    assert run.deleted_at is not None
    assert run.archived_at is not None
    assert runs.restore([one, two]) == [one]
    assert runs.unarchive([two, one]) == [two, one]
    assert shown(store) == {one, two, three}


def test_what_has_not_ended_cannot_be_put_away(store: Store) -> None:
    active = [running(store).id, store.queue.enqueue(CONFIG, owner="mika").id]
    assert store.runs.archive(active) == store.runs.delete(active) == []
    assert shown(store) == set(active)


def test_purging_removes_what_was_deleted_and_nothing_else(store: Store) -> None:
    kept, restored, named, rest = (ended(store) for _ in range(4))
    for run_id in (kept, restored, named, rest):
        store.tags.add([run_id], ["week3"])
        store.notes.set(run_id, "a note")
    store.runs.delete([restored, named, rest])
    store.runs.restore([restored])
    assert store.runs.purge([named, kept, restored, 999]) == [named]
    assert store.runs.purge() == [rest]
    assert store.runs.purge() == []
    with store.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if "run_id" in table.columns:
                left = connection.execute(text(f"SELECT DISTINCT run_id FROM {table.name}"))
                assert {row.run_id for row in left} <= {kept, restored}, table.name
    assert shown(store, None) == {kept, restored}
    new = store.queue.enqueue(CONFIG, owner="mika").id
    assert new > rest, "a link to a purged run never shows another"


@pytest.mark.parametrize("made_before_0002", [False, True])
def test_purging_gives_the_space_back(sqlite_url: str, made_before_0002: bool) -> None:
    file = Path(str(make_url(sqlite_url).database))
    with Store.open(sqlite_url) as store:
        if made_before_0002:
            connection = store.engine.raw_connection()
            connection.cursor().execute("PRAGMA auto_vacuum = NONE")
            connection.cursor().execute("VACUUM")
            connection.close()
        run_id = running(store).id
        noise = np.random.default_rng(0).normal(size=2**20)
        store.checkpoints.save(run_id, 1, checkpoint(1, size=3))
        before = file.stat().st_size
        with store.engine.begin() as open_transaction:
            open_transaction.execute(
                text("UPDATE checkpoint SET state = :state"), {"state": noise.tobytes()}
            )
        store.queue.finish(run_id, 1, Status.DONE)
        store.runs.delete([run_id])
        assert store.runs.purge() == [run_id]
        assert file.stat().st_size <= before
        wal = file.with_name(f"{file.name}-wal")
        assert wal.stat().st_size == 0
