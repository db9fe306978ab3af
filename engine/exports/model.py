"""What every export starts from: a trained network, the scaling before it and what its outputs mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analyses.trained import trained_network
from engine.architecture import LayerInfo
from engine.config import RunConfig
from engine.layers import Shape
from engine.losses import Loss, SoftmaxCrossEntropy
from engine.network import Network
from engine.records import Checkpoint
from engine.scaling import Affine

Weights = Mapping[str, NDArray[np.floating]]
"""One layer's parameters and buffers by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A network in inference mode, for raw samples. `classes` is None where it predicts numbers."""

    network: Network
    scaling: Affine
    scaling_title: str
    loss: Loss
    classes: int | None

    @property
    def input_shape(self) -> Shape:
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


def model_of(config: RunConfig, checkpoint: Checkpoint) -> Model:
    """The model of a run at a checkpoint; raises DataError where the data or the checkpoint cannot
    be read, since the scaling is fitted on the training samples again."""
    data = config.dataset.load()
    return Model(
        network=trained_network(config, checkpoint, data.info.sample_shape),
        scaling=config.scaling.fit(data.x_train),
        scaling_title=f"{type(config.scaling).title()}: {type(config.scaling).summary()}",
        loss=config.loss,
        classes=data.classes,
    )
