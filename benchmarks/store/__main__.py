"""python -m benchmarks.store --against mlflow --json FILE

Making the databases takes minutes: with `--folder DIR` they are kept and used again.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.alternate import Contestant, medians
from benchmarks.rows import Row, show, write
from benchmarks.store import layerlab
from benchmarks.store.workload import BATCH, PAGE, QUESTIONS, VALUES
from db.store import Store

FEW = 100
STEPS = 20  # recorded steps of each of the many runs
CURVES = 10
LONG = 1000  # recorded steps of each run whose curves are read


def main() -> None:
    options = _options()
    rows: dict[str, list[Row]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        prepared = _prepare(folder, options)
        if not options.prepare:
            if options.only in ("", "writes"):
                rows["µs per value"], rows["bytes per value"] = _writes(Path(temporary), options)
            if options.only in ("", "lists"):
                rows["ms"] = _pages(prepared, options)
            if options.only in ("", "reads"):
                rows["ms"] = [*rows.get("ms", []), *_reads(prepared, options)]
    for unit, measured in rows.items():
        show(measured, unit=unit)
    if options.json:
        found = [row for measured in rows.values() for row in measured]
        write(found, options.json, **_setting(options))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.store", description=__doc__)
    parser.add_argument("--against", nargs="*", choices=["mlflow"], default=[])
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument("--runs", type=int, default=10_000, help="runs to search (default 10000)")
    parser.add_argument("--folder", type=Path, help="where to keep the databases")
    parser.add_argument("--prepare", action="store_true", help="make the databases, no more")
    parser.add_argument("--only", choices=["writes", "lists", "reads"], default="")
    parser.add_argument("--rounds", type=int, default=7, help="rounds a contestant (default 7)")
    parser.add_argument(
        "--seconds", type=float, default=0.3, help="length of a round (default 0.3)"
    )
    return parser.parse_args()


class Prepared:
    """The databases: many runs, few, and some with long histories; MLflow's beside them."""

    def __init__(self, folder: Path, runs: int, *, peer: bool) -> None:
        self.runs = runs
        self.many = _ours(folder / f"layerlab-{runs}.db", runs, STEPS)
        self.few = _ours(folder / f"layerlab-{FEW}.db", FEW, STEPS)
        self.long = _ours(folder / f"layerlab-{CURVES}.db", CURVES, LONG)
        if peer:
            from benchmarks.store.mlflow_peer import Mlflow

            self.peer = Mlflow(folder / f"mlflow-{runs}.db")
            self.peer.fill(runs - self.peer.count())
            self.peer_long = Mlflow(folder / f"mlflow-{CURVES}.db")
            self.peer_long.fill_histories(CURVES - self.peer_long.count(), LONG)


def _prepare(folder: Path, options: argparse.Namespace) -> Prepared:
    start = time.monotonic()
    prepared = Prepared(folder, options.runs, peer="mlflow" in options.against)
    print(f"the databases took {time.monotonic() - start:.0f} s")
    return prepared


def _ours(file: Path, runs: int, steps: int) -> Store:
    store = layerlab.open_store(file)
    if not store.runs.find(limit=1).total:
        layerlab.fill(store, runs, steps=steps)
    return store


def _writes(folder: Path, options: argparse.Namespace) -> tuple[list[Row], list[Row]]:
    ours = layerlab.Writes(folder / "ours.db")
    if "mlflow" not in options.against:
        return [], []
    from benchmarks.store import mlflow_peer

    theirs = mlflow_peer.Writes(folder / "theirs.db")
    times = medians({"ours": ours, "theirs": theirs}, **_pace(options))
    each = {name: time * 1e3 / (BATCH * VALUES) for name, time in times.items()}
    sizes = ours.bytes_a_value(), theirs.bytes_a_value()
    name = f"{VALUES} values a recorded step, {BATCH} steps a write"
    return (
        [Row(name, "mlflow: log_batch", each["ours"], each["theirs"], 1 / 30)],
        [Row(name, "mlflow: log_batch", *sizes, 1 / 5)],
    )


def _pages(prepared: Prepared, options: argparse.Namespace) -> list[Row]:
    rows = []
    for question in QUESTIONS:
        name = f"{question.name}, of {prepared.runs:,}"
        few = layerlab.Pages(prepared.few, question, FEW)
        shown = len(few.page().runs)
        contestants: dict[str, Contestant] = {
            "ours": layerlab.Pages(prepared.many, question, prepared.runs),
            "short": layerlab.Pages(prepared.many, question, prepared.runs, rows=max(1, shown)),
            "few": few,
        }
        if "mlflow" in options.against:
            from benchmarks.store import mlflow_peer

            contestants["theirs"] = mlflow_peer.Pages(prepared.peer, question, prepared.runs)
        times = medians(contestants, **_pace(options))
        if "theirs" in times:
            rows.append(Row(name, "mlflow: search_runs", times["ours"], times["theirs"], 0.1))
        rows.append(Row(name, f"itself, of {FEW}", times["ours"], times["few"], 2.0))
        if shown < PAGE:
            less = f"{name}, only the {max(1, shown)} rows that it shows of {FEW}"
            rows.append(Row(less, f"itself, of {FEW}", times["short"], times["few"], 2.0))
    return rows


def _reads(prepared: Prepared, options: argparse.Namespace) -> list[Row]:
    if "mlflow" not in options.against:
        return []
    from benchmarks.store import mlflow_peer

    ids = [run.id for run in prepared.long.runs.find().runs]
    peer, peer_ids = prepared.peer_long, prepared.peer_long.run_ids()
    last = LONG * CURVES - 1  # the newest run's steps go on from the others'
    curves = medians(
        {
            "ours": layerlab.Curves(prepared.long, ids),
            "theirs": mlflow_peer.Curves(peer, peer_ids, LONG),
        },
        **_pace(options),
    )
    newer = medians(
        {
            "ours": layerlab.Newer(prepared.long, ids[0], last),
            "theirs": mlflow_peer.WholeHistory(peer, peer_ids[0]),
        },
        **_pace(options),
    )
    name = f"{CURVES} curves of {LONG:,} points, downsampled"
    fresh = f"what is newer than a cursor: 10 steps of {LONG:,}, every series"
    return [
        Row(name, "mlflow: bulk interval", curves["ours"], curves["theirs"], None),
        Row(fresh, "mlflow: whole history", newer["ours"], newer["theirs"], None),
    ]


def _pace(options: argparse.Namespace) -> dict[str, float]:
    return {"rounds": options.rounds, "seconds": options.seconds}


def _setting(options: argparse.Namespace) -> dict[str, object]:
    versions = {}
    for name in ("layerlab", "mlflow-skinny", "sqlalchemy"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "runs": options.runs,
        "recorded_steps_a_run": STEPS,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "cores": os.cpu_count(),
        "versions": versions,
    }


if __name__ == "__main__":
    main()
