"""What was recorded inside one layer at several steps, packed as arrays: a block.

A row per step, layer and quantity would take more bytes for its key than for a histogram, and
neighbouring steps hardly differ. A block has its values in the order in which they do so least:
quantity, channel, step for Batch Normalization; the first bytes of all values, then the second, and
so on (`shuffled`), and is packed by zlib.

Histograms are kept as they are. What Batch Normalization holds per channel keeps its first 16
significant bits (`rounded`): within 2**-16 of the value, 15 millionths, where a chart shows
thousandths. NaN and infinities stay, and what float32 cannot hold becomes infinite.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.records import BatchNormState

LEVEL = 1  # of zlib: the higher ones take twice as long for a fiftieth less
DROPPED = 8
"""Bits of a float32's 24 that are rounded away."""
Columns = Mapping[str, NDArray[Any]]
"""Arrays of one layer, with a row per step, by the names of a record's fields."""
STATE = tuple(field.name for field in fields(BatchNormState) if field.name not in ("step", "layer"))


def pack_histograms(histograms: Columns) -> bytes:
    """The ends and counts of one layer's histograms, which have as many bins each."""
    ends = np.stack([histograms["low"], histograms["high"]], axis=1).astype("<f8")
    counts = histograms["counts"]
    smallest = np.min_scalar_type(int(counts.max(initial=0))).newbyteorder("<")
    body = shuffled(ends) + shuffled(counts.T.astype(smallest))
    return bytes([smallest.itemsize]) + zlib.compress(body, LEVEL)


def unpack_histograms(data: bytes, which: NDArray[np.bool_]) -> Columns:
    """What `pack_histograms` has packed, of the steps marked."""
    size, body = data[0], zlib.decompress(data[1:])
    split = 16 * len(which)
    low, high = straight(body[:split], "<f8").reshape(-1, 2)[which].T
    counts = straight(body[split:], f"<u{size}").reshape(-1, len(which)).T[which]
    return {"low": low, "high": high, "counts": counts.astype(np.uint32)}


def pack_states(states: Columns) -> bytes:
    """What one Batch Normalization layer held at some steps."""
    values = np.array([states[name].T for name in STATE])  # (6, C, S)
    return zlib.compress(shuffled(rounded(values)), LEVEL)


def unpack_states(data: bytes, which: NDArray[np.bool_]) -> Columns:
    """What `pack_states` has packed, of the steps marked."""
    values = straight(zlib.decompress(data), "<f4").reshape(len(STATE), -1, len(which))
    by_step = values.transpose(0, 2, 1)[:, which].astype(np.float64)
    return dict(zip(STATE, by_step, strict=True))


def rounded(values: NDArray[Any]) -> NDArray[np.float32]:
    """Values in float32, their last bits rounded to zero, which then take no room (bit rounding:
    Klöwer et al. 2021, "Compressing atmospheric data into its real information content")."""
    with np.errstate(over="ignore"):
        exact = np.ascontiguousarray(values, "<f4")
    bits = exact.view("<u4")
    last = bits >> DROPPED & 1  # a tie goes to the even neighbour
    near = (bits + ((1 << DROPPED - 1) - 1) + last) & ~np.uint32((1 << DROPPED) - 1)
    return np.where(np.isfinite(exact), near, bits).view("<f4")


def shuffled(values: NDArray[Any]) -> bytes:
    """The first bytes of all values, then their second bytes, and so on."""
    each = np.ascontiguousarray(values).reshape(-1).view(np.uint8)
    return np.ascontiguousarray(each.reshape(-1, values.itemsize).T).tobytes()


def straight(data: bytes, dtype: str) -> NDArray[Any]:
    """Values from their shuffled bytes."""
    each = np.frombuffer(data, np.uint8).reshape(np.dtype(dtype).itemsize, -1)
    return np.ascontiguousarray(each.T).reshape(-1).view(dtype)


def chosen(steps: Iterable[int], *, most: int, needed: Iterable[int] = ()) -> list[int]:
    """At most so many of the steps, evenly spread over the order in which they were recorded, dense
    as they are at first, the last among them; beside them those that are `needed`."""
    every = sorted(set(steps))
    if len(every) <= most:
        return every
    places = np.linspace(0, len(every) - 1, most).round().astype(int)
    return sorted({*(every[place] for place in places), *(set(needed) & set(every))})
