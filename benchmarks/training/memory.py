"""Peak memory of training the convolutional network: each contestant in a process of its own.

`python -m benchmarks.training.memory layerlab` prints how many MiB the process grew by, from when
its libraries were loaded to its peak over ten steps.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.alternate import Contestant
from benchmarks.training.workloads import WORKLOADS

NAME = "peak memory, conv32-conv32-pool-dense"
CONVOLUTION = WORKLOADS[-1]


def grown(contestant: str) -> float:
    """The MiB that training takes in a new process."""
    command = [sys.executable, "-m", "benchmarks.training.memory", contestant]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    build = CONTESTANTS[sys.argv[1]]()
    before = _peak()
    build().steps(10)
    print((_peak() - before) / 1024)


def _peak() -> int:
    """The most KiB that this program has held so far, by Linux's account: the one of `getrusage`
    begins with what the parent held."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))


def _layerlab() -> Callable[[], Contestant]:
    from benchmarks.training.layerlab import Layerlab

    return lambda: Layerlab(CONVOLUTION)


def _torch() -> Callable[[], Contestant]:
    from benchmarks.training.torch_peer import Torch

    return lambda: Torch(CONVOLUTION, threads=2, fused=True, channels="last", device="cpu")


CONTESTANTS = {"layerlab": _layerlab, "torch": _torch}

if __name__ == "__main__":
    main()
