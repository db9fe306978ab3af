"""Databases of earlier versions keep all they hold when they are brought up to date."""

from __future__ import annotations

import json
from hashlib import sha256
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
from engine.checkpoint import from_bytes
from engine.config import RunConfig
from tests.db.build import CONFIG
from tests.engine.checkpoints.write import HERE as CHECKPOINTS

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

DATASET = {"kind": "csv", "file": "t.csv", "content": "a" * 64}
EIGHTH: Tables = FIFTH | {
    "data_content": [{"sha256": "a" * 64, "size": 3, "written_at": WHEN}],
    "data_version": [
        {
            "id": 3,
            "name": "flowers",
            "version": 2,
            "owner": "mika",
            "added_at": WHEN,
            "content": "a" * 64,
            "spec": json.dumps(DATASET),
            "about": '{"rows": 1}',
        }
    ],
    "data_portion": [{"sha256": "a" * 64, "number": 0, "data": b"abc"}],
    "data_file": [{"version_id": 3, "name": "t.csv", "sha256": "a" * 64}],
}

TRAINED_ON = json.dumps(
    {
        "format": 1,
        "fingerprint": "b" * 64,
        "info": {
            "sample_shape": [2],
            "classes": 2,
            "outputs": 2,
            "train_samples": 8,
            "validation_samples": 2,
            "class_names": ["bad", "good"],
        },
        "inputs": {"offset": [1.5, 2.0], "scale": [1.0, 0.25]},
        "targets": None,
    }
)
PLACE = {"lesson": "zeros", "scope": "mika"}
NINTH: Tables = EIGHTH | {
    "lesson": [{"id": 2, "key": "own", "owner": "mika", "document": "{}", "changed_at": WHEN}],
    "lesson_class": [
        {
            "id": 2,
            "key": "c",
            "name": "seminar",
            "owner": "mika",
            "lessons": "[]",
            "created_at": WHEN,
        }
    ],
    "prediction": [PLACE | {"person": "mika", "choice": 1, "at": WHEN}],
    "lesson_seed": [PLACE | {"arms": "ab", "next": 1}],
    "lesson_run": [PLACE | {"run_id": 4, "arms": "ab", "arm": 0, "seed": 0}],
}
TENTH: Tables = NINTH | {
    "run_data": [{"run_id": 4, "fingerprint": "b" * 64, "document": TRAINED_ON}],
}

THIRTEENTH: Tables = TENTH | {
    "person": [
        {
            "id": 2,
            "issuer": "https://id.example",
            "subject": "7",
            "name": "mika",
            "role": "teacher",
            "disabled": False,
            "sessions_valid_after": WHEN,
            "created_at": WHEN,
        }
    ],
    "audit": [
        {
            "id": 3,
            "at": WHEN,
            "person_id": 2,
            "name": "mika",
            "action": "rename",
            "kind": "run",
            "key": "4",
            "before": '{"name": "run"}',
            "after": '{"name": "run 4"}',
        }
    ],
}

FILLED: dict[str, Tables] = {
    "0001": FIRST,
    "0002": SECOND,
    "0003": THIRD,
    "0004": THIRD,
    "0005": FIFTH,
    "0006": FIFTH,
    "0007": FIFTH,
    "0008": EIGHTH,
    "0009": NINTH,
    "0010": TENTH,
    "0011": TENTH,
    "0012": TENTH,
    "0013": THIRTEENTH,
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


@pytest.mark.parametrize("revision", [name for name in FILLED if name < "0005"])
def test_a_run_of_an_earlier_version_goes_on_from_its_checkpoint(
    empty_url: str, revision: str
) -> None:
    """Its bytes hold the slots among the rest, in the format of that time, and are left as they
    are."""
    with np.load(CHECKPOINTS / "format_1.npz") as archive:
        config, state = (
            str(archive["adam in float32/config"]),
            archive["adam in float32/start"].tobytes(),
        )
    engine = _make(empty_url, revision)
    row = {"state": state, "size": len(state), "sha256": sha256(state).digest()}
    of_run = "run SET config = :config WHERE id = 4"
    if revision > "0001":
        of_run = "run_config SET config = :config WHERE run_id = 4"
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {of_run}"), {"config": config})
        values = "state = :state, size = :size, sha256 = :sha256"
        connection.execute(text(f"UPDATE checkpoint SET {values}"), row)
    schema.upgrade(empty_url)
    held = from_bytes(state, RunConfig.parse_json(config).optimizer)
    with Store.open(empty_url) as store:
        (info,) = store.checkpoints.list(4)
        assert (info.size, info.resumable) == (len(state), True)
        longer = store.branches.prolong(4, epochs=1, owner="mika")
        start = store.checkpoints.latest(longer.id)
    assert start is not None
    np.testing.assert_array_equal(start.w, held.w)
    assert start.slots.keys() == held.slots.keys() == {"m", "v"}
    for name, slot in held.slots.items():
        np.testing.assert_array_equal(start.slots[name], slot)


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
    kept = [(each.name, each.version, dict(each.files)) for each in store.data.list()]
    assert kept == ([("flowers", 2, {"t.csv": 3})] if revision >= "0008" else [])
    trained_on = store.runs.trained_on(4)
    assert (trained_on and trained_on.info.class_names) == (
        ("bad", "good") if revision >= "0010" else None
    )
    people = [(each.name, each.role.value) for each in store.people.list()]
    assert people == [("mika", "teacher")] * (revision >= "0013")
    changed = [(each.action.value, each.after) for each in store.audit.changes()]
    assert changed == [("rename", {"name": "run 4"})] * (revision >= "0013")
    assert [list(f.portions()) for f in store.data.files("a" * 64)] == [[b"abc"]] * len(kept)


def test_runs_of_before_are_held_against_new_ones(empty_url: str) -> None:
    """Their configuration is written as a new run's, so that equal ones are one group; what they
    did not record is missing, what follows from it is there."""
    _make(empty_url, "0005")
    config = CONFIG.model_copy(update={"seed": 4})
    old = config.to_json().replace('"drop_last":false,', "")
    engine = create_engine(address.parse(empty_url).url)
    with engine.begin() as connection:
        of_run = {"config": old}
        connection.execute(text("UPDATE run_config SET config = :config WHERE run_id = 4"), of_run)
        row = "(4, 'batch_size', 9, 100), (4, 'epochs', 10, 20)"
        connection.execute(
            text(f"INSERT INTO run_param (run_id, name, place, number) VALUES {row}")
        )
        row = "(4, 1, 4, 1, 0.25, 0.5), (4, 1, 5, 1, 0.75, 0.5), (4, 1, 6, 2, 9.0, 0.5)"
        connection.execute(text(f"INSERT INTO metric VALUES {row}"))
    schema.upgrade(empty_url)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT config FROM run_config WHERE run_id = 4"))
        assert kept.scalar_one() == config.to_json()
        places = text("SELECT name FROM run_param WHERE run_id = 4 AND place >= 9 ORDER BY place")
        assert connection.execute(places).scalars().all() == ["batch_size", "drop_last", "epochs"]
    engine.dispose()
    with Store.open(empty_url) as store:
        run = store.runs.get(4)
        assert run is not None
        assert run.last is not None
        assert (run.last.mean_loss, run.last.train_loss, run.last.gap) == (0.5, None, None)
        assert store.runs.find(query="drop_last = false", shelf=None).total == 1


def test_runs_from_before_a_field_are_one_group_with_new_ones(empty_url: str) -> None:
    """They mean what the field says of them, whatever page asks."""
    _make(empty_url, "0011")
    old = CONFIG.model_dump(mode="json") | {"seed": 4}
    del old["loss"]["class_weights"]
    broken = {"config": '{"layers": 3}'}
    engine = create_engine(address.parse(empty_url).url)
    with engine.begin() as connection:
        change = text("UPDATE run_config SET config = :config WHERE run_id = 4")
        connection.execute(change, {"config": json.dumps(old)})
        connection.execute(text("UPDATE run_config SET config = :config WHERE run_id = 7"), broken)
    schema.upgrade(empty_url)
    with engine.connect() as connection:
        kept = dict(connection.execute(text("SELECT run_id, config FROM run_config")).all())
    engine.dispose()
    assert kept == {4: CONFIG.model_copy(update={"seed": 4}).to_json(), 7: broken["config"]}
    with Store.open(empty_url) as store:
        params = store.runs.params([4])[4]
        assert params == CONFIG.model_copy(update={"seed": 4}).flat()
        assert list(params) == list(CONFIG.flat())


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
