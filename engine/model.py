"""A trained network put to use: in inference mode, from raw samples to predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.architecture import LayerInfo
from engine.config import RunConfig
from engine.datasets import Dataset
from engine.datasets.base import Names
from engine.errors import DataError, LayerlabError
from engine.evaluation import CHUNK
from engine.layers import Shape
from engine.losses import Loss, SoftmaxCrossEntropy
from engine.messages import Message
from engine.network import Network
from engine.records import Checkpoint
from engine.samples import kept_of
from engine.scaling import Affine
from engine.trained_on import TrainedOn

Weights = Mapping[str, NDArray[np.floating]]
"""One layer's parameters and buffers by name."""


def trained_network(
    config: RunConfig, checkpoint: Checkpoint, shape: Shape, *, dtype: str | None = None
) -> Network:
    """A network of one's own for samples of `shape`, as a checkpoint left it: on the host, in the
    run's precision or another. Raises DataError where the checkpoint does not fit."""
    network = Network(config.layers, shape, xp=np, dtype=dtype or config.dtype)
    network.load(checkpoint)
    return network


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A trained network and what it was trained on: the scaling before it and the names, on the
    host. `scaled_by` says the scaling in words.
    """

    network: Network
    data: TrainedOn
    scaled_by: str
    loss: Loss

    @property
    def scaling(self) -> Affine:
        """That of the inputs."""
        return self.data.inputs

    @property
    def targets(self) -> Affine | None:
        """How numbers to predict were scaled for training, where they were."""
        return self.data.targets

    @property
    def classes(self) -> int | None:
        """How many there are; None where numbers are predicted."""
        return self.data.info.classes

    @property
    def class_names(self) -> Names | None:
        """What the data call the classes, in the order of their labels; None for numbers, and for
        data that only count their classes."""
        return self.data.info.class_names

    @property
    def input_shape(self) -> Shape:
        """The shape of one sample."""
        return self.network.info[0].input_shape

    @property
    def output_shape(self) -> Shape:
        return self.network.info[-1].output_shape

    @property
    def has_probabilities(self) -> bool:
        """Whether softmax makes probabilities of the outputs."""
        return isinstance(self.loss, SoftmaxCrossEntropy)

    def layers(self) -> list[tuple[LayerInfo, Weights]]:
        """Each layer, and its parameters and buffers."""
        return [
            (info, {**layer.parameters, **layer.buffers})
            for info, layer in zip(self.network.info, self.network.layers, strict=True)
        ]

    def scaled(self, x: ArrayLike) -> NDArray[np.floating]:
        """Raw samples as the network sees them; raises DataError where they do not fit."""
        x = np.asarray(x)
        if x.shape[1:] != self.input_shape:
            shape = ", ".join(map(str, ("N", *self.input_shape)))
            raise DataError(
                Message("samples must have the shape ({shape})", shape=shape).got(x.shape)
            )
        scaled = self.scaling(x, self.network.dtype)
        check_finite(scaled)
        return scaled

    def outputs(self, x: ArrayLike) -> NDArray[np.floating]:
        """What the last layer gives each raw sample (N, K), numbers in their own unit."""
        scaled = self.scaled(x)
        outputs = np.empty((len(scaled), *self.output_shape), self.network.dtype)
        for start in range(0, len(scaled), CHUNK):
            chunk = slice(start, start + CHUNK)
            outputs[chunk] = self.network.forward(scaled[chunk], "inference")
        return self.targets.undone(outputs) if self.targets else outputs

    def probabilities(self, x: ArrayLike) -> NDArray[np.floating]:
        """The softmax of the outputs (N, K); raises LayerlabError where the loss is another."""
        if not self.has_probabilities:
            raise LayerlabError(
                Message(
                    "probabilities come from a network trained with softmax_cross_entropy; this"
                    " one's loss is {loss}: use its outputs",
                    loss=self.loss.kind_name(),
                )
            )
        z = self.outputs(x)
        e = np.exp(z - z.max(axis=1, keepdims=True))
        probabilities: NDArray[np.floating] = e / e.sum(axis=1, keepdims=True)
        return probabilities

    def predict(self, x: ArrayLike) -> NDArray[np.floating] | NDArray[np.int64]:
        """The label of each raw sample (N,), or the numbers predicted (N, K)."""
        outputs = self.outputs(x)
        if self.classes is None:
            return outputs
        labels: NDArray[np.int64] = outputs.argmax(axis=1)
        return labels


def check_finite(scaled: NDArray[np.floating]) -> None:
    """Raises DataError where scaled samples hold what no network can make anything of."""
    found = np.isfinite(scaled)
    if not found.all():
        row = int(np.argwhere(~found)[0][0])
        rule = Message(
            "samples must be finite numbers, within what {dtype} holds once they are scaled; sample"
            " {row} is not",
            dtype=scaled.dtype.name,
            row=row + 1,
        )
        raise DataError(rule)


def model_of(config: RunConfig, checkpoint: Checkpoint, *, data: Dataset | None = None) -> Model:
    """The model of a run at a checkpoint. No data are read where the run kept what it needs of
    them; where it is of before, its scaling is fitted on the training samples again. Raises
    DataError where they or the checkpoint cannot be read."""
    kept = checkpoint.data or kept_of(data or config.dataset.load(), config)
    scaling = type(config.scaling)
    return Model(
        network=trained_network(config, checkpoint, kept.info.sample_shape),
        data=kept,
        scaled_by=f"{scaling.title()}: {scaling.summary()}",
        loss=config.loss,
    )
