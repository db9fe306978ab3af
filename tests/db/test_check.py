"""Damage is found before somebody needs what is damaged, and a backup is whole while runs write."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from db.backup import back_up
from db.check import check
from db.errors import DatabaseError
from db.store import Store
from tests.db.build import LEASE, checkpoint, record, running


def test_a_database_in_order_has_no_faults(store: Store) -> None:
    run_id = running(store).id
    store.checkpoints.save(run_id, 1, checkpoint(10))
    assert check(store.url) == []


def test_damaged_checkpoints_are_counted_by_run(store: Store) -> None:
    first, second = running(store).id, running(store).id
    for run_id, step in ((first, 10), (first, 20), (second, 10), (second, 20)):
        store.checkpoints.save(run_id, 1, checkpoint(step))
    with store.engine.begin() as connection:
        change = "UPDATE checkpoint SET state = :cut WHERE run_id = :first OR step = 20"
        connection.execute(text(change), {"cut": b"PK", "first": first})
    assert [str(fault) for fault in check(store.url)] == [
        f"Run {first} has 2 checkpoint(s) that cannot be read.",
        f"Run {second} has 1 checkpoint(s) that cannot be read.",
    ]


def test_a_run_that_nobody_trains_any_more_is_named(store: Store) -> None:
    run_id = running(store).id
    store.queue.renew(run_id, 1, lease=-60)
    (fault,) = check(store.url)
    assert f"Run {run_id} is running, but its lease expired at " in str(fault)


def test_rows_that_belong_to_no_run_are_found(sqlite_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "layerlab.db") as connection:  # keys are not enforced here
        connection.execute("INSERT INTO note VALUES (77, 'lost', '2026-01-01 00:00:00.000000')")
    connection.close()
    (fault,) = check(sqlite_url)
    assert "note belongs to nothing in run" in str(fault)


def test_a_backup_is_whole_while_a_run_writes(sqlite_url: str, tmp_path: Path) -> None:
    copy, done = tmp_path / "copy.db", threading.Event()
    with Store.open(sqlite_url) as store:
        run_id = running(store).id
        store.history.append(run_id, 1, [record(0)], lease=LEASE)

        def write() -> None:
            step = 0
            while not done.is_set():
                step += 1
                store.history.append(run_id, 1, [record(step)], lease=LEASE)

        writer = threading.Thread(target=write)
        writer.start()
        try:
            assert back_up(sqlite_url, copy) == copy.stat().st_size
        finally:
            done.set()
            writer.join()
    assert check(f"sqlite:///{copy}") == []
    with Store.open(f"sqlite:///{copy}") as restored:
        assert restored.runs.get(run_id) is not None
    assert not list(tmp_path.glob("*.part*"))


def test_a_backup_replaces_nothing(sqlite_url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_text("precious")
    with pytest.raises(DatabaseError, match="exists already"):
        back_up(sqlite_url, copy)
    assert copy.read_text() == "precious"
    with pytest.raises(DatabaseError, match="folder must exist"):
        back_up(sqlite_url, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(DatabaseError, match="nothing to back up"):
        back_up(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "new.db")


def test_postgresql_is_backed_up_by_its_own_tool(tmp_path: Path) -> None:
    url = "postgresql://mika:s3cret@host:5433/lab?sslpassword=s3cret"
    with pytest.raises(DatabaseError) as refused:
        back_up(url, tmp_path / "a copy.dump")
    sentence = str(refused.value)
    command = f"pg_dump --format=custom --file='{tmp_path}/a copy.dump'"
    assert f"{command} postgresql://mika@host:5433/lab`" in sentence
    assert "s3cret" not in sentence


def test_a_file_that_is_no_database_is_not_backed_up(tmp_path: Path) -> None:
    file = tmp_path / "text.db"
    file.write_text("no database at all" * 100)
    with pytest.raises(DatabaseError, match="no SQLite database"):
        back_up(f"sqlite:///{file}", tmp_path / "copy.db")
    assert not (tmp_path / "copy.db").exists()
