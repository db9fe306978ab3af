"""A configuration's samples as the network sees them: loaded, and scaled by the training split."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.datasets import Dataset, DatasetInfo
from engine.losses.weights import read_weights, sample_weights
from engine.memory import require
from engine.messages import Message
from engine.randomness import Use, stream
from engine.scaling import Affine, ZScore
from engine.trained_on import TrainedOn, fingerprint_of


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """Scaled samples (N, ...) and targets of both splits, on the host; validation may be empty.
    `kept` says which data they are and how they were scaled, `weights` (N,) how often each
    training sample counts in the loss, where not all count once."""

    kept: TrainedOn
    x_train: NDArray[Any]
    t_train: NDArray[Any]
    x_validation: NDArray[Any]
    t_validation: NDArray[Any]
    weights: NDArray[Any] | None = None

    @property
    def info(self) -> DatasetInfo:
        return self.kept.info

    @property
    def loss_unit(self) -> float:
        """A loss times this is in the unit of the targets as they were given."""
        return self.kept.loss_unit

    def split(self, name: Literal["train", "validation"]) -> tuple[NDArray[Any], NDArray[Any]]:
        if name == "train":
            return self.x_train, self.t_train
        return self.x_validation, self.t_validation


MOST_WITHOUT = 1_000
"""Training samples that are scored at each evaluation where there is no validation."""


def training_sample(samples: Samples, seed: int) -> NDArray[np.intp]:
    """Which training samples are scored at each evaluation: as many as there are for validation at
    most, the same ones throughout a run, in their order."""
    most = len(samples.x_validation) or MOST_WITHOUT
    chosen = stream(seed, Use.SAMPLE).permutation(len(samples.x_train))[:most]
    return np.sort(chosen)


def load_samples(config: RunConfig, kept: TrainedOn | None = None) -> Samples:
    """The samples of a configuration; of a run, which kept what it trained on, those very samples.
    Raises DataError where they cannot be read or, DataChangedError, are others now."""
    data = load_same(config, kept)
    require(_memory(data.info, np.dtype(config.dtype).itemsize), Message("the scaled samples"))
    return scaled(data, config, kept or kept_of(data, config))


def _memory(info: DatasetInfo, item: int) -> int:
    """Bytes of the samples as they are stored, and scaled; on the way one of them in double
    precision."""
    both = info.train_samples + info.validation_samples
    return (both * (8 + item) + 2 * 8) * prod(info.sample_shape)


def load_same(config: RunConfig, kept: TrainedOn | None) -> Dataset:
    """The data of a run as they are stored; raises DataError where they are gone or are others."""
    data = config.dataset.load()
    if kept:
        kept.check(data)
    return data


def scaled(data: Dataset, config: RunConfig, kept: TrainedOn) -> Samples:
    """Samples scaled as what is kept of them says, in the precision of the configuration."""
    t, t_validation, scale = data.t_train, data.t_validation, kept.targets
    if scale:
        t, t_validation = scale(t, np.float64), scale(t_validation, np.float64)
    x, x_validation = (
        kept.inputs(each, config.dtype) for each in (data.x_train, data.x_validation)
    )
    asked, own = read_weights(config.loss.class_weights), data.weights
    weights = sample_weights(asked, data.t_train, data.classes, own)
    if weights is not None:
        weights = weights.astype(config.dtype)
    return Samples(kept, x, t, x_validation, t_validation, weights)


def kept_of(data: Dataset, config: RunConfig) -> TrainedOn:
    """What a run of a configuration keeps of its data: the scaling is fitted here."""
    return TrainedOn(fingerprint_of(data), data.info, *fitted(data, config))


def fitted(data: Dataset, config: RunConfig) -> tuple[Affine, Affine | None]:
    """The scaling of the inputs and that of the targets, None where these stay as they are."""
    inputs = config.scaling.fit(data.x_train, alike=data.alike)
    if data.classes is not None or config.target_scaling == "none":
        return inputs, None
    return inputs, ZScore(per="feature").fit(data.t_train)
