"""Runs go into a file and come out of it as they were; a file that is not right changes nothing."""

from __future__ import annotations

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.lib import recfunctions
from sqlalchemy import func, select

from db.models import Base, CheckpointRow, RunRow
from db.portable import container
from db.portable.errors import PortableError
from db.records import EventKind, Run, Status
from db.store import Store
from engine.checkpoint import to_bytes
from engine.errors import LayerlabError
from engine.messages import Message
from engine.sweeps.config import SweepConfig
from tests.db.build import CONFIG, LEASE, checkpoint, record, running, without_accuracy
from tests.db.test_history import everything

HOSTILE = "=cmd|' /C calc'!A0 <script> 日本"


def filled(store: Store, *, name: str = HOSTILE) -> int:
    """A run that is done, with something of everything."""
    run_id = running(store).id
    records = [record(step, loss=float("nan") if step == 7 else None) for step in range(12)]
    store.history.append(run_id, 1, records, lease=LEASE, seconds=12.5)
    for step in (4, 9, 11):
        store.checkpoints.save(run_id, 1, checkpoint(step))
    store.queue.finish(run_id, 1, Status.DIVERGED, error=Message("the loss\nis nan"), step=11)
    store.runs.rename(run_id, name)
    store.tags.add([run_id], ["week3", HOSTILE])
    store.notes.set(run_id, f"# Note\n\n{HOSTILE}")
    store.logs.append(run_id, 1, ["a line", "\ttabbed"])
    return run_id


def get(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run is not None
    return run


def content(store: Store, run_id: int) -> dict[str, Any]:
    """All there is of a run, but for its numbers and for what an import adds."""
    run = get(store, run_id)
    own = {"id", "sweep_id", "parent_id", "lease_until"}
    note = store.notes.get(run_id)
    checkpoints = store.checkpoints.list(run_id)
    events = store.runs.events(run_id)
    return {
        "run": repr({n: getattr(run, n) for n in Run.__dataclass_fields__ if n not in own}),
        "history": history(store, run_id),
        "checkpoints": [(c.step, c.epoch, c.created_at, c.size, c.resumable) for c in checkpoints],
        "states": [to_bytes(store.checkpoints.load(c.id)) for c in checkpoints],
        "events": [(e.attempt, e.at, e.kind, e.data) for e in events if e.kind != "imported"],
        "log": [(line.attempt, line.at, line.text) for line in store.logs.lines(run_id)],
        "note": note and (note.text, note.changed_at),
        "params": store.runs.params([run_id])[run_id],
    }


def history(store: Store, run_id: int) -> list[Any]:
    """All that training wrote; SQLite keeps no sign of a zero."""
    zero = {"-0.0": "0.0"}
    return [tuple(zero.get(value, value) for value in row) for row in everything(store, run_id)]


def rows(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    with store.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def sqlite_store(sqlite_url: str) -> Iterator[Store]:
    with Store.open(sqlite_url) as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "runs.layerlab"


@pytest.fixture(params=["sqlite to postgresql", "postgresql to sqlite"])
def two(request: pytest.FixtureRequest) -> Iterator[tuple[Store, Store]]:
    """Two databases, one of each kind."""
    urls = [request.getfixturevalue("sqlite_url"), request.getfixturevalue("postgres_url")]
    first, second = urls if request.param.startswith("sqlite") else reversed(urls)
    with Store.open(first) as source, Store.open(second) as target:
        yield source, target


def test_a_run_is_the_same_in_another_database(two: tuple[Store, Store], file: Path) -> None:
    source, target = two
    running(target)  # numbers differ
    run_id = filled(source)
    exported = source.portable.export([run_id, run_id], file)
    assert (exported.runs, exported.size, exported.left_out) == (1, file.stat().st_size, ())
    imported = target.portable.import_(file)
    assert imported.known == ()
    (arrived,) = imported.added
    assert arrived != run_id
    assert content(target, arrived) == content(source, run_id)
    assert get(target, arrived).uid == get(source, run_id).uid
    assert target.runs.events(arrived)[-1].kind is EventKind.IMPORTED
    (found,) = target.runs.find(query='tag = "week3" and diverged').runs
    assert found.id == arrived


def test_a_second_import_changes_nothing(store: Store, tmp_path: Path) -> None:
    run_id = filled(store)
    store.portable.export([run_id], tmp_path / "one")
    other = filled(store, name="other")
    store.portable.export([run_id, other], tmp_path / "two")
    for name, numbers in (("one", (run_id,)), ("two", (run_id, other))):
        before = rows(store)
        imported = store.portable.import_(tmp_path / name)
        assert (imported.added, imported.known) == ((), numbers)
        assert rows(store) == before


def test_a_run_without_accuracy_and_one_without_history_arrive(
    two: tuple[Store, Store], file: Path
) -> None:
    source, target = two
    numbers = running(source).id
    source.history.append(numbers, 1, [without_accuracy(record(5))], lease=LEASE)
    empty = source.queue.enqueue(CONFIG, owner="mika").id
    source.portable.export([numbers, empty], file)
    first, second = target.portable.import_(file).added
    assert history(target, first) == history(source, numbers)
    assert get(target, first).best == get(source, numbers).best
    assert history(target, second) == []


@pytest.mark.parametrize("moment", ["queued", "running", "paused"])
def test_a_run_that_had_not_ended_arrives_paused_and_goes_on(
    two: tuple[Store, Store], file: Path, moment: str
) -> None:
    source, target = two
    run_id = source.queue.enqueue(CONFIG, owner="mika", max_attempts=1).id
    if moment != "queued":
        source.queue.claim(lease=LEASE)
        source.queue.start(run_id, 1, worker="host:1", data={})
        source.history.append(run_id, 1, [record(step) for step in range(8)], lease=LEASE)
        source.checkpoints.save(run_id, 1, checkpoint(5))
    if moment == "paused":
        source.queue.pause(run_id, by="mika")
        source.queue.leave(run_id, 1, step=7)
    source.portable.export([run_id], file)
    (arrived,) = target.portable.import_(file).added
    assert get(target, arrived).status is Status.PAUSED
    assert target.queue.claim(lease=LEASE) is None
    assert target.queue.resume(arrived, by="mika")
    claim = target.queue.claim(lease=LEASE)
    assert claim is not None
    latest = target.checkpoints.latest(arrived)
    assert (latest is None) == (moment == "queued")
    assert target.queue.release(arrived, claim.attempt, reason=Message("killed"))
    assert source.queue.renew(run_id, 1, lease=LEASE).alive == (moment == "running")


def test_long_histories_are_cut_into_members_and_joined(
    two: tuple[Store, Store], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.portable.tables.SIMPLE_ROWS", 7)
    monkeypatch.setattr("db.portable.tables.ARRAY_ROWS", 3)
    source, target = two
    run_id = filled(source)
    seen: list[tuple[int, int]] = []
    source.portable.export([run_id], file, progress=lambda *at: seen.append(at))
    assert "layer_stat-3.npy" in " ".join(zipfile.ZipFile(file).namelist())
    (arrived,) = target.portable.import_(file, progress=lambda *at: seen.append(at)).added
    assert content(target, arrived) == content(source, run_id)
    assert all(0 < done <= total for done, total in seen)
    assert seen[-1][0] == seen[-1][1]


def test_a_sweep_comes_along(two: tuple[Store, Store], tmp_path: Path) -> None:
    source, target = two
    definition = {
        "base": json.loads(CONFIG.to_json()),
        "axes": [{"kind": "choices", "name": "optimizer.lr", "values": [0.1, 0.01]}],
        "sampler": {"kind": "grid"},
        "seeds": 2,
    }
    sweep = source.sweeps.enqueue(SweepConfig.parse(definition), owner="mika", name="rates")
    runs = [i for trial in source.sweeps.trials(sweep.id) for i in trial.run_ids]
    for run_id in runs:
        source.queue.cancel(run_id, by="mika")
    source.portable.export(runs[1:], tmp_path / "most")
    source.portable.export(runs[:2], tmp_path / "first")
    target.portable.import_(tmp_path / "most")
    target.portable.import_(tmp_path / "first")
    (arrived,) = target.sweeps.list()
    assert (arrived.uid, arrived.name, arrived.ended, arrived.runs) == (sweep.uid, "rates", True, 4)
    trials = target.sweeps.trials(arrived.id)
    assert [t.values for t in trials] == [t.values for t in source.sweeps.trials(sweep.id)]
    assert [len(trial.run_ids) for trial in trials] == [2, 2]


def test_a_branch_names_its_parent_by_the_number_it_has_here(
    two: tuple[Store, Store], file: Path
) -> None:
    source, target = two
    parent, child = filled(source), filled(source)
    with source.engine.begin() as connection:
        values = {"parent_id": parent, "parent_step": 9}
        connection.execute(RunRow.__table__.update().where(RunRow.id == child).values(values))
    running(target)
    source.portable.export([child, parent], file)
    first, second = target.portable.import_(file).added
    assert (get(target, first).parent_id, get(target, first).parent_step) == (second, 9)


def test_a_damaged_checkpoint_is_left_out_and_said(sqlite_store: Store, file: Path) -> None:
    run_id = filled(sqlite_store)
    with sqlite_store.engine.begin() as connection:
        of_step = CheckpointRow.step == 9
        table = CheckpointRow.__table__
        connection.execute(table.update().where(of_step).values(state=b"x"))
    left_out = sqlite_store.portable.export([run_id], file).left_out
    assert [str(checkpoint) for checkpoint in left_out] == [f"that of run {run_id} at step 9"]


def test_an_export_never_replaces_a_file_and_leaves_none_half_done(
    sqlite_store: Store, file: Path
) -> None:
    run_id = filled(sqlite_store)
    with pytest.raises(PortableError, match="no run 77, 99999999999"):
        sqlite_store.portable.export([run_id, 77, 99999999999], file)
    with pytest.raises(PortableError, match="cannot be written"):
        sqlite_store.portable.export([run_id], file / "no" / "folder")
    assert list(file.parent.glob("runs*")) == []
    file.write_text("mine")
    with pytest.raises(PortableError, match="exists already"):
        sqlite_store.portable.export([run_id], file)
    assert file.read_text() == "mine"


def test_the_arrays_of_a_file_are_read_without_layerlab(sqlite_store: Store, file: Path) -> None:
    run_id = filled(sqlite_store)
    sqlite_store.portable.export([run_id], file)
    folder = f"runs/{get(sqlite_store, run_id).uid}"
    with zipfile.ZipFile(file) as archive:
        metrics = np.load(archive.open(f"{folder}/metric-0.npy"))
        assert metrics["loss"][metrics["split"] == "batch"].tolist()[:2] == [1, 0.5]
        state = np.load(archive.open(f"{folder}/checkpoints/9.npz"))
        assert state["w"].tolist() == [9] * 100


# Files that are not right


Members = dict[str, bytes]


def opened(file: Path) -> Members:
    with zipfile.ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(file: Path, members: Mapping[str, bytes], *, seal: bool = True) -> None:
    """The members as a file, whose manifest somebody made fit where it is to be sealed."""
    members = dict(members)
    manifest = json.loads(members.pop(container.MANIFEST))
    if seal:
        manifest["members"] = {
            name: {"size": len(data), "sha256": sha256(data).hexdigest()}
            for name, data in members.items()
        }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        archive.writestr(container.MANIFEST, json.dumps(manifest))


def ending(members: Members, end: str) -> str:
    return next(name for name in members if name.endswith(end))


def changed(end: str, change: Callable[[bytes], bytes]) -> Callable[[Members], None]:
    def apply(members: Members) -> None:
        name = ending(members, end)
        members[name] = change(members[name])

    return apply


def in_json(end: str, **values: Any) -> Callable[[Members], None]:
    return changed(end, lambda data: json.dumps(json.loads(data) | values).encode())


def npy(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def npz(*, compressed: bool = False, **arrays: Any) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


class Bomb:
    """A pickle that would run a program."""

    def __reduce__(self) -> Any:
        return (Path("/nowhere/pwned").touch, ())


def claims(data: bytes) -> bytes:
    """An array whose header claims more values than there are."""
    return data.replace(b"'shape': (", b"'shape': (9", 1).replace(b" \n", b"\n", 1)


def without_step(data: bytes) -> bytes:
    table = np.load(io.BytesIO(data))
    return npy(recfunctions.repack_fields(table[[n for n in table.dtype.names if n != "step"]]))


def twice(members: Members) -> None:
    manifest = json.loads(members["manifest.json"])
    manifest["runs"] *= 2
    members["manifest.json"] = json.dumps(manifest).encode()


def stray(members: Members) -> None:
    name = ending(members, "metric-0.npy")
    members[name.replace("metric-0", "metric-5")] = members[name]


WRONG: dict[str, tuple[Callable[[Members], Any], str]] = {
    "another format": (in_json("manifest.json", format="zip"), "its format is 'zip'"),
    "a later version": (
        in_json("manifest.json", version=container.VERSION + 1, new={}, program="9.1.0"),
        f"is of version {container.VERSION + 1} of the format, which layerlab 9.1.0 wrote",
    ),
    "no version": (in_json("manifest.json", version="new"), "`version` must be a whole number"),
    "a program that is none": (in_json("manifest.json", program="\x1b[2J"), "`program`"),
    "a name that turns around": (in_json("run.json", name="a\u202eb"), "got 'U+202E'"),
    "an owner with a control": (in_json("run.json", owner="a\x1bb"), "got 'U+001B'"),
    "a tag that turns around": (in_json("run.json", tags=["\u2066"]), "got 'U+2066'"),
    "a run twice": (twice, "not those of its manifest"),
    "a run that is another": (
        in_json("run.json", uid="00000000-0000-4000-8000-000000000000"),
        "not those of its manifest",
    ),
    "no run": (lambda m: m.pop(ending(m, "run.json")), "run.json is missing"),
    "no configuration": (lambda m: m.pop(ending(m, "config.json")), "config.json is missing"),
    "no array": (lambda m: m.pop(ending(m, "histogram-0.counts.npy")), "counts.npy is missing"),
    "a stray member": (stray, "nothing says what"),
    "a path out": (lambda m: m.update({"../../evil.json": b""}), "no member may be named"),
    "an absolute path": (lambda m: m.update({"/etc/passwd": b""}), "no member may be named"),
    "an unknown field": (in_json("run.json", admin=True), "`admin` is not a known field"),
    "a negative step": (in_json("run.json", step=-1), "`step`"),
    "a huge number": (in_json("run.json", attempt=2**40), "`attempt`"),
    "an unknown status": (in_json("run.json", status="owned"), "`status`"),
    "a distant time": (in_json("run.json", created_at="9999-12-31T23:59:59Z"), "no such time"),
    "a deep document": (changed("run.json", lambda _: b"[" * 100_000), "run.json"),
    "a wrong configuration": (in_json("config.json", batch_size=0), "config.json: `batch_size`"),
    "a deep configuration": (changed("config.json", lambda _: b"[" * 100_000), "config.json"),
    "objects": (changed("metric-0.npy", lambda _: npy(np.array([Bomb()]))), "array of object"),
    "a bare pickle": (changed("metric-0.npy", lambda _: pickle.dumps(Bomb())), "is no NPY array"),
    "another type": (changed("metric-0.npy", lambda _: npy(np.zeros(3))), "array of float64"),
    "two dimensions": (
        changed("counts.npy", lambda _: npy(np.zeros((2, 2), "<u4"))),
        "2 dimensions",
    ),
    "no step": (changed("metric-0.npy", without_step), "array of [("),
    "too short an array": (changed("metric-0.npy", lambda data: data[:-1]), "is cut short"),
    "too large a claim": (changed("metric-0.npy", claims), "metric-0.npy: it is"),
    "arrays that do not fit": (
        changed("histogram-0.counts.npy", lambda _: npy(np.zeros(3, "<u4"))),
        "holds 3 values",
    ),
    "a later NPY": (
        changed("metric-0.npy", lambda data: data[:6] + b"\x03" + data[7:]),
        "another version of the NPY",
    ),
    "a checkpoint of objects": (
        changed("9.npz", lambda _: npz(w=np.array([Bomb()], object))),
        "cannot be read",
    ),
    "a checkpoint that is none": (changed("9.npz", lambda _: b"x"), "it is no NPZ archive"),
    "a checkpoint of another step": (
        changed("9.npz", lambda _: to_bytes(checkpoint(8))),
        "it is of another step",
    ),
    "a packed checkpoint": (
        changed("9.npz", lambda _: npz(compressed=True, w=np.zeros(10**6))),
        "must not be compressed",
    ),
}


@pytest.fixture
def good(sqlite_store: Store, file: Path) -> Members:
    """The members of a file whose run is no longer in the database."""
    run_id = filled(sqlite_store)
    sqlite_store.portable.export([run_id], file)
    sqlite_store.runs.delete([run_id])
    sqlite_store.runs.purge()
    file.rename(file.with_name("good"))
    return opened(file.with_name("good"))


def test_a_file_from_before_a_statistic_was_added_is_read(
    sqlite_store: Store, file: Path, good: Members
) -> None:
    name = ending(good, "layer_stat-0.npy")
    table = np.load(io.BytesIO(good[name]))
    old = [field for field in table.dtype.names if not field.startswith("weight_norm")]
    good[name] = npy(recfunctions.repack_fields(table[old]))
    written(file, good)
    (arrived,) = sqlite_store.portable.import_(file).added
    found = sqlite_store.history.layers(arrived)
    assert {statistics.weight_norm for statistics in found} == {None}
    assert {statistics.activation_std for statistics in found} == {0.2}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_hostile_file_changes_nothing_and_is_named(
    sqlite_store: Store, file: Path, good: Members, wrong: str
) -> None:
    spoil, problem = WRONG[wrong]
    spoil(good)
    written(file, good)
    before = rows(sqlite_store)
    with pytest.raises(PortableError, match="nothing was imported") as refused:
        sqlite_store.portable.import_(file)
    assert problem in str(refused.value)
    assert str(file) in str(refused.value)
    assert len(str(refused.value)) < 1000
    assert "\n" not in str(refused.value)
    assert rows(sqlite_store) == before


def test_what_is_said_of_sizes_is_checked_before_anything_is_unpacked(
    sqlite_store: Store, file: Path, good: Members, monkeypatch: pytest.MonkeyPatch
) -> None:
    good[ending(good, "metric-0.npy")] = bytes(80 * 2**20)  # packs to a thousandth
    written(file, good)
    assert file.stat().st_size < 2**20
    unpacked: list[str] = []
    read = zipfile.ZipFile.open

    def watched(self: zipfile.ZipFile, name: Any, *rest: Any, **options: Any) -> Any:
        unpacked.append(str(name))
        return read(self, name, *rest, **options)

    monkeypatch.setattr(zipfile.ZipFile, "open", watched)
    with pytest.raises(PortableError, match="would unpack to"):
        sqlite_store.portable.import_(file)
    assert unpacked == []


def test_a_member_is_not_unpacked_beyond_the_size_that_it_has_in_the_list(
    sqlite_store: Store, file: Path, good: Members
) -> None:
    """The list of a ZIP may lie about a size."""
    name = ending(good, "metric-0.npy")
    size = len(good[name]).to_bytes(4, "little")
    good[name] += bytes(2**20)
    written(file, good)
    data = file.read_bytes()
    true_size = len(good[name]).to_bytes(4, "little")
    assert data.count(true_size) == 2
    file.write_bytes(data.replace(true_size, size))
    with pytest.raises(PortableError, match="nothing was imported"):
        sqlite_store.portable.import_(file)


def test_a_member_that_is_there_twice_is_refused(
    sqlite_store: Store, file: Path, good: Members
) -> None:
    written(file, good)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(ending(good, "run.json"), b"{}")
    with pytest.raises(PortableError, match="there twice"):
        sqlite_store.portable.import_(file)


def test_no_file_and_another_file_are_said(store: Store, file: Path) -> None:
    with pytest.raises(PortableError, match="There is no file"):
        store.portable.import_(file)
    file.write_text("not a ZIP")
    with pytest.raises(PortableError, match="it is no ZIP archive"):
        store.portable.import_(file)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_file_with_any_byte_changed_or_missing_imports_equal_or_not_at_all(
    sqlite_url: str, file: Path, data: st.DataObject
) -> None:
    with Store.open(sqlite_url) as store:
        whole = file.with_name("whole")
        if not whole.exists():
            run_id = filled(store)
            (file.with_name("content")).write_bytes(pickle.dumps(content(store, run_id)))
            store.portable.export([run_id], whole)
            store.runs.delete([run_id])
            store.runs.purge()
        content_bytes = bytearray(whole.read_bytes())
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(content_bytes) - 1))
            content_bytes[place] ^= data.draw(st.integers(1, 255))
        if data.draw(st.booleans()):
            del content_bytes[data.draw(st.integers(0, len(content_bytes))) :]
        file.write_bytes(content_bytes)
        before = rows(store)
        try:
            (arrived,) = store.portable.import_(file).added
        except LayerlabError:
            arrived = 0
        if not arrived:
            assert rows(store) == before
            return
        assert content(store, arrived) == pickle.loads(file.with_name("content").read_bytes())
        store.runs.delete([arrived])
        store.runs.purge()


def test_what_was_well_sealed_but_is_garbage_is_refused(
    sqlite_url: str, file: Path, tmp_path: Path
) -> None:
    """Somebody who makes the hashes fit reaches the parsers: they answer in one sentence, too."""
    generator = random.Random(0)
    with Store.open(sqlite_url) as store:
        run_id = filled(store)
        store.portable.export([run_id], tmp_path / "good")
        good = opened(tmp_path / "good")
        store.runs.delete([run_id])
        store.runs.purge()
        before = rows(store)
        for _ in range(80):
            members = dict(good)
            name = generator.choice([n for n in members if n != container.MANIFEST])
            spoilt = bytearray(members[name])
            for _ in range(generator.randint(1, 4)):
                spoilt[generator.randrange(min(len(spoilt), 400))] = generator.randrange(256)
            members[name] = bytes(spoilt)
            written(file, members)
            try:
                added = store.portable.import_(file).added
            except LayerlabError:
                assert rows(store) == before
            else:  # another value, but a possible one
                content(store, added[0])
                store.runs.delete(added)
                store.runs.purge()
