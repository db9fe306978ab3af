"""What a classifier answers at a checkpoint, class by class: which it takes for which, how many of
each it gets right, and the samples that it gets wrong.

The confusion matrix C has in C[i, j] the number of samples of class i that were taken for class j
(scikit-learn's `confusion_matrix`); C[i, i] / sum_j C[i, j] is the accuracy on class i, which is
its recall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.datasets import Dataset
from engine.datasets.base import Images, Names, called
from engine.errors import DataError
from engine.layers import Shape
from engine.messages import Message
from engine.model import Model, model_of
from engine.records import Checkpoint

Split = Literal["train", "validation"]

CHANNELS = (1, 3, 4)
"""How many an image has that can be looked at: grey, colours, colours and how opaque."""


@dataclass(frozen=True, slots=True, eq=False)
class WrongAnswers:
    """Samples that were taken for another class, the surest first: their places in the split
    (W,), classes and answers, and the share that softmax gives the answer, None where the loss is
    another. `pictures` (W, rows, columns, channels) are whole numbers to 255, where they are
    images."""

    places: NDArray[np.int64]
    classes: NDArray[np.int64]
    answers: NDArray[np.int64]
    sureness: NDArray[np.float64] | None
    pictures: NDArray[np.uint8] | None


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """`confusion` (K, K) of the classes called `names`; the `wrong` samples are the first ones."""

    names: Names
    confusion: NDArray[np.int64]
    wrong: WrongAnswers

    @property
    def samples(self) -> NDArray[np.int64]:
        """How many there are of each class (K,)."""
        total: NDArray[np.int64] = self.confusion.sum(axis=1)
        return total

    @property
    def accuracies(self) -> NDArray[np.float64]:
        """The share of each class that is right (K,): NaN where there is no sample of it."""
        right, known = self.confusion.diagonal(), self.samples > 0
        return np.where(known, right / np.maximum(self.samples, 1), np.nan)


def answers(
    config: RunConfig,
    checkpoint: Checkpoint,
    data: Dataset,
    *,
    split: Split = "validation",
    most: int = 24,
) -> Answers:
    """What a run's network answers to a split of its `data` in inference mode; `most` of the wrong
    samples are shown. Raises DataError where the data have no classes or do not fit."""
    if data.classes is None:
        raise DataError(Message("numbers are predicted here, not classes"))
    model = model_of(config, checkpoint, data=data)
    training = split == "train"
    x = data.x_train if training else data.x_validation
    t = data.t_train if training else data.t_validation
    outputs = model.outputs(x)
    answered = outputs.argmax(axis=1)
    confusion = np.zeros((data.classes, data.classes), np.int64)
    np.add.at(confusion, (t, answered), 1)
    names = called(model.class_names, data.classes)
    wrong = _wrong(model, outputs, t, answered, most)
    pictures = pictures_of(config, data, x[wrong[0]])
    return Answers(names, confusion, WrongAnswers(*wrong, pictures))


def _wrong(
    model: Model,
    outputs: NDArray[Any],
    t: NDArray[np.int64],
    answered: NDArray[np.int64],
    most: int,
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any] | None]:
    """Of the samples with a wrong answer those of which the network is surest."""
    places = np.flatnonzero(answered != t)
    z = outputs[places].astype(np.float64)
    z -= z.max(axis=1, keepdims=True, initial=-np.inf)
    surest = 1 / np.exp(z).sum(axis=1)
    if not model.has_probabilities:
        surest = outputs[places, answered[places]]
    order = np.argsort(-surest, kind="stable")[:most]
    places = places[order]
    sureness = surest[order] if model.has_probabilities else None
    return places, t[places], answered[places], sureness


def pictures_of(config: RunConfig, data: Dataset, x: NDArray[Any]) -> NDArray[np.uint8] | None:
    """Samples (N, ...) as images (N, rows, columns, channels), from black for the smallest value of
    the training samples to white for the largest; None where they are no images."""
    shape = image_shape(config, data.info.sample_shape)
    if shape is None:
        return None
    low, high = float(data.x_train.min()), float(data.x_train.max())
    shades = (x.reshape(-1, *shape).astype(np.float64) - low) / ((high - low) or 1.0)
    pictures: NDArray[np.uint8] = np.rint(255 * shades.clip(0, 1)).astype(np.uint8)
    return pictures


def image_shape(config: RunConfig, shape: Shape) -> Shape | None:
    """The rows, columns and channels of a run's samples of `shape`, flat or not."""
    if len(shape) == 1 and isinstance(config.dataset, Images):
        shape = config.dataset.model_copy(update={"layout": "image"}).info().sample_shape
    return shape if len(shape) == 3 and shape[-1] in CHANNELS else None
