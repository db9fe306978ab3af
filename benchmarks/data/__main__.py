"""python -m benchmarks.data [--json FILE] [--rounds N]

How long it takes to read MNIST as CSV, 60,000 rows of a label and 784 pixels, about 100 MB: from a
file to samples (N, 784) in float64 and labels, by layerlab's own data set and by pandas, pyarrow
and polars (where it is installed), each in a process of its own, by turns. Times are of the clock,
for readers use all cores; memory is the most that the process held, beyond what it held once its
libraries were imported, as a multiple of the array's own size.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.data.contestants import CONTESTANTS
from benchmarks.rows import Row, show, write

ROWS, PIXELS = 60_000, 784
ARRAY = ROWS * PIXELS * 8


def table(path: Path) -> None:
    """A table as large as MNIST's, whose pixels are as often empty."""
    draw = np.random.default_rng(0)
    with path.open("w") as file:
        file.write(",".join(["label", *(f"pixel{i}" for i in range(PIXELS))]) + "\n")
        for start in range(0, ROWS, 1000):
            pixels = draw.integers(0, 256, (1000, PIXELS)) * (draw.random((1000, PIXELS)) < 0.19)
            labels = (np.arange(start, start + 1000) % 10)[:, None]
            np.savetxt(file, np.hstack([labels, pixels]), fmt="%d", delimiter=",")


def measured(name: str, path: Path) -> tuple[float, float]:
    """Seconds, and bytes held beyond the libraries', of one reading in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.data.contestants", name, str(path)]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, held = json.loads(out)
    return seconds, held


def rows_of(found: dict[str, list[tuple[float, float]]]) -> list[Row]:
    """Our time and memory beside each reader's; the bars are on the fastest's time, and on what
    the array itself takes."""
    seconds = {name: [s for s, _ in pairs] for name, pairs in found.items()}
    ours = seconds.pop("layerlab")
    fastest = min(seconds, key=lambda name: statistics.median(seconds[name]))
    rows = [
        Row.of_rounds("seconds", name, ours, theirs, 1.5 if name == fastest else None)
        for name, theirs in seconds.items()
    ]
    held = statistics.median(bytes_ for _, bytes_ in found["layerlab"])
    return [*rows, Row("memory in GB", "the array itself", held / 1e9, ARRAY / 1e9, 3.0)]


def main() -> None:
    """Measure, print, and write what was measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.data")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    names = [name for name in CONTESTANTS if name == "layerlab" or find_spec(name)]
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mnist.csv"
        table(path)
        for _round in range(arguments.rounds):
            for name in names:
                found[name].append(measured(name, path))
    rows = rows_of(found)
    show(rows, unit="s, GB")
    if arguments.json:
        write(rows, arguments.json, rounds=arguments.rounds)


if __name__ == "__main__":
    main()
