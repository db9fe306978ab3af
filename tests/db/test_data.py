"""Data that people add is kept whole or not at all, under names with versions, and comes back byte
for byte wherever a run trains."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import text

from db import data as db_data
from db.data import PORTION
from db.errors import AwayError
from db.store import Store
from engine.config import RunConfig
from engine.datasets import CSV, IDX
from engine.datasets.base import FromFile
from engine.datasets.directory import cache_directory
from engine.errors import DataError, LayerlabError
from engine.layers import Dense

TABLE = "a,b,label\n" + "".join(f"{i % 7},{i % 3},{'xy'[i % 2]}\n" for i in range(40))
SPEC = CSV(file="t.csv")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A small table whose content no other test has: what is fetched is kept between tests."""
    path = tmp_path / "t.csv"
    path.write_text(f"# {tmp_path}\n{TABLE}")
    return path


def _count(store: Store, name: str) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one())


def _age(store: Store) -> None:
    """Let what was written lie for longer than any upload takes."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE data_content SET written_at = '2020-01-01 00:00:00'"))


def test_a_file_in_several_portions_comes_back_as_it_was(store: Store, tmp_path: Path) -> None:
    path, seen = tmp_path / "large.csv", []
    path.write_bytes(os.urandom(2 * PORTION + 5))
    kept = store.data.add(
        "large", {"large.csv": path}, SPEC, owner="mika", progress=lambda *done: seen.append(done)
    )
    assert (kept.name, kept.version, kept.owner, kept.size) == ("large", 1, "mika", 2 * PORTION + 5)
    assert kept.content == sha256(path.read_bytes()).hexdigest()
    (file,) = store.data.files(kept.content)
    assert b"".join(file.portions()) == path.read_bytes()
    assert [done for done, _ in seen] == [PORTION, 2 * PORTION, 2 * PORTION + 5]


def test_what_is_kept_is_learned_from_without_the_file_it_came_from(
    store: Store, table: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The data directory of a worker elsewhere holds nothing."""
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path / "elsewhere"))
    kept = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    table.unlink()
    assert kept.dataset.load().info.class_names == ("x", "y")
    assert kept.dataset.info().train_samples == 32
    store.close()
    assert kept.dataset.info().train_samples == 32, "known on this machine by now"
    assert kept.dataset.load().classes == 2, "as is the data"


def test_errors_name_the_file_as_people_do(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(f"a,b,label\n1,2,x\n1,{tmp_path.name},2,y\n")
    kept = store.data.add("bad", {"bad.csv": path}, CSV(file="bad.csv"), owner="mika")
    for read in (kept.dataset.load, kept.dataset.info):
        with pytest.raises(DataError, match=r"^line 3 of bad.csv has 4 cells"):
            read()


def test_four_files_are_one_data_set(store: Store, tmp_path: Path) -> None:
    names = [f"{split}-{what}" for split in ("train", "t10k") for what in ("images", "labels")]
    for name in names:
        (tmp_path / name).write_bytes(name.encode())
    kept = store.data.add("mnist", {n: tmp_path / n for n in names}, IDX(), owner="mika")
    assert set(kept.files) == set(names)
    assert {file.name for file in store.data.files(kept.content)} == set(names)
    swapped = dict(zip(names, [tmp_path / name for name in reversed(names)], strict=True))
    assert store.data.add("mnist", swapped, IDX(), owner="mika").content != kept.content


def test_a_replaced_file_is_a_new_version_beside_the_old(store: Store, table: Path) -> None:
    first = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    again = store.data.add("flowers", {"t.csv": table}, SPEC, owner="ben")
    assert again == first, "the same content under the same name is there already"
    table.write_text(TABLE + "1,1,x\n")
    second = store.data.add("flowers", {"t.csv": table}, SPEC, owner="ben")
    assert (second.version, second.owner) == (2, "ben")
    assert store.data.find("flowers") == second
    assert store.data.find("flowers", 1) == first
    assert store.data.list() == [second, first]
    samples = [version.dataset.load().info.validation_samples for version in (first, second)]
    assert samples == [8, 9]


def test_two_people_add_the_same_name_at_once(
    store: Store, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.csv"
    other.write_text(TABLE.replace("x", "z"))
    put = db_data.Data._put
    others = [other]

    def late(self: db_data.Data, *args: object) -> object:
        while others:
            store.data.add("flowers", {"t.csv": others.pop()}, SPEC, owner="ben")
        return put(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(db_data.Data, "_put", late)
    mine = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    assert [(v.version, v.owner) for v in store.data.list()] == [(2, "mika"), (1, "ben")]
    assert mine.version == 2


def _dies(*_args: object) -> object:
    raise AwayError(db_data.Message("the disk is full"))


def _add_and_die(
    store: Store,
    table: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    owner: str = "mika",
    during: str = "_put",
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(db_data.Data, during, _dies)
        with pytest.raises(AwayError):
            store.data.add("flowers", {"t.csv": table}, SPEC, owner=owner)


def test_nothing_is_half_added(store: Store, table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload that dies leaves portions that nobody sees and that are swept; the next one goes
    on where it was."""
    for during in ("_put", "_held"):
        _add_and_die(store, table, monkeypatch, during=during)
        assert store.data.list() == []
        assert _count(store, "data_portion") == 1
    assert store.data.sweep() == 0, "somebody may be writing it"
    assert store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika").version == 1
    _age(store)
    assert store.data.sweep() == 0, "a version names it"
    assert store.data.find("flowers").dataset.load().classes == 2  # type: ignore[union-attr]


def test_what_somebody_else_left_is_not_believed(
    store: Store, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their file may have changed while they wrote it, under the digest of what it was."""
    _add_and_die(store, table, monkeypatch, owner="ben")
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE data_portion SET data = :data"), {"data": b"a,b\n"})
    digests = {"t.csv": sha256(table.read_bytes()).hexdigest()}
    kept = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika", digests=digests)
    (file,) = store.data.files(kept.content)
    assert b"".join(file.portions()) == table.read_bytes()


def test_what_nobody_came_to_name_is_swept(
    store: Store, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _add_and_die(store, table, monkeypatch)
    _age(store)
    assert store.data.sweep() == 1
    assert _count(store, "data_portion") == 0


def test_a_file_that_changes_while_it_is_added_is_refused_and_leaves_nothing(
    store: Store, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = db_data._digest

    def then_changed(path: Path) -> str:
        found = digest(path)
        path.write_text(TABLE.replace("x", "w"))
        return found

    monkeypatch.setattr(db_data, "_digest", then_changed)
    with pytest.raises(DataError, match=r"t\.csv was changed while it was read"):
        store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    assert store.data.list() == []
    assert _count(store, "data_portion") == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "there must be a file"),
        ({"../t.csv": "t.csv"}, "without a folder"),
        ({"t.csv": "gone.csv"}, "there is no"),
        ({"t.csv": "."}, "is no file"),
    ],
)
def test_what_cannot_be_added_is_said(
    store: Store, table: Path, files: dict[str, str], said: str
) -> None:
    paths = {name: table.parent / path for name, path in files.items()}
    with pytest.raises(LayerlabError, match=said):
        store.data.add("flowers", paths, SPEC, owner="mika")
    with pytest.raises(DataError, match=r"at most 10 can be added \(LAYERLAB_UPLOAD_MB\)"):
        store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika", most=10)


def test_data_that_runs_use_stays(store: Store, table: Path) -> None:
    kept = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    config = RunConfig(dataset=kept.dataset, layers=(Dense(units=2),))
    run = store.queue.enqueue(config, owner="mika")
    assert store.data.runs([kept.content]) == {kept.content: [run.id]}
    with pytest.raises(DataError, match=rf"flowers \(version 1\) is used by 1 run.* run {run.id}"):
        store.data.remove(kept.id)
    same = store.data.add("copy", {"t.csv": table}, SPEC, owner="ben")
    assert store.data.remove(kept.id), "another version has what the run needs"
    assert not store.data.remove(kept.id)
    store.queue.cancel(run.id, by="mika")
    store.runs.delete([run.id])
    with pytest.raises(DataError, match="is used by"):
        store.data.remove(same.id)
    store.runs.purge([run.id])
    _age(store)
    assert store.data.remove(same.id)
    assert _count(store, "data_portion") == 0


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_what_does_not_arrive_whole_is_refused_and_not_kept(
    store: Store, table: Path, damage: str
) -> None:
    kept = store.data.add("flowers", {"t.csv": table}, SPEC, owner="mika")
    sql = {"cut": "UPDATE data_portion SET data = ''", "gone": "DELETE FROM data_portion"}
    with store.engine.begin() as connection:
        if damage == "cut" and connection.dialect.name == "postgresql":
            connection.execute(text("UPDATE data_portion SET data = ''::bytea"))
        else:
            connection.execute(text(sql[damage]))
    with pytest.raises(DataError, match=r"t\.csv does not arrive as it was added"):
        kept.dataset.load()
    assert not (cache_directory() / "data" / kept.content).exists()


def test_data_that_is_nowhere_is_named(store: Store) -> None:
    spec: FromFile = CSV(content="0" * 64)
    reads: list[Callable[[], object]] = [spec.load, spec.info]
    for read in reads:
        with pytest.raises(DataError, match=r"SHA-256 0{64} is not kept here: add its file"):
            read()
