"""A checkpoint as bytes: an NPZ archive of plain arrays, never a pickle.

`format` says how to read it. The bytes of every format are read, and what they hold is brought
forward here, so that no one else knows of more than today's:

1   names no format. Adam's moments and those of its descendants are sums, m ← β₁ m + g and
    v ← β₂ v + g². The oldest lack the best validation and the step at which the slots began.
2   The moments are the means of the books, m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g².
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import DataError
from engine.failures import why
from engine.messages import Message
from engine.optimizers import Optimizer
from engine.records import Checkpoint

FORMAT = 2
Arrays = dict[str, NDArray[Any]]

_NUMBERS = (
    "step",
    "epoch",
    "epoch_loss",
    "epoch_hits",
    "epoch_samples",
    "best_monitored",
    "epochs_without_improvement",
    "best_validation",
    "slots_begun_at",
)
_CALLED_IN_FORMAT_1 = {
    "best_monitored": "best",
    "epochs_without_improvement": "waited",
    "best_validation": "top",
    "slots_begun_at": "slots_from",
}
_LACKING_IN_THE_OLDEST = {"best_validation": inf, "slots_begun_at": 0}
_SUMS_IN_FORMAT_1 = ("adam", "adamw", "amsgrad", "nadam", "adamax")
_KEPT_SHARE_OF = {"m": "beta1", "v": "beta2", "v_max": "beta2"}


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """Pack a checkpoint, with its slots."""
    arrays = {"format": np.asarray(FORMAT), "w": checkpoint.w, "buffers": checkpoint.buffers}
    arrays |= {name: np.asarray(getattr(checkpoint, name)) for name in _NUMBERS}
    return _packed(arrays | _slots(checkpoint))


def slots_to_bytes(checkpoint: Checkpoint) -> bytes:
    """Pack the slots of a checkpoint alone: the rest is packed without them."""
    return _packed({"format": np.asarray(FORMAT)} | _slots(checkpoint))


def from_bytes(data: bytes, optimizer: Optimizer, *, slots: bytes | None = None) -> Checkpoint:
    """Unpack a checkpoint of a run with this optimizer, and its slots where they lie apart.

    Raises DataError where the bytes are cut short, are something else or are of a later format.
    """
    try:
        arrays = _unpacked(data) | (_unpacked(slots) if slots is not None else {})
        written = int(arrays.pop("format", 1))
        if written <= FORMAT:
            return _checkpoint(arrays if written == FORMAT else _as_format_2(arrays, optimizer))
    except Exception as error:  # a broken archive makes zipfile and NumPy raise a dozen kinds
        unread = Message("the checkpoint cannot be read, it may be cut short: {why}")
        raise DataError(unread.filled(why=why(error))) from error
    newer = Message(
        "the checkpoint is of format {found}, which a newer program wrote; this one reads formats"
        " up to {known}"
    )
    raise DataError(newer.filled(found=written, known=FORMAT))


def _slots(checkpoint: Checkpoint) -> Arrays:
    return {f"slot.{name}": slot for name, slot in checkpoint.slots.items()}


def _packed(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _unpacked(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return dict(archive)


def _checkpoint(arrays: Arrays) -> Checkpoint:
    numbers = {name: arrays.pop(name).item() for name in _NUMBERS}
    w, buffers = arrays.pop("w"), arrays.pop("buffers")
    slots = {name.removeprefix("slot."): array for name, array in arrays.items()}
    return Checkpoint(w=w, buffers=buffers, slots=slots, **numbers)


def _as_format_2(arrays: Arrays, optimizer: Optimizer) -> Arrays:
    """What an archive of format 1 holds, by the names and in the conventions of format 2."""
    lacking = {name: np.asarray(number) for name, number in _LACKING_IN_THE_OLDEST.items()}
    names = {called: name for name, called in _CALLED_IN_FORMAT_1.items()}
    held = {names.get(name, name): array for name, array in arrays.items()}
    return lacking | held | _means(arrays, optimizer)


def _means(arrays: Mapping[str, NDArray[Any]], optimizer: Optimizer) -> Arrays:
    """The moments that were kept as sums, as means: (1 - β) times the sum."""
    if optimizer.kind_name() not in _SUMS_IN_FORMAT_1:
        return {}
    sums = {name: f"slot.{name}" for name in _KEPT_SHARE_OF if f"slot.{name}" in arrays}
    return {
        slot: arrays[slot] * arrays[slot].dtype.type(1 - getattr(optimizer, _KEPT_SHARE_OF[name]))
        for name, slot in sums.items()
    }
