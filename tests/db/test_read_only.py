"""A database that is read-only can be looked at, and a file that is gone or another is noticed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from db.errors import AwayError, DatabaseError
from db.schema import upgrade
from db.store import Store
from tests.db.build import CONFIG

NOBODY = 65534


@pytest.fixture
def file() -> Iterator[Path]:
    """A SQLite file with a run, in a folder that every account may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    place = folder / "runs.db"
    upgrade(f"sqlite:///{place}")
    with Store.open(f"sqlite:///{place}") as store:
        store.queue.enqueue(CONFIG, owner="mika", name="kept")
    yield place
    folder.chmod(0o755)
    shutil.rmtree(folder)


@contextmanager
def no_rights() -> Iterator[None]:
    """What mode bits say holds: for root it does not."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def assert_only_reads(url: str) -> None:
    with Store.open(url) as store:
        assert not store.writable
        assert [run.name for run in store.runs.find().runs] == ["kept"]
        assert store.runs.groups("owner").total == 1
        assert store.runs.owners() == ["mika"]
        with pytest.raises(DatabaseError, match="is read-only"):
            store.runs.rename(1, "other")
    assert upgrade(url), "what starts layerlab finds nothing to do"


def test_an_address_may_ask_to_only_read(file: Path) -> None:
    assert_only_reads(f"sqlite:///{file}?mode=ro")
    with Store.open(f"sqlite:///{file}") as store:
        assert store.writable
    with pytest.raises(DatabaseError, match=r"another mode than `\?mode=ro`"):
        Store.open(f"sqlite:///{file}?mode=rwc")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="mode bits are POSIX's")
@pytest.mark.parametrize("also_folder", [False, True])
def test_a_file_without_the_right_to_write_is_looked_at(file: Path, also_folder: bool) -> None:
    """As on a read-only mount, where not even the log's index can be made beside the file."""
    file.chmod(0o444)
    if also_folder:
        file.parent.chmod(0o555)
    with no_rights():
        assert_only_reads(f"sqlite:///{file}")


def test_what_others_write_meanwhile_is_seen(file: Path) -> None:
    with (
        Store.open(f"sqlite:///{file}") as writer,
        Store.open(f"sqlite:///{file}?mode=ro") as reader,
    ):
        assert reader.runs.find().total == 1
        writer.queue.enqueue(CONFIG, owner="mika")
        assert reader.runs.find().total == 2


def test_a_role_that_only_reads_looks_on(postgres_url: str) -> None:
    with Store.open(postgres_url) as store:
        store.queue.enqueue(CONFIG, owner="mika", name="kept")
        assert store.writable
        with store.engine.begin() as connection:
            name = connection.scalar(text("SELECT current_database()"))
            change = f"ALTER DATABASE {name} SET default_transaction_read_only = on"
            connection.execute(text(change))
    assert_only_reads(postgres_url)


@pytest.mark.parametrize("how", ["moved", "deleted", "replaced"])
def test_a_file_that_is_gone_or_another_is_said_until_it_is_back(file: Path, how: str) -> None:
    """Else a dashboard shows for days what nobody else sees, and runs are written into nowhere."""
    away = file.with_name("elsewhere.db")
    with Store.open(f"sqlite:///{file}") as store:
        assert store.runs.find().total == 1
        if how == "replaced":
            shutil.copy(file, away)
            away.replace(file)
        elif how == "moved":
            file.rename(away)
        else:
            file.unlink()
        for ask in (store.runs.find, lambda: store.runs.rename(1, "lost")):
            with pytest.raises(AwayError, match="was moved, deleted or replaced"):
                ask()
        if how == "moved":
            away.rename(file)
            assert store.runs.find().runs[0].name == "kept"
