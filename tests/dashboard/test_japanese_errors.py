"""A Japanese reader meets no English in what goes wrong: only names, paths and code."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from dashboard.state.config_link import decode
from dashboard.views.status import event_text
from dashboard.words.sentences import error_text, sentence
from db.errors import translated
from db.models import RunRow
from db.query.names import names
from db.records import EventKind, Status
from db.schema import upgrade
from db.store import Store
from engine.backend import choose
from engine.config import RunConfig
from engine.datasets import CSV, IDX, NPZ
from engine.default import default_config
from engine.errors import BackendError, LayerlabError
from engine.messages import Message
from engine.overrides import override
from engine.sweeps.config import SweepConfig
from engine.sweeps.text import axis_of
from runner.cluster import Cluster, Slots
from runner.job import Ending, EndingKind
from runner.supervisor import Child
from runner.watch import Watch
from tests.dashboard.conftest import Demo, OpenPage

CODE = re.compile(r"`[^`]*`|'[^']*'|\S*[/\\]\S*")
NAMES = {*names(), *(part for name in names() for part in name.split("."))}
NAMES |= {str(choice) for name in names().values() for choice in name.choices}
NAMES |= {"layerlab", "pip", "install", "runs", "zip", "json", "gzip", "uint", "float", "mika"}
NAMES |= {"inf", "true", "false", "in", "like", "days", "ago", "log", "int", "set"}  # what is typed
NAMES |= {"lone"}  # of an array in a file


def english(text: str) -> list[str]:
    """The English words of a text but for names."""
    words = re.findall(r"(?<![\w./-])[a-z]{2,}(?![\w./-])", CODE.sub("", text), re.ASCII)
    return [word for word in words if word not in NAMES]


@pytest.fixture(autouse=True)
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.words.i18n.language", lambda: "ja")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    return tmp_path


def told(act: Callable[[], object]) -> str:
    """The Japanese sentence about what an act raises."""
    with pytest.raises(LayerlabError) as raised:
        act()
    return error_text(raised.value)


def parsed(**values: object) -> Callable[[], object]:
    return lambda: RunConfig.parse({**default_config().model_dump(mode="json"), **values})


def swept(*axes: dict[str, object], **values: object) -> Callable[[], object]:
    return lambda: SweepConfig.parse({"base": default_config(), "axes": list(axes), **values})


RANGE = {"kind": "range", "name": "optimizer.lr", "low": 0.1, "high": 1.0}

OF_THE_FORM: dict[str, Callable[[], object]] = {
    "too small": parsed(epochs=0),
    "several": parsed(epochs=0, batch_size="many"),
    "no whole number": parsed(epochs=1.5),
    "not finite": parsed(optimizer={"kind": "sgd", "lr": float("inf")}),
    "an unknown field": parsed(epoch=3),
    "an unknown kind": parsed(optimizer={"kind": "adm"}),
    "no kind": parsed(optimizer={}),
    "one of a few": parsed(dtype="float16"),
    "an empty list": parsed(layers=[]),
    "a path out": parsed(dataset={"kind": "csv", "file": "../secret.csv"}),
    "no JSON": lambda: RunConfig.parse_json("{'a': 1}"),
    "deep JSON": lambda: RunConfig.parse_json("[" * 100_000),
    "a name without a value": lambda: override(default_config(), ["epochs"]),
    "a place that is not there": lambda: override(default_config(), ["layers.99.units=3"]),
    "an axis": lambda: axis_of("optimizer.lr"),
    "an axis's options": lambda: axis_of("optimizer.lr=1..2:x"),
    "ends the wrong way round": swept({**RANGE, "low": 2.0}),
    "a field twice": swept(RANGE, RANGE),
    "too many runs": swept(RANGE, {**RANGE, "name": "epochs", "points": 900}, seeds=1000),
    "CMA-ES": swept(RANGE, sampler={"kind": "cmaes"}),
    "a link": lambda: decode("?"),
}


@pytest.mark.parametrize("wrong", OF_THE_FORM)
def test_the_form(wrong: str) -> None:
    text = told(OF_THE_FORM[wrong])
    assert english(text) == [], text


STACKS: dict[str, list[dict[str, object]]] = {
    "flat samples": [{"kind": "conv2d"}, {"kind": "dense", "units": 10}],
    "images": [{"kind": "max_pool2d"}, {"kind": "dense", "units": 10}],
    "outputs": [{"kind": "dense", "units": 9}],
}


@pytest.mark.parametrize("lacking", STACKS)
def test_layers_that_do_not_fit(lacking: str, empty_database: str) -> None:
    layout = "image" if lacking == "flat samples" else "flat"
    dataset = {"kind": "digits", "layout": layout}
    config = default_config().model_dump(mode="json") | {"dataset": dataset}
    with Store.open(empty_database) as store:
        run = RunConfig.parse(config | {"layers": STACKS[lacking]})
        text = told(lambda: store.queue.enqueue(run, owner="mika"))
    assert english(text) == [], text


def test_the_form_as_it_is_shown(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch", lang="ja", config="no-link")
    assert not at.exception
    (warning,) = at.warning
    assert english(warning.value.replace("\\", "")) == [], warning.value


def _idx(data: Path, images: bytes) -> None:
    (data / "mnist").mkdir()
    (data / "mnist" / "train-images-idx3-ubyte").write_bytes(images)


def test_the_data_sets(data: Path) -> None:
    (data / "bad.csv").write_text("a,b\n1,\n")
    (data / "words.csv").write_text("a,b\nx,1\ny,2\n")
    (data / "empty.csv").write_text("")
    (data / "latin.csv").write_bytes("a,b\nä,1\n".encode("latin-1"))
    (data / "bad.npz").write_bytes(b"PK")
    np.savez(data / "lone.npz", x=np.zeros((3, 2)))
    np.savez(data / "nan.npz", x=np.full((9, 2), np.nan), y=np.zeros(9, int))
    acts: list[Callable[[], object]] = [
        CSV(file="gone.csv").load,
        CSV(file="bad.csv").load,
        CSV(file="words.csv").load,
        CSV(file="words.csv", target="c").load,
        CSV(file="empty.csv").load,
        CSV(file="latin.csv").load,
        NPZ(file="gone.npz").load,
        NPZ(file="bad.npz").load,
        NPZ(file="lone.npz").load,
        NPZ(file="nan.npz").load,
        IDX().load,
    ]
    texts = [told(act) for act in acts]
    _idx(data, b"\x89PNG")
    texts.append(told(IDX().load))
    (data / "mnist" / "train-images-idx3-ubyte").write_bytes(b"\0\0\x08\3" + bytes(4))
    texts.append(told(IDX().load))
    assert {text: english(text) for text in texts if english(text)} == {}


def test_the_backend(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.backend.find_spec", lambda name: None)
    text = told(lambda: choose("numba"))
    assert english(text) == [], text
    with pytest.raises(BackendError):
        choose("numba")


@pytest.fixture
def store(empty_database: str) -> Iterator[Store]:
    with Store.open(empty_database) as opened:
        yield opened


def test_the_database(tmp_path: Path, empty_database: str, store: Store) -> None:
    damaged = tmp_path / "bad.db"
    damaged.write_text("no database at all" * 100)
    run = store.queue.enqueue(default_config(), owner="mika")

    def full() -> None:
        with translated(str(tmp_path / "runs.db")), store.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("CREATE TABLE more (x)")

    acts: list[Callable[[], object]] = [
        lambda: Store.open(f"sqlite:///{tmp_path / 'none.db'}"),
        lambda: Store.open(f"sqlite:///{damaged}"),
        lambda: upgrade(f"sqlite:///{damaged}/below/runs.db"),
        lambda: Store.open("nonsense"),
        full,
        lambda: store.branches.prolong(99, epochs=1, owner="mika"),
        lambda: store.branches.prolong(run.id, epochs=1, owner="mika"),
        lambda: store.branches.prolong(run.id, epochs=0, owner="mika"),
        lambda: store.queue.prioritize(run.id, 10**9, by="mika"),
        lambda: store.runs.rename(run.id, "x" * 1000),
        lambda: store.tags.add([run.id], [""]),
        lambda: store.views.save("x", {"long": "x" * 200_000}, owner="mika"),
        lambda: store.checkpoints.load(99),
    ]
    texts = [told(act) for act in acts]
    assert {text: english(text) for text in texts if english(text)} == {}


QUERIES = (
    *("optimizr.lr > 3", "status = 終わり", "seed = 1)", '"open', "seed =", "(seed = 1"),
    *("seed = x", "gpu > 1", "created > x", "name > 1", "seed > none", "seed like 1"),
)


@pytest.mark.parametrize("query", QUERIES)
def test_the_search(store: Store, query: str) -> None:
    text = told(lambda: store.runs.find(query=query))
    assert english(text) == [], text


@pytest.mark.parametrize("harm", ["cut", "garbage", "another", "gone"])
def test_the_import(demo_database: Demo, tmp_path: Path, store: Store, harm: str) -> None:
    file = tmp_path / "runs.zip"
    if harm == "garbage":
        file.write_bytes(b"<script>")
    elif harm != "gone":
        with Store.open(demo_database.url) as demo:
            demo.portable.export([demo_database.failed], file)
        data = file.read_bytes()
        broken = data[: len(data) // 2] if harm == "cut" else data.replace(b"run.json", b"run.jsom")
        file.write_bytes(broken)
    text = told(lambda: store.portable.import_(file))
    assert english(text) == [], text


def test_the_log_of_a_run(store: Store) -> None:
    """Every event of a run while it waits, trains, is lost and fails."""
    run_id = store.queue.enqueue(default_config(), owner="mika", max_attempts=2).id
    cluster = Cluster.__new__(Cluster)  # which says why runs wait without one at work
    cluster._own, cluster._programs = None, {}
    hindrance = cluster.hindrance(Slots(gpu=0, other=1))
    assert hindrance is not None
    store.queue.explain(hindrance.reason)
    store.queue.claim(lease=60)
    data = {"backend": "numpy", "reason": choose("auto").reason, "host": "pc-1", "pid": 1}
    store.queue.start(run_id, 1, worker="pc-1:1", data=data)
    with store.engine.begin() as connection:
        past = datetime.now(UTC) - timedelta(minutes=1)
        connection.execute(update(RunRow).values(lease_until=past))
    assert store.queue.reap() == [run_id]
    store.queue.claim(lease=60)
    store.queue.release(run_id, 2, reason=_death(), killed=True)
    texts = [event_text(event) for event in store.runs.events(run_id)]
    assert any("期限" in text for text in texts), texts
    ended = store.runs.why_ended(run_id)
    assert ended is not None
    texts += [sentence(ended), sentence(data["reason"])]  # type: ignore[arg-type]
    assert {text: english(text) for text in texts if english(text)} == {}


def _death() -> Message:
    """What a supervisor says of a child that was killed."""
    child = Child.__new__(Child)
    child._process = _Killed()  # type: ignore[assignment]
    return Ending(EndingKind.LOST, child._death()).detail


class _Killed:
    pid, exitcode = 4711, -9

    def join(self) -> None: ...


def test_a_run_that_is_stopped(store: Store) -> None:
    run_id = store.queue.enqueue(default_config(), owner="mika", time_limit=5).id
    store.queue.claim(lease=60)
    store.queue.leave(run_id, 1, step=3, seconds=6)
    why = store.runs.why_ended(run_id)
    assert why is not None
    texts = [sentence(why), *(event_text(event) for event in store.runs.events(run_id))]
    assert {text: english(text) for text in texts if english(text)} == {}
    watch = Watch(lease=-1, grace=-1)
    killed = watch.why_kill(None)
    assert killed is not None
    assert english(sentence(killed)) == []


def test_what_an_older_version_wrote_is_shown_as_it_is(store: Store) -> None:
    run_id = store.queue.enqueue(default_config(), owner="mika").id
    store.queue.claim(lease=60)
    with store.engine.begin() as connection:
        old = '{"error": "it failed in {some} way"}'
        event = "INSERT INTO run_event (run_id, attempt, at, kind, data) VALUES (?, 1, ?, ?, ?)"
        moment = "2026-01-01 00:00:00.000000"
        values = (run_id, moment, EventKind.FAILED.value, old)
        connection.exec_driver_sql(event, values)
        connection.execute(update(RunRow).values(status=Status.FAILED))
    assert "it failed in {some} way" in event_text(store.runs.events(run_id)[-1])
    assert str(store.runs.why_ended(run_id)) == "it failed in {some} way"
