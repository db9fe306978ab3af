"""A database of small real runs, and the dashboard opened on it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.state.choices import Choice
from dashboard.state.pages import PAGES, script_of
from dashboard.widgets import drawing
from db.people import PROXY
from db.records import Person, Status
from db.rights import Role
from db.schema import upgrade
from db.store import Store
from engine.config import RecordSpec, RunConfig
from engine.datasets import Diabetes, Digits
from engine.early_stopping import EarlyStopping
from engine.initializers import He, Normal
from engine.layers import BatchNorm, ReLU, Sigmoid
from engine.losses import MeanSquaredError
from engine.optimizers import SGD, Adam
from engine.records import Checkpoint, StepRecord
from engine.stack import multilayer
from engine.training import Trainer, train

APP = Path(dashboard.__file__).with_name("app.py")
LEASE = 3600.0

drawing.CHECKED = True


class StoreRecorder:
    """Leaves a run's records in the Store, as a training child does; may stop after some steps."""

    def __init__(self, store: Store, run_id: int, attempt: int, *, stop_after: int | None) -> None:
        self.store, self.run_id, self.attempt = store, run_id, attempt
        self.stop_after, self.step = stop_after, 0

    def record(self, record: StepRecord) -> None:
        self.step = record.step
        self.store.history.append(self.run_id, self.attempt, [record], lease=LEASE)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self.store.checkpoints.save(self.run_id, self.attempt, checkpoint)

    def checkpoint_wanted(self) -> bool:
        return False

    def stop_requested(self) -> bool:
        return self.stop_after is not None and self.step >= self.stop_after


@dataclass(frozen=True)
class Demo:
    """Where the database is, and the number of each of its runs."""

    url: str
    done: int  # He, Batch Normalization, Adam
    plain: int  # sigmoid, normal(1.0), no Batch Normalization
    diverged: int  # SGD with an absurd learning rate, no Batch Normalization
    failed: int
    running: int  # half way, its lease far in the future
    queued: int
    hostile: int  # queued, with a name that is markup in every language
    cancelled: int
    paused: int
    stopped: int  # by its time limit, at once

    @property
    def by_status(self) -> Mapping[Status, int]:
        return {status: getattr(self, status.value) for status in Status}


REGRESSION = RunConfig(
    dataset=Diabetes(),
    layers=multilayer([8], 1, activation=ReLU(), init=He(), batch_norm=BatchNorm()),  # type: ignore[arg-type]
    loss=MeanSquaredError(),
    batch_size=100,
    epochs=40,
    early_stopping=EarlyStopping(patience=2, min_delta=1e6),
    backend="numpy",
)
"""A run that predicts numbers, has no accuracy and ends early, after its third epoch."""

HOSTILE_NAME = "<script>alert(1)</script> **x** $x$ :red[x] [a](http://b) `c`"


def small(**changes: Any) -> RunConfig:
    """A configuration that trains in a blink."""
    layers = multilayer([20, 20], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm())
    config = RunConfig(
        dataset=Digits(train_samples=200),
        layers=layers,  # type: ignore[arg-type]
        optimizer=Adam(lr=0.01),
        batch_size=50,
        epochs=4,
        record=RecordSpec(every=2, dense=4),
        backend="numpy",
    )
    return config.model_copy(update=changes)


def execute(store: Store, run_id: int, *, stop_after: int | None = None) -> None:
    """Claim a run, train it and finish it; with `stop_after` it is left running."""
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert claim.run_id == run_id, "runs are claimed in the order they were queued"
    data = {"backend": "numpy", "reason": "asked for", "pid": 1, "host": "laptop"}

    def start(trainer: Trainer) -> None:
        kept = {"trains_on": trainer.data, "baseline_loss": trainer.baseline_loss}
        store.queue.start(run_id, claim.attempt, worker="laptop:1", data=data, **kept)

    recorder = StoreRecorder(store, run_id, claim.attempt, stop_after=stop_after)
    outcome = train(claim.config, recorder, on_start=start)
    if outcome.status == "done":
        store.queue.finish(run_id, claim.attempt, Status.DONE, step=outcome.step)
    elif outcome.status == "diverged":
        store.queue.finish(run_id, claim.attempt, Status.DIVERGED, step=outcome.step)


def fill(store: Store) -> dict[str, int]:
    """One run in every state, each queued and claimed in turn."""
    ids: dict[str, int] = {}

    def add(key: str, config: RunConfig, name: str = "", owner: str = "aiko") -> int:
        ids[key] = store.queue.enqueue(config, owner=owner, name=name).id
        return ids[key]

    execute(store, add("done", small(), "BN, He, Adam"))
    sigmoid = multilayer([20, 20], 10, activation=Sigmoid(), init=Normal(std=1.0))
    execute(store, add("plain", small(layers=sigmoid), "plain sigmoid", owner="ben"))
    bare = multilayer([20, 20], 10, activation=ReLU(), init=He())
    fast = small(layers=bare, optimizer=SGD(lr=1e18))
    execute(store, add("diverged", fast, "too fast"))
    claim = add("failed", small(seed=1), "no device") and store.queue.claim(lease=LEASE)
    assert claim is not None
    error = "No GPU answers on this machine; choose `auto` or `numpy`."
    store.queue.finish(claim.run_id, claim.attempt, Status.FAILED, error=error)
    add("cancelled", small(seed=2))
    store.queue.cancel(ids["cancelled"], by="aiko")
    stopped = store.queue.enqueue(small(seed=6), owner="aiko", time_limit=1)
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    store.queue.leave(stopped.id, claim.attempt, step=0, seconds=2)
    ids["stopped"] = stopped.id
    add("paused", small(seed=7))
    store.queue.pause(ids["paused"], by="aiko")
    running = small(epochs=40, seed=3)
    execute(store, add("running", running, "half way", owner="ben"), stop_after=20)
    add("queued", small(seed=4))
    add("hostile", small(seed=5), HOSTILE_NAME, owner="<b>mallory</b>")
    return ids


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest leaves the page as `__main__`, which processes spawned later would run again."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session", autouse=True)
def _packages_searched_once() -> Iterator[None]:
    """Every AppTest has Streamlit read about all installed packages, four fifths of its time."""
    with pytest.MonkeyPatch.context() as patch:
        once = cache(manifest_scanner.scan_component_manifests)
        patch.setattr(manifest_scanner, "scan_component_manifests", once)
        yield


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """The demo database, filled once; a test that writes takes `demo_copy`."""
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'demo.db'}"
    upgrade(url)
    store = Store.open(url)
    try:
        ids = fill(store)
    finally:
        store.close()
    return Demo(url=url, **ids)


@pytest.fixture(scope="session")
def regression_database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database whose runs, 1 and 2, predict numbers."""
    url = f"sqlite:///{tmp_path_factory.mktemp('regression') / 'regression.db'}"
    upgrade(url)
    with Store.open(url) as store:
        for seed in (0, 1):
            config = REGRESSION.model_copy(update={"seed": seed})
            execute(store, store.queue.enqueue(config, owner="mika").id)
    return url


@pytest.fixture
def demo_copy(demo_database: Demo, tmp_path: Path) -> Demo:
    """A copy of the demo database that a test may change."""
    source = Path(demo_database.url.removeprefix("sqlite:///"))
    for file in source.parent.glob(f"{source.name}*"):
        shutil.copy(file, tmp_path / file.name)
    return replace(demo_database, url=f"sqlite:///{tmp_path / source.name}")


@pytest.fixture
def empty_database(sqlite_url: str) -> str:
    """A database without runs."""
    return sqlite_url


OpenPage = Callable[..., AppTest]


def unreadable(choice: Choice[Any], text: str) -> bool:
    """Whether an address that says this of a choice says no value of it."""
    try:
        choice.read(text)
    except ValueError:
        return True
    return False


def told(at: AppTest) -> list[dict[str, Any]]:
    """What the page has told each of our components in the browser."""
    told = [component.proto.json for component in at.get("bidi_component")]
    return [json.loads(text) for text in told if text]


@dataclass(frozen=True)
class Rows:
    """The list on a page, as it is sent to the browser."""

    data: Mapping[str, Any]

    @classmethod
    def of(cls, at: AppTest) -> Rows:
        """The list, or one of no rows where there is none."""
        empty = {"rows": (), "columns": (), "selected": ()}
        return cls(next((data for data in told(at) if "rows" in data), empty))

    @property
    def ids(self) -> list[int]:
        return [row["key"] for row in self.data["rows"]]

    @property
    def columns(self) -> list[str]:
        return [column["key"] for column in self.data["columns"]]

    @property
    def headers(self) -> dict[str, dict[str, str]]:
        return {column["key"]: column for column in self.data["columns"]}

    @property
    def selected(self) -> list[int]:
        return list(self.data["selected"])

    def cell(self, row_id: int, column: str) -> Any:
        """What a cell holds."""
        row = next(row for row in self.data["rows"] if row["key"] == row_id)
        return row["cells"][self.columns.index(column)]["value"]


def followed(at: AppTest) -> AppTest:
    """The page to which a button led, opened as the browser opens it."""
    url = urlsplit(next(data["url"] for data in told(at) if "url" in data))
    at.switch_page(script_of(url.path.strip("/") or PAGES[0].key))
    at.query_params.clear()
    for name, text in parse_qsl(url.query):
        at.query_params[name] = text
    return at.run()


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """Open a page of the dashboard on a database: `open_page(url, "run", id=3, lang="ja")`."""

    def opened(url: str, key: str, **params: object) -> AppTest:
        monkeypatch.setenv("LAYERLAB_DATABASE_URL", url)
        forget()
        at = AppTest.from_file(str(APP), default_timeout=60)
        at.switch_page(script_of(key))
        for name, value in params.items():
            at.query_params[name] = str(value)
        return at.run()

    def forget() -> None:
        st.cache_data.clear()
        st.cache_resource.clear()

    yield opened
    forget()


SignIn = Callable[[str | None], None]


@pytest.fixture
def sign_in(monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """From now on the proxy names this user in every WebSocket's first request."""
    monkeypatch.setenv("LAYERLAB_AUTH", "header")
    monkeypatch.setenv("LAYERLAB_PROXY", "10.0.0.2")

    def named(user: str | None) -> None:
        headers = [("remote-user", user)] if user else []
        context = SimpleNamespace(headers=headers, cookies={}, remote_ip="10.0.0.2")
        monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: context)

    return named


def known(demo: Demo, name: str, role: Role) -> Person:
    with Store.open(demo.url) as store:
        return store.people.add(name, issuer=PROXY, role=role, by="root")


# At the end, since it builds on what stands above.
from tests.dashboard.served import (  # noqa: E402, F401
    address,
    other_reader,
    page,
    reader,
    served_database,
)
