"""A network for notebooks: a stack, arrays in, predictions out; no database, no configuration file.

    model = Sequential([Dense(16), BatchNorm(), ReLU(), Dense(10)])
    history = model.fit(x, t, validation_data=(x_val, t_val), epochs=10, optimizer=Adam(lr=0.01))
    plt.plot(history.epochs, history.val_accuracy)
    model.predict(x_new)
    model.summary()

It trains exactly as a run does, by the same `Trainer`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from math import nan
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.architecture import LayerInfo, describe_stack, layer_names
from engine.config import RunConfig
from engine.datasets import Dataset
from engine.datasets.base import check, check_weights, kind_of
from engine.errors import ConfigError, DataError, LayerlabError
from engine.evaluation import Evaluation, evaluate
from engine.given import Channels, is_table, samples_of, targets_given, words_in
from engine.layers import LayerSpec, Shape
from engine.losses import Loss, SoftmaxCrossEntropy
from engine.messages import Message, verbatim
from engine.model import Model, check_finite, model_of
from engine.records import Checkpoint, MemoryRecorder, Metric, StepRecord
from engine.samples import kept_of, scaled
from engine.scaling import Unscaled
from engine.training import Outcome, Trainer

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class History:
    """How training went, epoch by epoch; validation is NaN where there was none, accuracy where the
    targets are numbers. `records` hold what happened inside the layers."""

    status: Literal["done", "diverged", "stopped"]
    loss: Values
    accuracy: Values
    val_loss: Values
    val_accuracy: Values
    records: tuple[StepRecord, ...] = field(repr=False)

    @property
    def epochs(self) -> NDArray[np.int64]:
        """1, 2, ...: what the curves are drawn over."""
        return np.arange(1, len(self.loss) + 1)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The curves by name, as `pandas.DataFrame` takes them."""
        names = ("loss", "accuracy", "val_loss", "val_accuracy")
        return {"epoch": self.epochs} | {name: getattr(self, name) for name in names}

    @classmethod
    def of(cls, outcome: Outcome, records: MemoryRecorder) -> History:
        """The curves of a finished training."""
        train = records.metrics("train")
        validation = {metric.epoch: metric for metric in records.metrics("validation")}
        nothing = Metric(0, 0, "validation", loss=nan, accuracy=None)
        held_out = [validation.get(metric.epoch, nothing) for metric in train]
        return cls(
            status=outcome.status,
            loss=_numbers(metric.loss for metric in train),
            accuracy=_numbers(metric.accuracy for metric in train),
            val_loss=_numbers(metric.loss for metric in held_out),
            val_accuracy=_numbers(metric.accuracy for metric in held_out),
            records=tuple(records.records),
        )

    def __repr__(self) -> str:
        last = ", ".join(
            f"{name} {values[-1]:.4g}"
            for name, values in self.columns().items()
            if name != "epoch" and len(values) and not np.isnan(values[-1])
        )
        return f"History({self.status} after {len(self.loss)} epochs{': ' if last else ''}{last})"


def _numbers(values: Iterable[float | None]) -> Values:
    return np.array([nan if value is None else value for value in values])


@dataclass(frozen=True)
class Summary:
    """The layers of a model as a table, in a terminal and in a notebook."""

    rows: tuple[tuple[str, ...], ...]
    total: str

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in self.rows
        ]
        rule = "-" * max(map(len, lines))
        return "\n".join([lines[0], rule, *lines[1:], rule, self.total])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head, *body = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in self.rows]
        rows = "".join(f"<tr>{row}</tr>" for row in body)
        head = head.replace("td>", "th>")
        return f"<table><tr>{head}</tr>{rows}</table><p>{escape(self.total)}</p>"


class _Arrays(Dataset):
    """A notebook's own arrays: there may be none to validate on."""

    def __post_init__(self) -> None:
        if len(self.x_validation):
            super().__post_init__()
        else:
            check(Message("train"), self.x_train, self.t_train, self.classes)
            if self.weights is not None:
                check_weights(self.weights, len(self.x_train))


class _Records(MemoryRecorder):
    """Keeps no checkpoints: the model itself is what is left."""

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        pass


class Sequential:
    """A stack of layers to be trained on arrays."""

    def __init__(self, layers: Sequence[LayerSpec]) -> None:
        self.layers = RunConfig.parse({"layers": tuple(layers)}).layers
        self._model: Model | None = None
        self._channels: Channels | None = None
        self._words: NDArray[Any] | None = None

    @property
    def model(self) -> Model:
        """What training left, as `engine.exports` takes it; raises LayerlabError before `fit`."""
        if self._model is None:
            raise LayerlabError(Message("the model has not been trained: call `fit` first"))
        return self._model

    def fit(
        self,
        x: ArrayLike,
        t: ArrayLike,
        *,
        validation_data: tuple[ArrayLike, ArrayLike] | None = None,
        channels: Channels | None = None,
        sample_weight: ArrayLike | None = None,
        **settings: Any,
    ) -> History:
        """Train on samples x (N, ...) and targets t: whole numbers (N,) or (N, 1) are the labels
        0, 1, ..., as are the places of one-hot vectors (N, K) and of words in their order; others,
        (N,) or (N, K), are numbers to be predicted. Images have their `channels` last, or first.
        `sample_weight` (N,) says how often each sample counts in the loss; classes have weights by
        `loss=SoftmaxCrossEntropy(class_weights="balanced")`.

        `settings` are a run's own: `optimizer`, `epochs`, `batch_size`, `seed`, `loss`,
        `learning_rate`, `scaling` (here none unless asked for), `record`, `dtype`, `backend` and so
        on. Training begins anew from the seed each time, so a cell run again gives the same; where
        it is interrupted the model stays as it then was. Raises ConfigError or DataError before the
        first step.
        """
        config = self._config(settings)
        self._channels, self._words = channels, words_in(t)
        data = self._data(x, t, validation_data, config)
        if sample_weight is not None:
            data = replace(data, weights=np.asarray(sample_weight))
        samples = scaled(data, config, kept_of(data, config))
        for x in (samples.x_train, samples.x_validation):
            check_finite(x)
        trainer = Trainer(config, samples=samples)
        records = _Records()
        try:
            outcome = trainer.run(records)
        finally:
            self._model = model_of(config, trainer.snapshot())
        return History.of(outcome, records)

    def _config(self, settings: dict[str, Any]) -> RunConfig:
        for name in ("dataset", "layers"):
            if name in settings:
                rule = Message("is given by the model and its samples: leave it out")
                raise ConfigError.at((name,), rule)
        as_given = {"scaling": Unscaled(), "target_scaling": "none"}
        return RunConfig.parse({**as_given, "layers": self.layers, **settings})

    def _data(
        self,
        x: ArrayLike,
        t: ArrayLike,
        validation: tuple[ArrayLike, ArrayLike] | None,
        config: RunConfig,
    ) -> Dataset:
        """Samples and targets as a data set, whose labels the last layer's outputs stand for."""
        alike = not is_table(x)
        x, t = samples_of(x, self._channels), self._targets(t, config.loss)
        x_validation, t_validation = x[:0], t[:0]
        if validation is not None:
            if not isinstance(validation, tuple | list) or len(validation) != 2:
                rule = Message("`validation_data` must be a pair, samples and their targets")
                raise DataError(rule.got(_what(validation)))
            x_validation = samples_of(validation[0], self._channels)
            t_validation = self._targets(validation[1], config.loss)
        classes = None
        if t.ndim == 1:
            *_, last = describe_stack(self.layers, x.shape[1:])
            classes = last.output_shape[0]
        return _Arrays(x, t, x_validation, t_validation, classes, alike=alike)

    def _targets(self, t: ArrayLike, loss: Loss) -> NDArray[Any]:
        labels = isinstance(loss, SoftmaxCrossEntropy)
        return targets_given(t, words=self._words, labels=labels)

    def outputs(self, x: ArrayLike) -> NDArray[Any]:
        """What the last layer gives each sample (N, K), in inference mode."""
        return self.model.outputs(samples_of(x, self._channels))

    def predict(self, x: ArrayLike) -> NDArray[Any]:
        """The label of each sample (N,), in words where the targets were words, or the numbers
        predicted (N, K)."""
        predicted = self.model.predict(samples_of(x, self._channels))
        return predicted if self._words is None else self._words[predicted]

    def predict_proba(self, x: ArrayLike) -> NDArray[Any]:
        """The probability of each class (N, K): the softmax of the outputs."""
        return self.model.probabilities(samples_of(x, self._channels))

    def evaluate(self, x: ArrayLike, t: ArrayLike) -> Evaluation:
        """Loss and accuracy on samples, in inference mode."""
        model = self.model
        x, t = samples_of(x, self._channels), self._targets(t, model.loss)
        check(Message("given"), x, t, model.classes)
        if model.targets:
            t = model.targets(t, np.float64)
        scores = evaluate(model.network, model.loss, model.scaled(x), t)
        return replace(scores, loss=scores.loss * model.data.loss_unit)

    def summary(self, input_shape: Shape | None = None) -> Summary:
        """The layers, their shapes and sizes; `input_shape` is a sample's, known once fitted."""
        if input_shape is None and self._model:
            input_shape = self._model.input_shape
        if input_shape is not None:
            input_shape = _shape_of(input_shape)
        head = ("Layer", "Specification", "Output", "Parameters")
        if input_shape is None:
            names = layer_names(self.layers)
            rows = [(n, repr(s), "?", "?") for n, s in zip(names, self.layers, strict=True)]
            return Summary((head, *rows), "Shapes are known once the model is fitted")
        info = describe_stack(self.layers, input_shape)
        total = sum(layer.parameters for layer in info)
        return Summary((head, *map(_row, info)), f"{total:,} parameters")

    def __repr__(self) -> str:
        return f"Sequential([{', '.join(map(repr, self.layers))}])"

    def _repr_html_(self) -> str:
        return self.summary()._repr_html_()


def _shape_of(given: Any) -> Shape:
    """A sample's shape as it is given; raises DataError where it is none."""
    sizes = tuple(given) if isinstance(given, tuple | list) else ()
    if not sizes or any(not isinstance(size, int | np.integer) or size < 1 for size in sizes):
        rule = Message("`input_shape` must be a sample's shape, whole numbers of 1 or more: (784,)")
        raise DataError(rule.got(given))
    return tuple(map(int, sizes))


def _what(given: Any) -> Any:
    """What was given in place of a pair, in few words."""
    return kind_of(given) if isinstance(given, np.ndarray) else verbatim(type(given).__name__)


def _row(layer: LayerInfo) -> tuple[str, ...]:
    shape = ", ".join(map(str, layer.output_shape))
    return layer.name, repr(layer.spec), f"({shape})", f"{layer.parameters:,}"
