"""Write checkpoints as the program of today does, for the tests of every later one.

    python -m tests.engine.checkpoints.write NUMBER

writes `format_NUMBER.npz` beside this script: for every optimizer in both precisions, and for one
whose slots began in mid-run, the run's configuration, the bytes of the checkpoint at which it
stopped, and the checkpoint at which the same program ended when it went on from there. Run it once
for each format of checkpoints, before the format is left; a committed file is never written again.
`format_1.npz` is of the commit cecfe78.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from engine.branching import branched
from engine.checkpoint import to_bytes
from engine.config import RunConfig
from engine.optimizers import OptimizerSpec
from engine.records import Checkpoint, MemoryRecorder
from engine.spec import family
from engine.training import train

HERE = Path(__file__).parent
STOP = 7


class Stopping(MemoryRecorder):
    """Asks to stop after STOP steps."""

    steps = 0

    def stop_requested(self) -> bool:
        self.steps += 1
        return self.steps > STOP


def config(optimizer: dict[str, Any], dtype: str, *, epochs: int = 4) -> RunConfig:
    """A run of 20 steps with Batch Normalization, so small that its checkpoint has 3 kB."""
    # without a bias whose gradient is nothing but rounding, of which Adam would make steps
    hidden = {"kind": "dense", "units": 4, "bias": False}
    norm, activation, outputs = {"kind": "batch_norm"}, {"kind": "tanh"}, {"kind": "dense"}
    return RunConfig.parse(
        {
            "dataset": {"kind": "spirals", "samples": 60, "validation": 0.2},
            "layers": [hidden, norm, activation, outputs | {"units": 3}],
            "optimizer": optimizer,
            "early_stopping": {"patience": 100},
            "batch_size": 10,
            "epochs": epochs,
            "dtype": dtype,
            "backend": "numpy",
        }
    )


def stopped(run: RunConfig) -> Checkpoint:
    recorder = Stopping()
    train(run, recorder)
    return recorder.checkpoints[-1]


def ended(run: RunConfig, start: Checkpoint) -> Checkpoint:
    recorder = MemoryRecorder()
    train(run, recorder, resume=start)
    return recorder.checkpoints[-1]


def runs() -> dict[str, tuple[RunConfig, Checkpoint]]:
    """Configurations and where they stopped, by name."""
    found = {}
    for kind in family(OptimizerSpec):
        for dtype in ("float32", "float64"):
            run = config({"kind": kind.kind_name(), "lr": 0.01}, dtype)
            found[f"{kind.kind_name()} in {dtype}"] = run, stopped(run)
    before, after = (
        config({"kind": "sgd"}, "float32", epochs=2),
        config({"kind": "adam"}, "float32"),
    )
    start = branched(stopped(before), before, after)
    found["adam begun in mid-run"] = after, start
    return found


def main(number: str) -> None:
    arrays: dict[str, Any] = {}
    for name, (run, start) in runs().items():
        arrays[f"{name}/config"] = np.asarray(run.to_json())
        for moment, checkpoint in (("start", start), ("end", ended(run, start))):
            arrays[f"{name}/{moment}"] = np.frombuffer(to_bytes(checkpoint), np.uint8)
    path = HERE / f"format_{number}.npz"
    np.savez_compressed(path, allow_pickle=False, **arrays)
    print(f"{path.name}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
