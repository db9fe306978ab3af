"""The floor: a dense network's matrix products alone, into arrays that are already there,
with the BLAS in one thread, as training has it."""

from __future__ import annotations

import itertools

import numpy as np

from benchmarks.training.workloads import BATCH, CLASSES, HIDDEN, LAYERS
from engine.blocks import in_threads


class MatrixProducts:
    def __init__(self) -> None:
        generator = np.random.default_rng(0)
        sizes = [784, *[HIDDEN] * LAYERS, CLASSES]
        self.products = []
        for i, (n, m) in enumerate(itertools.pairwise(sizes)):
            x, w, dz = (
                generator.standard_normal(shape).astype(np.float32)
                for shape in ((BATCH, n), (n, m), (BATCH, m))
            )
            self.products += [(x, w, np.empty_like(dz)), (x.T, dz, np.empty_like(w))]
            if i:
                self.products.append((dz, w.T, np.empty_like(x)))

    @in_threads()
    def steps(self, count: int) -> None:
        for _ in range(count):
            for a, b, out in self.products:
                np.matmul(a, b, out=out)
