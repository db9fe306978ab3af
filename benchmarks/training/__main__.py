"""python -m benchmarks.training --against torch jax sklearn textbook --json FILE"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")  # before NumPy: what `in_threads` may use
os.environ.setdefault("OMP_NUM_THREADS", "2")

import argparse
from pathlib import Path

from benchmarks.alternate import Contestant, in_turn
from benchmarks.rows import Row, show, write
from benchmarks.training import memory
from benchmarks.training.layerlab import Layerlab
from benchmarks.training.matrix_products import MatrixProducts
from benchmarks.training.workloads import WORKLOADS, Workload

PEERS = ("torch", "jax", "sklearn", "textbook")


def main() -> None:
    options = _options()
    rows: list[Row] = []
    for workload in WORKLOADS:
        if options.only in workload.name:
            rows += _steps(workload, options)
    if options.only in "whole run" and "sklearn" in options.against:
        rows += _whole_run(options)
    if options.only in "recording":
        rows += _recording(options)
    show(rows, unit="ms")
    if options.only in memory.NAME and "torch" in options.against:
        row = Row(memory.NAME, "torch", memory.grown("layerlab"), memory.grown("torch"), 2.0)
        show([row], unit="MiB")
        rows.append(row)
    if options.json:
        write(
            rows,
            options.json,
            threads={"numpy": 2, "torch": "best of 1 and 2", "jax": "its own pool"},
            rounds=options.rounds,
            seconds=options.seconds,
            cores=os.cpu_count(),
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.training", description=__doc__)
    parser.add_argument("--against", nargs="*", choices=PEERS, default=[], help="peers to time")
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    parser.add_argument("--only", default="", help="only workloads whose name contains this")
    parser.add_argument("--rounds", type=int, default=45, help="rounds a contestant (default 45)")
    parser.add_argument(
        "--seconds", type=float, default=0.1, help="length of a round (default 0.1)"
    )
    return parser.parse_args()


def _steps(workload: Workload, options: argparse.Namespace) -> list[Row]:
    contestants: dict[str, Contestant] = {"layerlab": Layerlab(workload)}
    if "torch" in options.against:
        from benchmarks.training import torch_peer

        contestants |= {f"torch: {name}": peer for name, peer in torch_peer.settings(workload)}
    if "jax" in options.against:
        from benchmarks.training.jax_peer import Jax

        contestants["jax: jitted"] = Jax(workload)
    if workload.network == "dense":
        if "textbook" in options.against:
            from benchmarks.training.textbook import Textbook

            contestants["textbook: NumPy"] = Textbook(workload)
        contestants["matrix products: alone"] = MatrixProducts()
    times = in_turn(contestants, rounds=options.rounds, seconds=options.seconds)
    ours = times.pop("layerlab")
    return _best_of_each(workload, ours, times)


def _best_of_each(
    workload: Workload, ours: list[float], times: dict[str, list[float]]
) -> list[Row]:
    """One row per peer, against the setting in which it leaves us the worst ratio."""
    rows: dict[str, Row] = {}
    for name, theirs in times.items():
        peer = name.split(":")[0]
        row = Row.of_rounds(workload.name, name, ours, theirs, workload.bars.get(peer))
        rows[peer] = max(rows.get(peer, row), row, key=lambda each: each.ratio)
    return list(rows.values())


def _whole_run(options: argparse.Namespace) -> list[Row]:
    from benchmarks.training.whole_run import NAME, ScikitLearn, WholeRun

    times = in_turn(
        {"ours": WholeRun(), "theirs": ScikitLearn()}, rounds=options.rounds // 3, seconds=0.1
    )
    peer = "sklearn: MLPClassifier without BN"
    return [Row.of_rounds(NAME, peer, times["ours"], times["theirs"], 0.4)]


def _recording(options: argparse.Namespace) -> list[Row]:
    """A step with full recording every ten steps, against one without."""
    rows = []
    for workload in WORKLOADS:
        if workload.network == "dense":
            times = in_turn(
                {"on": Layerlab(workload, record_every=10), "off": Layerlab(workload)},
                rounds=options.rounds,
                seconds=options.seconds,
            )
            name = f"full recording every 10 steps, {workload.name}"
            rows.append(Row.of_rounds(name, "unrecorded", times["on"], times["off"], 1.10))
    return rows


if __name__ == "__main__":
    main()
