"""What a network of one or two inputs has learned, over all of its inputs at once.

Of two inputs and classes: the class that it decides for at every place of the plane, and how surely
(its decision regions). Of one input and a number: the number that it predicts along the axis (the
fitted curve). Both by the network in inference mode, in the inputs' own units.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.architecture import describe_stack
from engine.config import RunConfig
from engine.datasets import Dataset, DatasetInfo
from engine.datasets.base import Names, called
from engine.errors import ConfigError, DataError
from engine.layers import LayerSpec
from engine.messages import Message
from engine.model import Model, model_of
from engine.records import Checkpoint

Values = NDArray[np.float64]
Picture = Literal["regions", "curve"]

MARGIN = 0.1
"""How far beyond the samples the inputs are looked at, as a share of their range."""
POINTS = 1_000
"""Samples of each split that are drawn at most: the first ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Samples (N, inputs) and their labels or numbers (N,)."""

    x: Values
    t: Values


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """The class (rows, columns) decided for in each cell of a grid with these edges, and the
    probability that softmax gives it (None where the loss is another). `names` are those of the
    classes, in the order of their labels."""

    x_edges: Values
    y_edges: Values
    label: NDArray[np.int64]
    probability: Values | None
    names: Names


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """The number y predicted at each x."""

    x: Values
    y: Values


def picture_of(info: DatasetInfo) -> Picture | None:
    """What can be drawn of a network for such data; None where its inputs are more than two."""
    if info.sample_shape == (2,) and info.classes is not None:
        return "regions"
    if info.sample_shape == (1,) and info.classes is None and info.outputs == 1:
        return "curve"
    return None


def inputs_of(layers: Sequence[LayerSpec], parameters: int) -> int | None:
    """1 or 2 where a stack of so many parameters has so many inputs, else None: told without
    reading the data."""
    for inputs in (1, 2):
        try:
            described = describe_stack(layers, (inputs,))
        except ConfigError:
            return None
        if sum(layer.parameters for layer in described) == parameters:
            return inputs
    return None


def learned(config: RunConfig, checkpoint: Checkpoint, data: Dataset) -> Regions | Curve | None:
    """What can be drawn of a network at a checkpoint; raises DataError where that does not fit."""
    picture = picture_of(data.info)
    if picture is None:
        return None
    return (decision_regions if picture == "regions" else fitted_curve)(config, checkpoint, data)


def points(data: Dataset) -> tuple[Points, Points]:
    """The samples of training and of validation."""
    splits = ((data.x_train, data.t_train), (data.x_validation, data.t_validation))
    train, validation = (
        Points(np.asarray(x[:POINTS], np.float64), np.asarray(t[:POINTS], np.float64).reshape(-1))
        for x, t in splits
    )
    return train, validation


def decision_regions(
    config: RunConfig, checkpoint: Checkpoint, data: Dataset, *, cells: int = 80
) -> Regions:
    """The regions of a network of two inputs, on a grid of so many cells along each of them.

    Raises DataError where the checkpoint or the data does not fit.
    """
    model = model_of(config, checkpoint, data=data)
    x_edges, y_edges = (np.linspace(*_range(data, i), cells + 1) for i in (0, 1))
    x, y = np.meshgrid(_middles(x_edges), _middles(y_edges))
    outputs = model.outputs(np.stack([x.ravel(), y.ravel()], axis=1))
    if data.classes != outputs.shape[1]:
        rule = Message("the network tells {outputs} classes apart, the data set has {classes}")
        raise DataError(rule.filled(outputs=outputs.shape[1], classes=data.classes or 0))
    label = outputs.argmax(axis=1).reshape(x.shape)
    names = called(model.class_names, outputs.shape[1])
    return Regions(x_edges, y_edges, label, _sureness(model, outputs, x.shape), names)


def fitted_curve(
    config: RunConfig, checkpoint: Checkpoint, data: Dataset, *, places: int = 300
) -> Curve:
    """The curve of a network of one input; raises DataError where the checkpoint does not fit."""
    x = np.linspace(*_range(data, 0), places)
    outputs = model_of(config, checkpoint, data=data).outputs(x[:, None])
    return Curve(x, outputs[:, 0].astype(np.float64))


def _sureness(model: Model, outputs: NDArray[Any], shape: tuple[int, ...]) -> Values | None:
    if not model.has_probabilities:
        return None
    z = outputs.astype(np.float64)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    largest: Values = (1.0 / e.sum(axis=1)).reshape(shape)
    return largest


def _range(data: Dataset, i: int) -> tuple[float, float]:
    """The range of an input over all samples, and a margin."""
    x = np.concatenate([data.x_train[:, i], data.x_validation[:, i]]).astype(np.float64)
    low, high = float(x.min()), float(x.max())
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _middles(edges: Values) -> Values:
    return (edges[:-1] + edges[1:]) / 2
