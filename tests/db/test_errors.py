"""Whatever is wrong with the database, a user reads one clear sentence without a password."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, make_url, text

from db import schema
from db.errors import AwayError, DatabaseError
from db.store import Store
from engine.errors import LayerlabError
from tests.db.build import CONFIG, LEASE, checkpoint, record, running


def one_sentence(error: BaseException) -> str:
    message = str(error)
    assert isinstance(error, LayerlabError)
    assert "\n" not in message
    assert message.endswith(".")
    assert "sqlalche" not in message.lower()
    return message


def on_every_connection(engine: Engine, statement: str) -> None:
    def prepare(connection: Any, _record: Any) -> None:
        connection.execute(statement)
        connection.commit()

    engine.dispose()
    event.listen(engine, "connect", prepare)


def test_a_server_that_does_not_answer() -> None:
    url = "postgres://mika:s3cret@127.0.0.1:1/layerlab?sslpassword=s3cret"
    for action in (Store.open, schema.upgrade):
        with pytest.raises(AwayError) as caught:
            action(url)
        message = one_sentence(caught.value)
        assert "cannot be reached" in message
        assert "127.0.0.1:1/layerlab" in message
        assert "s3cret" not in message


def test_a_database_that_the_server_does_not_have(postgres_url: str) -> None:
    with pytest.raises(DatabaseError, match=r'cannot be reached .*"nowhere" does not exist'):
        Store.open(make_url(postgres_url).set(database="nowhere").render_as_string())


def test_a_server_that_was_restarted_is_met_again(
    postgres_url: str, postgres_server: Engine
) -> None:
    with Store.open(postgres_url) as store:
        run_id = running(store).id
        with postgres_server.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
                ),
                {"name": store.engine.url.database},
            )
        assert store.history.append(run_id, 1, [record(1)], lease=LEASE).alive


def test_a_database_that_only_reads(store: Store) -> None:
    run_id = running(store).id
    on_every_connection(
        store.engine,
        {
            "sqlite": "PRAGMA query_only = ON",
            "postgresql": "SET default_transaction_read_only = on",
        }[store.engine.dialect.name],
    )
    with pytest.raises(DatabaseError, match="is read-only; make it"):
        store.history.append(run_id, 1, [record(1)], lease=LEASE)
    assert store.runs.find().total == 1


def test_a_disk_that_is_full_keeps_what_was_there(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store:
        run_id = running(store).id
        store.checkpoints.save(run_id, 1, checkpoint(1))
        on_every_connection(store.engine, "PRAGMA max_page_count = 60")
        with pytest.raises(DatabaseError) as caught:
            store.checkpoints.save(run_id, 1, checkpoint(2, size=200_000))
        assert "is full, so this was not kept; free some space" in one_sentence(caught.value)
        latest = store.checkpoints.latest(run_id)
        assert latest is not None
        assert latest.step == 1
        assert store.history.append(run_id, 1, [record(2)], lease=LEASE).alive


def test_a_file_that_may_not_grow(sqlite_url: str) -> None:
    """The operating system's own refusal, as a quota or a full disk gives it."""
    program = textwrap.dedent(
        f"""
        import resource, sys
        from db.store import Store
        from db.errors import AwayError, DatabaseError
        from tests.db.build import checkpoint, running
        with Store.open({sqlite_url!r}) as store:
            run_id = running(store).id
            store.checkpoints.save(run_id, 1, checkpoint(1))
            resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
            try:
                store.checkpoints.save(run_id, 1, checkpoint(2, size=500_000))
            except DatabaseError as error:
                print(error, store.checkpoints.latest(run_id).step)
        """
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert "space" in done.stdout
    assert done.stdout.strip().endswith(". 1"), done.stdout


def test_a_database_that_another_program_holds(sqlite_url: str) -> None:
    with Store.open(sqlite_url) as store, Store.open(sqlite_url) as other:
        on_every_connection(store.engine, "PRAGMA busy_timeout = 20")
        with other.engine.execution_options(sqlite_begin="BEGIN EXCLUSIVE").begin():
            with pytest.raises(DatabaseError) as caught:
                store.queue.enqueue(CONFIG, owner="mika")
            assert "stayed locked by another program" in one_sentence(caught.value)


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    for action in (Store.open, schema.upgrade):
        with pytest.raises(DatabaseError) as caught:
            action(f"sqlite:///{tmp_path}")
        assert f"The database {tmp_path} cannot be opened" in one_sentence(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseError) as caught:
        schema.upgrade(f"sqlite:///{tmp_path}/file/folder/runs.db")
    assert "cannot be made" in one_sentence(caught.value)


def test_a_file_that_is_something_else(tmp_path: Path) -> None:
    file = tmp_path / "thesis.db"
    file.write_text("Chapter 1. " * 1000)
    for action in (Store.open, schema.upgrade):
        with pytest.raises(DatabaseError) as caught:
            action(f"sqlite:///{file}")
        assert "is no SQLite database, or is damaged" in one_sentence(caught.value)
    assert file.read_text() == "Chapter 1. " * 1000
