"""A configuration's samples as the network sees them: loaded, and scaled by the training split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from numpy.typing import NDArray

from engine.config import RunConfig
from engine.datasets import Dataset, DatasetInfo


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Scaled samples (N, ...) and targets of both splits, on the host; validation may be empty."""

    info: DatasetInfo
    x_train: NDArray[Any]
    t_train: NDArray[Any]
    x_validation: NDArray[Any]
    t_validation: NDArray[Any]

    def split(self, name: Literal["train", "validation"]) -> tuple[NDArray[Any], NDArray[Any]]:
        if name == "train":
            return self.x_train, self.t_train
        return self.x_validation, self.t_validation


def load_samples(config: RunConfig) -> Samples:
    """The samples of a configuration; raises DataError where they cannot be read."""
    return scaled(config.dataset.load(), config)


def scaled(data: Dataset, config: RunConfig) -> Samples:
    """Samples as a configuration scales them, in its precision."""
    scale = config.scaling.fit(data.x_train)
    return Samples(
        data.info,
        scale(data.x_train, config.dtype),
        data.t_train,
        scale(data.x_validation, config.dtype),
        data.t_validation,
    )
