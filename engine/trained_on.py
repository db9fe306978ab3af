"""What a run trained on, and keeps: which data, what they are called, how they were scaled.

The fingerprint is the SHA-256 of the samples and targets of both splits as they were read, with
their types and shapes: the same numbers have the same fingerprint, whatever file they come from,
packed or not, and whoever draws them. Whoever uses a run's network later scales by what is kept and
needs no data; whoever needs the very samples reads them again and holds them against it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from engine.datasets import Dataset, DatasetInfo
from engine.errors import DataError
from engine.layers.base import Shape
from engine.messages import Message
from engine.scaling import Affine

FORMAT = 1
"""Of the document. What later ones add has a default, which is what older ones mean."""

_INFO: TypeAdapter[DatasetInfo] = TypeAdapter(DatasetInfo)

_UNREADABLE = Message("what is kept of a run's data cannot be read")


@dataclass(frozen=True, slots=True, eq=False)
class TrainedOn:
    """The data of a run: its fingerprint (64 hexadecimal digits), its shapes and names, and the
    fitted scaling of the inputs and, where they were scaled, of the targets."""

    fingerprint: str
    info: DatasetInfo
    inputs: Affine
    targets: Affine | None = None

    @property
    def loss_unit(self) -> float:
        """What makes a squared error of scaled targets one in their own unit. Several targets have
        no unit in common: theirs stays in variances."""
        return float(self.targets.scale[0] ** 2) if self.targets and self.info.outputs == 1 else 1.0

    def check(self, data: Dataset) -> None:
        """Raises DataChangedError where data are others than these."""
        if fingerprint_of(data) != self.fingerprint:
            raise DataChangedError(_changed(self.info, data.info))

    def document(self) -> dict[str, Any]:
        """All of it as JSON holds it, whose numbers are exact."""
        held = {"format": FORMAT, "fingerprint": self.fingerprint, "info": asdict(self.info)}
        return held | {"inputs": _written(self.inputs), "targets": _written(self.targets)}

    def to_json(self) -> str:
        return json.dumps(self.document(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_document(cls, held: Any) -> TrainedOn:
        """Read what `document` gave; raises DataError where it is something else."""
        try:
            info = _INFO.validate_python(held["info"])
            return cls(
                _hexadecimal(held["fingerprint"]),
                info,
                _affine(held["inputs"], info.sample_shape),
                _affine(held["targets"], (info.outputs,)) if held["targets"] else None,
            )
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise DataError(_UNREADABLE) from error


class DataChangedError(DataError):
    """What is read now is not what a run trained on."""


@lru_cache(maxsize=256)
def read_trained_on(text: str) -> TrainedOn:
    """What `to_json` wrote; the same texts are asked for again and again."""
    return TrainedOn.from_document(json.loads(text))


def fingerprint_of(data: Dataset) -> str:
    """The SHA-256 of the samples and targets, their types and shapes, in hexadecimal digits."""
    total = sha256()
    weights = () if data.weights is None else (data.weights,)
    for array in (data.x_train, data.t_train, data.x_validation, data.t_validation, *weights):
        plain = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        total.update(f"{plain.dtype.str}{array.shape}".encode())
        total.update(plain.reshape(-1).view(np.uint8).data)
    return total.hexdigest()


def _changed(then: DatasetInfo, now: DatasetInfo) -> Message:
    """What tells the data that are there from those of a run, as one sentence."""
    counts = [
        (Message("training samples"), then.train_samples, now.train_samples),
        (Message("validation samples"), then.validation_samples, now.validation_samples),
        (Message("outputs"), then.outputs, now.outputs),
    ]
    sentence = Message(
        "the data set is no longer the one that the run trained on, {how}: bring that back, or"
        " launch a new run"
    )
    for what, before, after in counts:
        if before != after:
            how = Message("it had {then} {what}, now {now}", then=before, now=after, what=what)
            return sentence.filled(how=how)
    return sentence.filled(how=Message("its values have changed"))


def _written(scaling: Affine | None) -> dict[str, Any] | None:
    if scaling is None:
        return None
    return {name: np.asarray(each).tolist() for name, each in asdict(scaling).items()}


def _affine(held: dict[str, Any], shape: Shape) -> Affine:
    offset, scale = _numbers(held["offset"], shape), _numbers(held["scale"], shape)
    if (scale == 0).any():
        raise DataError(_UNREADABLE)
    return Affine(offset, scale)


def _numbers(held: Any, shape: Shape) -> NDArray[np.float64]:
    """Finite numbers, one for all features or one for each."""
    numbers = np.asarray(held, np.float64)
    if numbers.shape not in ((), shape) or not np.isfinite(numbers).all():
        raise DataError(_UNREADABLE)
    return numbers


def _hexadecimal(text: str) -> str:
    if len(bytes.fromhex(text)) != sha256().digest_size:
        raise DataError(_UNREADABLE)
    return text
