"""python -m benchmarks.stacked_seeds [--json FILE]

Would seeds train faster as one stack of networks than one after another? The bare step, in NumPy
without the trainer: S networks n-H-H-H-H-10 with Batch Normalization and Adam as one batch of
matrices (S, ...). A step's time a network, as a share of a stack of one's.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.alternate import medians
from benchmarks.rows import Row, show, write
from engine.optimizers import Adam
from engine.segments import BLOCK

Array = NDArray[Any]
CLASSES = 10
STACKS = (1, 2, 4, 8, 16)


@dataclass(frozen=True)
class Shape:
    """A network's inputs and hidden units, and its batch."""

    inputs: int
    hidden: int
    batch: int

    @property
    def name(self) -> str:
        return f"{self.inputs}-{self.hidden}x4-{CLASSES}, BN, Adam, batch {self.batch}"


SHAPES = (Shape(2, 10, 32), Shape(64, 30, 32), Shape(64, 100, 100), Shape(784, 100, 100))


class Stack:
    """S networks that learn one step after another, all at once."""

    def __init__(self, shape: Shape, S: int) -> None:
        draw = np.random.default_rng(0).standard_normal
        self.S, self.m = S, shape.batch
        self.x = draw((S, shape.batch, shape.inputs)).astype(np.float32)
        self.t = np.random.default_rng(1).integers(0, CLASSES, S * shape.batch)
        self.ones = np.ones(shape.batch, np.float32)
        widths = [shape.inputs, *[shape.hidden] * 4, CLASSES]
        self.W = [
            (draw((S, n, k)) * (2 / n) ** 0.5).astype(np.float32) for n, k in pairwise(widths)
        ]
        self.gamma = [np.ones((S, 1, shape.hidden), np.float32) for _ in range(4)]
        self.beta = [np.zeros_like(gamma) for gamma in self.gamma]
        sizes = [array.size for array in (*self.W, *self.gamma, *self.beta)]
        self.w, self.g, *moments = np.zeros((4, sum(sizes)), np.float32)
        self.slots = dict(zip("mv", moments, strict=True))
        self.adam, self.step = Adam(), 0

    def steps(self, count: int) -> None:
        for _ in range(count):
            self.step += 1
            self.backward(self.forward())
            for start in range(0, len(self.w), BLOCK):
                i = slice(start, start + BLOCK)
                slots = {name: slot[i] for name, slot in self.slots.items()}
                self.adam.update(np, self.w[i], self.g[i], slots, t=self.step, eta=1e-3)

    def forward(self) -> Array:
        """dL/dz of the outputs; what `backward` needs stays in the stack's lists."""
        a = self.x
        self.a, self.centred, self.inv_std, self.y = [a], [], [], []
        for W, gamma, beta in zip(self.W, self.gamma, self.beta, strict=False):
            z = a @ W
            centred = z - self.mean(z)
            inv_std = 1 / np.sqrt(self.mean(centred * centred) + 1e-5)
            y = centred * (gamma * inv_std)
            y += beta
            a = np.maximum(y, 0)
            self.a.append(a)
            self.centred.append(centred)
            self.inv_std.append(inv_std)
            self.y.append(y)
        z = a @ self.W[-1]
        p = np.exp(z - z.max(axis=2, keepdims=True))
        p /= p.sum(axis=2, keepdims=True)
        p.reshape(-1, CLASSES)[np.arange(self.S * self.m), self.t] -= 1
        return p / np.float32(self.m)

    def backward(self, dz: Array) -> None:
        gradients = [self.a[-1].swapaxes(1, 2) @ dz]
        dout = dz @ self.W[-1].swapaxes(1, 2)
        for i in reversed(range(4)):
            dout *= self.y[i] > 0
            dgamma = self.mean(dout * self.centred[i]) * self.inv_std[i]
            dout -= self.mean(dout)
            dout -= self.centred[i] * (dgamma * self.inv_std[i])
            dout *= self.gamma[i] * self.inv_std[i]
            gradients.append(self.a[i].swapaxes(1, 2) @ dout)
            if i:
                dout = dout @ self.W[i].swapaxes(1, 2)
        taken = 0
        for gradient in gradients:
            self.g[taken : taken + gradient.size] = gradient.reshape(-1)
            taken += gradient.size

    def mean(self, values: Array) -> Array:
        """Over each network's batch, (S, 1, H)."""
        return (self.ones @ values)[:, None] / np.float32(self.m)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.stacked_seeds", description=__doc__)
    parser.add_argument("--json", type=Path, help="write the rows to this file")
    options = parser.parse_args()
    rows = []
    for shape in SHAPES:
        stacks = {str(S): Stack(shape, S) for S in STACKS}
        times = medians(stacks, rounds=15, seconds=0.1)
        alone = times.pop("1")
        rows += [
            Row(f"{shape.name}: a stack of {S}", "one by one", time / int(S), alone, None)
            for S, time in times.items()
        ]
    show(rows, unit="ms a network")
    if options.json:
        write(rows, options.json, threads=1)


if __name__ == "__main__":
    main()
