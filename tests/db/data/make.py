"""Makes the file of runs that every later version must open: something of every kind of content.

    python -m tests.db.data.make    # writes format-VERSION.layerlab and .json beside this script

Run it with the first program of a new version (`db.portable.container.VERSION`). The `.json` is the
format's shape (`shape.py`). A `.layerlab` that is there is not replaced; delete it first where no
program of its version was released yet.
"""

from __future__ import annotations

import json
import socket
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from db import schema
from db.portable.container import VERSION
from db.records import Status
from db.store import Store
from engine.config import RunConfig
from engine.sweeps.config import SweepConfig
from runner.attempt import make_attempt
from runner.job import EndingKind, Job
from tests.db.data.shape import shape

FOLDER = Path(__file__).parent
LEASE = 600.0
TEXT = "=1+1 <b>日本語</b> `x`"

OPTIMIZERS = ("adam", "adamw", "amsgrad", "nadam", "adamax", "momentum", "rmsprop")
FLAT = {
    "dataset": {"kind": "moons", "samples": 60},
    "layers": [
        {"kind": "dense", "units": 4, "bias": False},  # under BN it would follow rounding alone
        {"kind": "batch_norm"},
        {"kind": "relu"},
        {"kind": "dense", "units": 2},
    ],
    "batch_size": 16,
    "epochs": 2,
    "record": {"every": 3, "dense": 2, "histograms": False, "checkpoints_kept": 2},
    "backend": "numpy",
}
FULL = {"record": {"every": 2, "dense": 2, "batch_statistics": True, "checkpoints_kept": 2}}
CONVOLUTIONS = {
    "dataset": {"kind": "noise", "shape": [6, 6, 1], "samples": 40, "classes": 3},
    "layers": [
        {"kind": "conv2d", "filters": 2, "kernel": 3, "bias": False},
        {"kind": "batch_norm"},
        {"kind": "prelu"},
        {"kind": "max_pool2d"},
        {"kind": "flatten"},
        {"kind": "dropout", "rate": 0.2},
        {"kind": "dense", "units": 3},
    ],
}
NUMBERS = {
    "dataset": {"kind": "diabetes"},
    "layers": [{"kind": "dense", "units": 3}, {"kind": "tanh"}, {"kind": "dense", "units": 1}],
    "loss": {"kind": "mean_squared_error"},
    "batch_size": 100,
}
DIVERGING = {"optimizer": {"kind": "sgd", "lr": 1e30}, "decay": {"l2": 0.5}}
SWEEP = {
    "base": FLAT | {"epochs": 1, "record": {"every": 100, "dense": 0, "checkpoints_kept": 2}},
    "axes": [{"kind": "choices", "name": "optimizer.lr", "values": [0.1, 0.01]}],
    "sampler": {"kind": "grid"},
    "seeds": 2,
}


def main() -> None:
    file = FOLDER / f"format-{VERSION}.layerlab"
    file.with_suffix(".json").write_text(json.dumps(shape(), indent=1) + "\n")
    socket.gethostname = lambda: "laptop"  # the file names no machine
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/runs.db"
        schema.upgrade(url)
        with Store.open(url) as store:
            fill(store)
            runs = sorted(store.runs.ids())
            print(store.portable.export(runs, file))


def fill(store: Store) -> None:
    """Runs that ended in every way, a branch, and a sweep, with all that people add to them."""
    for kind in OPTIMIZERS:
        trained(store, {"optimizer": {"kind": kind}}, name=kind)
    described(store, trained(store, FULL, name="full"))
    trained(store, CONVOLUTIONS, name="convolutions")
    trained(store, NUMBERS, name="numbers")
    trained(store, DIVERGING, name="diverged")
    trained(store, {}, name="out of time", time_limit=1e-6)
    failed(store)
    cancelled = enqueued(store, {}, name="cancelled")
    store.queue.cancel(cancelled, by="ken")
    swept(store)
    parent = next(run for run in store.runs.find(text="full").runs)
    store.branches.prolong(parent.id, epochs=3, owner="mika", name="branch")


def enqueued(store: Store, changes: dict[str, Any], *, name: str, **options: Any) -> int:
    config = RunConfig.parse(FLAT | changes)
    return store.queue.enqueue(config, owner="mika", name=name, **options).id


def trained(store: Store, changes: dict[str, Any], *, name: str, **options: Any) -> int:
    """A run that was trained as a worker's child does it."""
    run_id = enqueued(store, changes, name=name, **options)
    attempt(store)
    return run_id


def attempt(store: Store) -> None:
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    job = Job(claim.run_id, claim.attempt, store.url, LEASE)
    ending = make_attempt(job, threading.Event())
    assert ending.kind is EndingKind.ENDED, ending.log


def failed(store: Store) -> None:
    """A run whose first attempt was lost and whose second found an error."""
    run_id = enqueued(store, {}, name="failed")
    for number in (1, 2):
        assert store.queue.claim(lease=LEASE)
        store.queue.start(run_id, number, worker="laptop:1", data={"backend": "numpy"})
        if number == 1:
            store.queue.release(run_id, number, reason="its lease expired")
    store.queue.finish(run_id, 2, Status.FAILED, error="the data cannot be read\nat all")


def described(store: Store, run_id: int) -> None:
    """What people add to a run."""
    store.runs.rename(run_id, f"full {TEXT}")
    store.tags.add([run_id], ["week3", TEXT])
    store.notes.set(run_id, f"# Note\n\n{TEXT}")
    store.logs.append(run_id, 1, ["a line", f"\t{TEXT}"])


def swept(store: Store) -> None:
    """A sweep of four runs, one of which was cancelled."""
    sweep = store.sweeps.enqueue(SweepConfig.parse(SWEEP), owner="mika", name="rates")
    *_, (last, *_) = (trial.run_ids for trial in store.sweeps.trials(sweep.id))
    store.queue.cancel(last, by="mika")
    for _ in range(3):
        attempt(store)


if __name__ == "__main__":
    main()
