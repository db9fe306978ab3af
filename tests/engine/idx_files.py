"""Write IDX files, the format of MNIST."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np

CODES = {"u1": 0x08, "i1": 0x09, "i2": 0x0B, "i4": 0x0C, "f4": 0x0D, "f8": 0x0E}


def idx_bytes(array: np.ndarray) -> bytes:
    """An array as an IDX file."""
    code = CODES[array.dtype.str[1:]]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + array.astype(array.dtype.newbyteorder(">")).tobytes()


def write_idx(path: Path, array: np.ndarray) -> None:
    """Write an array; gzipped where the name ends in `.gz`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


def write_split(folder: Path, name: str, x: np.ndarray, t: np.ndarray) -> None:
    """The images and the labels of one split, `train` or `t10k`."""
    write_idx(folder / f"{name}-images-idx{x.ndim}", x)
    write_idx(folder / f"{name}-labels-idx1-ubyte", t.astype(np.uint8))
