"""Convolution with 3 x 3 filters at stride 1 in a quarter of the multiplications (Winograd,
"Arithmetic Complexity of Computations", 1980; Lavin and Gray, "Fast Algorithms for Convolutional
Neural Networks", CVPR 2016, whose F(4 x 4, 3 x 3) this is).

A tile of 4 x 4 outputs sees 6 x 6 inputs. With both transformed as below, what was a sum over the
cells of windows is, at each of the 36 places of a transformed tile, one product over the channels:

    V = Bᵀ x B,  U = G W Gᵀ,  M = V U  (tiles, C) (C, filters),  z = Aᵀ M A

All of it is linear, so the gradients are the same steps, transposed, the last first:

    dM = A dz Aᵀ,  dU = Vᵀ dM,  dW = Gᵀ dU G,  dV = dM Uᵀ,  dx = B dV Bᵀ

where tiles of inputs overlap by two cells, and their gradients are added up. The second column of
Aᵀ is all ones: what M has at that place is added to every output of a tile, as a bias is.

In single precision outputs keep five digits of the largest instead of six; what is not finite
spreads over its tile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.backend import Array
from engine.layers.convolution import Convolution
from engine.layers.windows import Placement
from engine.loops import Loop, columns, compiling, loop, part

KERNEL = 3
SIDE = 4
"""Rows and columns of a tile of outputs."""
REACH = SIDE + KERNEL - 1
"""Rows and columns of the inputs that it sees."""
PLACES = REACH**2
ONES = 1 * REACH + 1
"""The place in which a transformed tile of outputs has the sum of its cells."""
LEAST = 48
"""Fewest values in a row of tiles: to transform fewer takes longer than the products saved do."""

G = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ]
)


def suits(placement: Placement, filters: int) -> bool:
    """Whether tiles are faster than windows: only where their transforms are compiled."""
    slides = placement.rows.size == KERNEL and placement.rows.stride == 1
    row = _covering(placement.columns.outputs) * min(placement.channels, filters)
    return compiling() and slides and row >= LEAST


def _covering(outputs: int) -> int:
    """How many tiles cover the outputs along an axis."""
    return -(-outputs // SIDE)


class Winograd(Convolution):
    """Tile by tile, for 3 x 3 filters at stride 1: U has a matrix (C, M) for each of 36 places."""

    def __init__(
        self, xp: Any, dtype: Any, placement: Placement, filters: int, own: threading.local
    ) -> None:
        self.xp, self.dtype, self._own = xp, dtype, own
        self._channels, self._filters = placement.channels, filters
        self._before = placement.rows.before, placement.columns.before
        self._rows, self._columns = map(_covering, placement.outputs)
        self._GG = xp.asarray(np.kron(G, G), dtype=dtype)  # G W Gᵀ as one product

    def values(self, *, dx: bool) -> int:
        """Half of what a sample's transformed tiles hold: a core's own cache takes two samples."""
        return PLACES * self._rows * self._columns * max(self._channels, self._filters) // 2

    def transform(self, W: Array) -> Array:
        """U = G W Gᵀ (36, C, M)."""
        return (self._GG @ W.reshape(KERNEL**2, -1)).reshape(PLACES, *W.shape[2:])

    def forward(self, z: Array, x: Array, U: Array, b: Array | None) -> None:
        tiles = self._tiles(len(x))
        _transform_inputs(x, *self._before, *tiles.inputs)
        self.xp.matmul(tiles.V, U, out=tiles.M)
        if b is not None:
            tiles.M[ONES] += b[0]
        _inverse_outputs(z, 0, 0, *tiles.outputs)

    def transform_back(self, W: Array) -> Array:
        """Uᵀ (36, M, C)."""
        return self.xp.ascontiguousarray(self.transform(W).swapaxes(1, 2))

    def zero_gradients(self) -> tuple[Array, Array]:
        dU = self.xp.zeros((PLACES, self._channels, self._filters), self.dtype)
        return dU, self.xp.zeros(self._filters, self.dtype)

    def backward(
        self, dx: Array | None, dU: Array, db: Array, x: Array, dz: Array, U_back: Array
    ) -> None:
        tiles = self._tiles(len(x))
        V, dM = tiles.V, tiles.M
        _transform_inputs(x, *self._before, *tiles.inputs)
        _transform_gradients(dz, 0, 0, *tiles.outputs)
        dU += self.xp.matmul(V.swapaxes(1, 2), dM, out=tiles.U)
        db += self.xp.dot(tiles.ones, dM[ONES])
        if dx is not None:
            self.xp.matmul(dM, U_back, out=V)  # dV
            _inverse_inputs(dx, *self._before, *tiles.inputs)

    def inverse(self, dU: Array) -> Array:
        """dW = Gᵀ dU G (3, 3, C, M)."""
        dW = self._GG.T @ dU.reshape(PLACES, -1)
        return dW.reshape(KERNEL, KERNEL, *dU.shape[1:])

    def _tiles(self, samples: int) -> Tiles:
        """Working arrays of the calling thread."""
        held: dict[tuple[int, ...], Tiles] = self._own.__dict__.setdefault("tiles", {})
        shape = samples, self._rows, self._columns, self._channels, self._filters
        if shape not in held:
            held[shape] = Tiles(self.xp, self.dtype, *shape)
        return held[shape]


class Tiles:
    """One thread's working arrays for the tiles of a few samples.

    `inputs` and `outputs` are V and M and what a row of their tiles takes while it is transformed.
    """

    def __init__(
        self,
        xp: Any,
        dtype: Any,
        samples: int,
        rows: int,
        columns: int,
        channels: int,
        filters: int,
    ) -> None:
        def row(transformed: Array, side: int) -> tuple[Array, ...]:
            channels = transformed.shape[-1]
            values = columns * channels
            shapes = (side, side, columns, channels), (REACH, side, values), (REACH, values)
            places = transformed.reshape(REACH, REACH, samples, rows, values)
            return places, *(xp.empty(shape, dtype) for shape in shapes)

        tiles = samples * rows * columns
        self.V = xp.empty((PLACES, tiles, channels), dtype)
        self.M = xp.empty((PLACES, tiles, filters), dtype)
        self.U = xp.empty((PLACES, channels, filters), dtype)
        self.ones = xp.ones(tiles, dtype)  # a sum is a product with it
        self.inputs, self.outputs = row(self.V, REACH), row(self.M, SIDE)


@part
def _by_b_t(v: Array, x: Array) -> None:
    """v = Bᵀ x, down each column."""
    for q in columns(x):
        x0, x1, x2, x3, x4, x5 = x[0, q], x[1, q], x[2, q], x[3, q], x[4, q], x[5, q]
        v[0, q] = 4.0 * x0 - 5.0 * x2 + x4
        v[1, q] = -4.0 * (x1 + x2) + x3 + x4
        v[2, q] = 4.0 * (x1 - x2) - x3 + x4
        v[3, q] = 2.0 * (x3 - x1) - x2 + x4
        v[4, q] = 2.0 * (x1 - x3) - x2 + x4
        v[5, q] = 4.0 * x1 - 5.0 * x3 + x5


@part
def _by_b(x: Array, v: Array) -> None:
    """x = B v, down each column."""
    for q in columns(v):
        v0, v1, v2, v3, v4, v5 = v[0, q], v[1, q], v[2, q], v[3, q], v[4, q], v[5, q]
        x[0, q] = 4.0 * v0
        x[1, q] = 4.0 * (v2 - v1 + v5) + 2.0 * (v4 - v3)
        x[2, q] = -5.0 * v0 - 4.0 * (v1 + v2) - v3 - v4
        x[3, q] = v1 - v2 + 2.0 * (v3 - v4) - 5.0 * v5
        x[4, q] = v0 + v1 + v2 + v3 + v4
        x[5, q] = v5


@part
def _by_a_t(z: Array, m: Array) -> None:
    """z = Aᵀ m, down each column."""
    for q in columns(m):
        m0, m1, m2, m3, m4, m5 = m[0, q], m[1, q], m[2, q], m[3, q], m[4, q], m[5, q]
        z[0, q] = m0 + m1 + m2 + m3 + m4
        z[1, q] = m1 - m2 + 2.0 * (m3 - m4)
        z[2, q] = m1 + m2 + 4.0 * (m3 + m4)
        z[3, q] = m1 - m2 + 8.0 * (m3 - m4) + m5


@part
def _by_a(m: Array, z: Array) -> None:
    """m = A z, down each column."""
    for q in columns(z):
        z0, z1, z2, z3 = z[0, q], z[1, q], z[2, q], z[3, q]
        m[0, q] = z0
        m[1, q] = z0 + z1 + z2 + z3
        m[2, q] = z0 - z1 + z2 - z3
        m[3, q] = z0 + 2.0 * z1 + 4.0 * z2 + 8.0 * z3
        m[4, q] = z0 - 2.0 * z1 + 4.0 * z2 - 8.0 * z3
        m[5, q] = z3


def _transform_by(by: Callable[..., None]) -> Loop:
    """Images cut into tiles, zero beyond the image, and transformed."""

    @loop
    def on_images(
        images: Array,
        top: int,
        left: int,
        transformed: Array,
        cells: Array,
        half: Array,
        places: Array,
    ) -> None:
        height, width, channels = images.shape[1:]
        side, _, tiles, _ = cells.shape
        for n, r in np.ndindex(transformed.shape[2:4]):
            for i in range(side):
                row = r * SIDE + i - top
                for s in range(tiles):
                    for j in range(side):
                        column = s * SIDE + j - left
                        if 0 <= row < height and 0 <= column < width:
                            for c in range(channels):
                                cells[i, j, s, c] = images[n, row, column, c]
                        else:
                            for c in range(channels):
                                cells[i, j, s, c] = 0
            by(half.reshape(REACH, -1), cells.reshape(side, -1))
            for a in range(REACH):
                by(places, half[a])
                for b in range(REACH):
                    for q in range(places.shape[1]):
                        transformed[a, b, n, r, q] = places[b, q]

    return on_images


def _inverse_by(by: Callable[..., None]) -> Loop:
    """Tiles transformed back and laid on images, summed where they overlap; nothing beyond."""

    @loop
    def on_images(
        images: Array,
        top: int,
        left: int,
        transformed: Array,
        cells: Array,
        half: Array,
        places: Array,
    ) -> None:
        height, width, channels = images.shape[1:]
        side, _, tiles, _ = cells.shape
        for n, r in np.ndindex(transformed.shape[2:4]):
            for a in range(REACH):
                for b in range(REACH):
                    for q in range(places.shape[1]):
                        places[b, q] = transformed[a, b, n, r, q]
                by(half[a], places)
            by(cells.reshape(side, -1), half.reshape(REACH, -1))
            for i in range(max(0, top - r * SIDE), min(side, height + top - r * SIDE)):
                row = r * SIDE + i - top
                if r == 0 or i >= side - SIDE:  # no tiles above have reached it
                    images[n, row] = 0
                for s in range(tiles):
                    for j in range(max(0, left - s * SIDE), min(side, width + left - s * SIDE)):
                        column = s * SIDE + j - left
                        for c in range(channels):
                            images[n, row, column, c] += cells[i, j, s, c]

    return on_images


_transform_inputs, _inverse_inputs = _transform_by(_by_b_t), _inverse_by(_by_b)
_transform_gradients, _inverse_outputs = _transform_by(_by_a), _inverse_by(_by_a_t)
