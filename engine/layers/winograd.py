"""Convolution with 3 x 3 filters at stride 1 in a quarter of the multiplications (Winograd,
"Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", CVPR 2016, whose matrices these are: F(4 x 4, 3 x 3)).

A tile of 4 x 4 outputs sees 6 x 6 inputs. With both turned as below, what was a sum over the cells
of windows is, at each of the 36 places of a turned tile, one product over the channels:

    V = Bᵀ x B,  U = G W Gᵀ,  M = V U  (tiles, C) (C, filters),  z = Aᵀ M A

All of it is linear, so the gradients are the same steps, transposed, the last first:

    dM = A dz Aᵀ,  dU = Vᵀ dM,  dW = Gᵀ dU G,  dV = dM Uᵀ,  dx = B dV Bᵀ

where tiles of inputs overlap by two cells, and their gradients are added up. The second column of
Aᵀ is all ones: what M has at that place is added to every output of a tile, as a bias is. A tile x
as a vector of its 36 cells turns Bᵀ x B into (Bᵀ ⊗ Bᵀ) x, one product for all tiles and channels.
"""

from __future__ import annotations

import threading
from math import prod
from typing import Any

import numpy as np

from engine.backend import Array
from engine.layers.windows import Plan
from engine.loops import compiling, loop

KERNEL = 3
SIDE = 4
"""Rows and columns of a tile of outputs."""
REACH = SIDE + KERNEL - 1
"""Rows and columns of the inputs that it sees."""
PLACES = REACH**2
ONES = 1 * REACH + 1
"""The place in which a turned tile of outputs has the sum of its cells."""
LEAST = 16
"""Fewest channels and filters whose products outweigh the turning."""

A_T = [
    [1, 1, 1, 1, 1, 0],
    [0, 1, -1, 2, -2, 0],
    [0, 1, 1, 4, 4, 0],
    [0, 1, -1, 8, -8, 1],
]
B_T = [
    [4, 0, -5, 0, 1, 0],
    [0, -4, -4, 1, 1, 0],
    [0, 4, -4, -1, 1, 0],
    [0, -2, -1, 2, 1, 0],
    [0, 2, -1, -2, 1, 0],
    [0, 4, 0, -5, 0, 1],
]
G = [
    [1 / 4, 0, 0],
    [-1 / 6, -1 / 6, -1 / 6],
    [-1 / 6, 1 / 6, -1 / 6],
    [1 / 24, 1 / 12, 1 / 6],
    [1 / 24, -1 / 12, 1 / 6],
    [0, 0, 1],
]


def suits(plan: Plan, filters: int) -> bool:
    """Whether it is faster than windows: never on whole arrays, where tiles take long to cut."""
    slides = plan.rows.size == KERNEL and plan.rows.stride == 1
    return compiling() and slides and min(plan.channels, filters) >= LEAST


class Winograd:
    """The products of a convolution on a few samples, tile by tile."""

    def __init__(self, xp: Any, dtype: Any, plan: Plan, filters: int, own: threading.local) -> None:
        self.xp, self.dtype, self._own = xp, dtype, own
        self._channels, self._filters = plan.channels, filters
        self._before = plan.rows.before, plan.columns.before
        self._tiles = tuple(-(-outputs // SIDE) for outputs in plan.outputs)
        self._AA_T, self._BB_T, self._GG = (
            xp.asarray(np.kron(matrix, matrix), dtype=dtype)
            for matrix in map(np.array, (A_T, B_T, G))
        )

    def values(self, dx: bool) -> int:
        """Half of what a sample's turned tiles hold: a core's own cache takes two samples."""
        return PLACES * prod(self._tiles) * max(self._channels, self._filters) // 2

    def weights(self, W: Array) -> Array:
        """U = G W Gᵀ (36, C, M)."""
        return (self._GG @ W.reshape(KERNEL**2, -1)).reshape(PLACES, *W.shape[2:])

    def forward(self, z: Array, x: Array, U: Array, b: Array | None) -> None:
        M = self._own_array("M", PLACES, len(x) * prod(self._tiles), self._filters)
        self.xp.matmul(self._turned_inputs(x), U, out=M)
        if b is not None:
            M[ONES] += b[0]
        y = self._own_array("y", SIDE, SIDE, len(x), *self._tiles, self._filters)
        self.xp.matmul(self._AA_T, _flat(M), out=_cells(y))
        _put(z, y, 0, 0)

    def weights_back(self, W: Array) -> Array:
        """Uᵀ (36, M, C)."""
        return self.xp.ascontiguousarray(self.weights(W).swapaxes(1, 2))

    def nothing(self) -> tuple[Array, Array]:
        dU = self.xp.zeros((PLACES, self._channels, self._filters), self.dtype)
        return dU, self.xp.zeros(self._filters, self.dtype)

    def backward(
        self, dx: Array | None, dU: Array, db: Array, x: Array, dz: Array, U: Array
    ) -> None:
        V, dM = self._turned_inputs(x), self._turned_gradients(dz)
        dU += self.xp.matmul(V.swapaxes(1, 2), dM, out=self._own_array("dU", *dU.shape))
        db += self.xp.ones(len(dM[ONES]), self.dtype) @ dM[ONES]
        if dx is not None:
            dV = self.xp.matmul(dM, U, out=V)
            d = self._own_array("d", REACH, REACH, len(x), *self._tiles, self._channels)
            self.xp.matmul(self._BB_T.T, _flat(dV), out=_cells(d))
            _put(dx, d, *self._before)

    def gradient(self, dU: Array) -> Array:
        """dW = Gᵀ dU G (3, 3, C, M)."""
        return (self._GG.T @ _flat(dU)).reshape(KERNEL, KERNEL, *dU.shape[1:])

    def _turned_inputs(self, x: Array) -> Array:
        """V = Bᵀ x B (36, tiles, C)."""
        tiles = self._own_array("d", REACH, REACH, len(x), *self._tiles, x.shape[-1])
        _take(tiles, x, *self._before)
        V = self._own_array("V", PLACES, len(x) * prod(self._tiles), x.shape[-1])
        self.xp.matmul(self._BB_T, _cells(tiles), out=_flat(V))
        return V

    def _turned_gradients(self, dz: Array) -> Array:
        """dM = A dz Aᵀ (36, tiles, M)."""
        tiles = self._own_array("y", SIDE, SIDE, len(dz), *self._tiles, self._filters)
        _take(tiles, dz, 0, 0)
        dM = self._own_array("M", PLACES, len(dz) * prod(self._tiles), self._filters)
        self.xp.matmul(self._AA_T.T, _cells(tiles), out=_flat(dM))
        return dM

    def _own_array(self, name: str, *shape: int) -> Array:
        """A working array of the calling thread, which all layers share."""
        held: dict[str, Array] = self._own.__dict__.setdefault("tiles", {})
        size = prod(shape)
        if name not in held or held[name].size < size:
            held[name] = self.xp.empty(size, self.dtype)
        return held[name][:size].reshape(shape)


def _flat(places: Array) -> Array:
    return places.reshape(len(places), -1)


def _cells(tiles: Array) -> Array:
    """The cells of a tile as rows."""
    return tiles.reshape(tiles.shape[0] * tiles.shape[1], -1)


@loop
def _take(tiles: Array, x: Array, top: int, left: int) -> None:
    """Cut the images into tiles, a cell of all of them after the other; zero beyond the image."""
    height, width, channels = x.shape[1:]
    side = tiles.shape[0]
    for n, r in np.ndindex(tiles.shape[2:4]):
        for i in range(side):
            row = r * SIDE + i - top
            for s in range(tiles.shape[4]):
                for j in range(side):
                    column = s * SIDE + j - left
                    if 0 <= row < height and 0 <= column < width:
                        for c in range(channels):
                            tiles[i, j, n, r, s, c] = x[n, row, column, c]
                    else:
                        for c in range(channels):
                            tiles[i, j, n, r, s, c] = 0


@loop
def _put(x: Array, tiles: Array, top: int, left: int) -> None:
    """Lay the tiles on the images, summed where they overlap; nothing beyond."""
    height, width, channels = x.shape[1:]
    side = tiles.shape[0]
    x[...] = 0
    for n, r in np.ndindex(tiles.shape[2:4]):
        for i in range(max(0, top - r * SIDE), min(side, height + top - r * SIDE)):
            for s in range(tiles.shape[4]):
                for j in range(max(0, left - s * SIDE), min(side, width + left - s * SIDE)):
                    for c in range(channels):
                        x[n, r * SIDE + i - top, s * SIDE + j - left, c] += tiles[i, j, n, r, s, c]
