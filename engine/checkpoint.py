"""A checkpoint as bytes: an NPZ archive of plain arrays, never a pickle."""

from __future__ import annotations

import io

import numpy as np

from engine.errors import DataError
from engine.records import Checkpoint

_SCALARS = ("step", "epoch", "epoch_loss", "epoch_hits", "epoch_samples", "best", "waited")
_LATER = ("top", "slots_from")  # which the oldest checkpoints lack


def to_bytes(checkpoint: Checkpoint) -> bytes:
    """Pack a checkpoint."""
    arrays = {"w": checkpoint.w, "buffers": checkpoint.buffers}
    arrays |= {f"slot.{name}": slot for name, slot in checkpoint.slots.items()}
    arrays |= {name: np.asarray(getattr(checkpoint, name)) for name in (*_SCALARS, *_LATER)}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(data: bytes) -> Checkpoint:
    """Unpack a checkpoint; raises DataError where the bytes are cut short or are something else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = dict(archive)
        known = (*_SCALARS, *(name for name in _LATER if name in arrays))
        scalars = {name: arrays.pop(name).item() for name in known}
        w, buffers = arrays.pop("w"), arrays.pop("buffers")
    except Exception as error:  # a broken archive makes zipfile and NumPy raise a dozen kinds
        raise DataError(f"the checkpoint cannot be read, it may be cut short: {error}") from error
    slots = {name.removeprefix("slot."): array for name, array in arrays.items()}
    return Checkpoint(w=w, buffers=buffers, slots=slots, **scalars)
