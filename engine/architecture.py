"""What a configuration builds, known before anything is built: names, shapes, parameter counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from engine.config import RunConfig
from engine.datasets import DatasetInfo
from engine.errors import ConfigError, Need, RuleError
from engine.layers import LayerSpec, Shape
from engine.losses import SoftmaxCrossEntropy
from engine.messages import Message


@dataclass(frozen=True)
class LayerInfo:
    """One layer of a stack: its place, its name (`dense1`, `batch_norm1`), shapes and size."""

    index: int
    name: str
    spec: LayerSpec
    input_shape: Shape
    output_shape: Shape
    parameters: int


@dataclass(frozen=True)
class Architecture:
    """A configuration's layers and how long it trains."""

    layers: tuple[LayerInfo, ...]
    dataset: DatasetInfo
    steps_per_epoch: int
    steps: int

    @property
    def parameters(self) -> int:
        return sum(layer.parameters for layer in self.layers)

    @property
    def work_per_sample(self) -> int:
        """About how many multiplications and additions a forward pass is for each sample: one per
        parameter, those of a convolution at every position."""
        return sum(layer.parameters * prod(layer.output_shape[:-1]) for layer in self.layers)

    @property
    def work(self) -> float:
        """The same of all forward passes of a training."""
        epochs = self.steps // self.steps_per_epoch
        return float(self.work_per_sample * self.dataset.train_samples * epochs)

    def memory(self, config: RunConfig) -> int:
        """About how many bytes training holds beside its samples: parameters, gradients, slots and
        the best checkpoint; of each layer the outputs, their gradients and as much of its own."""
        flat = (4 + 2 * len(config.optimizer.slots)) * self.parameters
        outputs = config.batch_size * sum(prod(layer.output_shape) for layer in self.layers)
        return (flat + 3 * outputs) * np.dtype(config.dtype).itemsize


def describe(config: RunConfig, info: DatasetInfo | None = None) -> Architecture:
    """The architecture of a configuration; `info` stands in for its data set's.

    Raises ConfigError where the shapes do not fit one another or the data set, and DataError where
    the data set cannot be read.
    """
    info = info or config.dataset.info()
    layers = describe_stack(config.layers, info.sample_shape)
    outputs = layers[-1].output_shape
    if outputs != (info.outputs,):
        last = ("layers", len(layers) - 1)
        raise ConfigError.at(last, _outputs(info).got(outputs), need=Need.OUTPUTS)
    if info.classes is None and isinstance(config.loss, SoftmaxCrossEntropy):
        rule = Message(
            "must be mean_squared_error where the data set has numbers to predict, not classes"
        )
        raise ConfigError.at(("loss",), rule)
    per_epoch = config.batches(info.train_samples).count
    if not per_epoch:
        rule = Message(
            "must be off where the {n} training samples do not fill one batch of {m}",
            n=info.train_samples,
            m=config.batch_size,
        )
        raise ConfigError.at(("drop_last",), rule.got(config.drop_last))
    return Architecture(layers, info, per_epoch, per_epoch * config.epochs)


def _outputs(info: DatasetInfo) -> Message:
    if info.classes is None:
        return Message("must end in {n} outputs, one per target of the data set", n=info.outputs)
    return Message("must end in {n} outputs, one per class of the data set", n=info.outputs)


def describe_stack(specs: Sequence[LayerSpec], shape: Shape) -> tuple[LayerInfo, ...]:
    """The layers of a stack for samples of `shape`; raises ConfigError where one does not fit."""
    layers = []
    for index, (name, spec) in enumerate(zip(layer_names(specs), specs, strict=True)):
        try:
            output = spec.output_shape(shape)
        except RuleError as error:
            raise ConfigError.at(("layers", index), error.rule, need=error.need) from None
        layers.append(LayerInfo(index, name, spec, shape, output, spec.parameter_count(shape)))
        shape = output
    return tuple(layers)


def layer_names(specs: Sequence[LayerSpec]) -> list[str]:
    """One name per layer, its kind and its number among its kind: `dense1`, `conv2d_1`."""
    seen: Counter[str] = Counter()
    names = []
    for spec in specs:
        kind = spec.kind_name()
        seen[kind] += 1
        names.append(f"{kind}{'_' if kind[-1].isdigit() else ''}{seen[kind]}")
    return names
