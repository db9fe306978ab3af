"""Databases of earlier versions keep all they hold when they are brought up to date."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from alembic import command
from numpy.typing import NDArray
from sqlalchemy import Engine, MetaData, create_engine, text

from db import address, schema
from db.connection import Database
from db.records import Request, Run, Status
from db.store import Store
from tests.db.build import CONFIG

WHEN = "2026-01-02 03:04:05.000000"
ARRAY = np.arange(3, dtype="<f8").tobytes()


def _npy(array: NDArray[Any]) -> bytes:
    file = BytesIO()
    np.save(file, array)
    return file.getvalue()


Tables = dict[str, list[dict[str, Any]]]

FIRST: Tables = {
    "run": [
        {
            "id": run_id,
            "uid": f"{run_id:032x}",
            "name": f"run {run_id}",
            "owner": "mika",
            "status": status,
            "priority": 0,
            "attempt": 1,
            "max_attempts": 3,
            "cancel_requested": False,
            "step": 5,
            "steps": 100,
            "parameters": 7,
            "config": CONFIG.model_copy(update={"seed": run_id}).to_json(),
            "program": "0.1.0",
            "created_at": WHEN,
        }
        for run_id, status in ((4, "done"), (7, "queued"))
    ],
    "run_summary": [
        {"run_id": 4, "last_step": 5, "last_epoch": 1, "last_val_loss": 0.5},
        {"run_id": 7},
    ],
    "run_param": [
        {"run_id": 4, "name": "optimizer.lr", "place": 0, "number": 0.1},
        {"run_id": 4, "name": "optimizer.kind", "place": 1, "text": "adam"},
    ],
    "run_event": [{"id": 3, "run_id": 4, "attempt": 1, "at": WHEN, "kind": "done", "data": "{}"}],
    "metric": [{"run_id": 4, "split": 2, "step": 5, "epoch": 1, "loss": 0.5, "accuracy": 0.75}],
    "layer_stat": [
        {
            "run_id": 4,
            "step": 5,
            "layer": 1,
            "activation_mean": 0.1,
            "activation_std": 0.2,
            "gradient_std": 0.3,
        }
    ],
    "histogram": [
        {
            "run_id": 4,
            "quantity": 0,
            "step": 5,
            "layer": 1,
            "low": -1.0,
            "high": 1.0,
            "counts": np.arange(4, dtype="<u4").tobytes(),
        }
    ],
    "batch_norm": [
        {"run_id": 4, "layer": 1, "step": 5}
        | dict.fromkeys(
            ("gamma", "beta", "running_mean", "running_var", "batch_mean", "batch_var"), ARRAY
        )
    ],
    "checkpoint": [
        {
            "id": 2,
            "run_id": 4,
            "attempt": 1,
            "step": 5,
            "epoch": 1,
            "created_at": WHEN,
            "resumable": True,
            "size": 3,
            "sha256": b"0" * 32,
            "state": b"abc",
        }
    ],
}

SECOND: Tables = FIRST | {
    "run": [
        {name: value for name, value in run.items() if name != "config"}
        | {"archived_at": WHEN if run["id"] == 4 else None}
        for run in FIRST["run"]
    ],
    "run_config": [{"run_id": run["id"], "config": run["config"]} for run in FIRST["run"]],
    "tag": [{"run_id": 4, "name": "week3"}],
    "note": [{"run_id": 4, "text": "# A note", "changed_at": WHEN}],
    "saved_view": [
        {"id": 5, "owner": "mika", "name": "mine", "state": '{"a": [1]}', "changed_at": WHEN}
    ],
    "batch_statistic": [
        {
            "run_id": 4,
            "layer": 1,
            "step": 5,
            "first_step": 4,
            "counts": np.array([50, 60], dtype="<u4").tobytes(),
            "mean": _npy(np.array([[1, 2, 3], [4, 5, 6]], dtype="<f4")),
            "var": _npy(np.ones((2, 3), dtype="<f4")),
        }
    ],
}

SWEEP = {
    "base": CONFIG.model_dump(mode="json"),
    "axes": [{"kind": "choices", "name": "optimizer.lr", "values": [0.1]}],
    "sampler": {"kind": "grid"},
}

THIRD: Tables = SECOND | {
    "run": [
        {name: value for name, value in run.items() if name != "cancel_requested"}
        | {"seconds": 2.5, "time_limit": 60.0, "gpu": False}
        | (
            {"sweep_id": 6, "trial": 0, "replicate": 0, "request": "pause"}
            if run["id"] == 4
            else {}
        )
        for run in SECOND["run"]
    ],
    "sweep": [
        {
            "id": 6,
            "uid": f"{6:032x}",
            "name": "rates",
            "owner": "mika",
            "state": "active",
            "priority": 3,
            "definition": json.dumps(SWEEP),
            "created_at": WHEN,
        }
    ],
    "trial": [{"sweep_id": 6, "number": 0, "values": '{"optimizer.lr": 0.1}'}],
    "queue": [],  # has its one row from the start
    "run_log": [{"id": 8, "run_id": 4, "attempt": 1, "at": WHEN, "text": "a line"}],
}

# One layer at one step, as `db/blocks.py` packs it: counts 0 to 3 between -1 and 1, and 0 to 2 in
# each channel of each array.
_HISTOGRAM = "017801636040800f1ff6db33303231030013e302e5"
_STATE = "780163602002343030a0217b07065404006d8f05fb"
_PACKED = ("histogram", "batch_norm")
FIFTH: Tables = {name: rows for name, rows in THIRD.items() if name not in _PACKED} | {
    "histogram": [],
    "batch_norm": [],
    "layer_block": [
        {
            "run_id": 4,
            "kind": kind,
            "layer": 1,
            "step": 5,
            "first_step": 5,
            "steps": np.array([5], "<i4").tobytes(),
            "data": bytes.fromhex(data),
        }
        for kind, data in ((0, _HISTOGRAM), (3, _STATE))
    ],
    "checkpoint_slots": [{"checkpoint_id": 2, "size": 0, "sha256": b"1" * 32, "state": b""}],
}

FILLED: dict[str, Tables] = {
    "0001": FIRST,
    "0002": SECOND,
    "0003": THIRD,
    "0004": THIRD,
    "0005": FIFTH,
}
"""A row or two of every table of every released schema. Never changed: those schemas do not."""


@pytest.mark.parametrize("revision", FILLED)
def test_what_an_earlier_version_kept_is_still_there(empty_url: str, revision: str) -> None:
    _make(empty_url, revision)
    schema.upgrade(empty_url)
    with Store.open(empty_url) as store:
        run = store.runs.get(4)
        assert run is not None
        assert (run.name, run.status, run.config.seed) == ("run 4", Status.DONE, 4)
        assert run.last is not None
        assert run.last.val_loss == 0.5
        assert [found.id for found in store.runs.find(shelf=None).runs] == [7, 4]
        assert store.runs.params([4]) == {4: {"optimizer.lr": 0.1, "optimizer.kind": "adam"}}
        assert [event.id for event in store.runs.events(4)] == [3]
        assert store.history.metrics([4])[4][0].accuracy == 0.75
        assert store.history.layers(4)[0].activation_std == 0.2
        assert store.history.histograms(4, quantity="activation")[0].counts.tolist() == [0, 1, 2, 3]
        assert store.history.batch_norms(4)[0].beta.tolist() == [0, 1, 2]
        assert [info.size for info in store.checkpoints.list(4)] == [3]
        _check_later(store, run, revision)
        claim = store.queue.claim(lease=60)
        assert claim is not None
        assert (claim.run_id, claim.config.seed) == (7, 7)


def _check_later(store: Store, run: Run, revision: str) -> None:
    """What only later versions could keep."""
    second, third = revision >= "0002", revision >= "0003"
    assert (run.tags, run.noted) == ((("week3",), True) if second else ((), False))
    assert (run.archived_at is not None) == second
    note, views = store.notes.get(4), store.views.list()
    assert (note and note.text) == ("# A note" if second else None)
    assert [(view.id, view.state) for view in views] == ([(5, {"a": [1]})] if second else [])
    statistics = store.history.batch_statistics(4)
    assert [part.mean.tolist() for part in statistics] == [[[1, 2, 3], [4, 5, 6]]] * second
    assert (run.seconds, run.time_limit) == ((2.5, 60) if third else (0, None))
    assert (run.request, run.sweep_id) == ((Request.PAUSE, 6) if third else (None, None))
    assert [(sweep.name, sweep.priority) for sweep in store.sweeps.list()] == [("rates", 3)] * third
    assert [trial.run_ids for trial in store.sweeps.trials(6)] == [(4,)] * third
    assert [line.text for line in store.logs.lines(4)] == ["a line"] * third
    assert not store.queue.state().paused


def test_every_version_is_filled() -> None:
    assert set(FILLED) == schema._known()


@pytest.mark.parametrize("revision", FILLED)
def test_every_table_of_an_earlier_version_is_filled(empty_url: str, revision: str) -> None:
    engine = _make(empty_url, revision)
    metadata = MetaData()
    metadata.reflect(engine)
    assert set(metadata.tables) == {*FILLED[revision], schema.VERSION_TABLE}


def _make(url: str, revision: str) -> Engine:
    """A database as a program of that revision left it."""
    place = address.parse(url)
    if place.file:
        place.file.parent.mkdir(exist_ok=True)
    database = Database(place)
    with database.write() as connection:
        command.upgrade(schema._config(connection), revision)
    database.close()
    engine = create_engine(place.url)
    with engine.begin() as connection:
        for table, rows in FILLED[revision].items():
            for row in rows:
                columns = ", ".join(f'"{column}"' for column in row)
                places = ", ".join(f":{column}" for column in row)
                connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), row)
    engine.dispose()
    return engine
