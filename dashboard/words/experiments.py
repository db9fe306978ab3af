"""Experiments worth showing: a question, and the runs that answer it side by side.

The arms of an experiment share their seed, so that they start from the same draw and see the same
batches, and differ in one thing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.words.i18n import msg
from engine.config import RunConfig
from engine.conventions import TRADITIONS, Tradition, config_in_tradition
from engine.datasets import Diabetes, Digits
from engine.default import default_config
from engine.initializers import He, InitializerSpec, Normal, Xavier
from engine.layers import (
    Activation,
    AnyLayer,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from engine.losses import MeanSquaredError
from engine.optimizers import SGD, AdaGrad, Adam, Momentum, RMSProp
from engine.scaling import ZScore
from engine.stack import multilayer


@dataclass(frozen=True)
class Arm:
    """One run of an experiment."""

    name: str
    config: RunConfig


@dataclass(frozen=True)
class Experiment:
    """A question and the runs that answer it. `key` stands in links."""

    key: str
    title: str
    question: str
    arms: tuple[Arm, ...]


TRADITION_NAMES: dict[Tradition, str] = {
    "textbook": msg("Textbook"),
    "keras": "Keras",
    "pytorch": "PyTorch",
}


def _run(**changes: Any) -> RunConfig:
    return default_config().model_copy(update=changes)


def _deep(
    depth: int,
    activation: Activation,
    init: InitializerSpec,
    *,
    batch_norm: bool = False,
    **changes: Any,
) -> RunConfig:
    """So many hidden layers of 100, trained by plain gradient descent unless said."""
    layers = multilayer(
        [100] * depth,
        10,
        activation=activation,
        init=init,
        batch_norm=BatchNorm() if batch_norm else None,
    )
    return _run(**{"layers": layers, "optimizer": SGD(lr=0.1)} | changes)


def _convolutions() -> tuple[AnyLayer, ...]:
    block = (
        Conv2D(filters=16, padding="same", bias=False),
        BatchNorm(),
        ReLU(),
        MaxPool2D(),
    )
    return (*block, *block, Flatten(), Dense(units=10))


def _diabetes(*, batch_norm: bool) -> RunConfig:
    layers = multilayer(
        [50, 50],
        1,
        activation=ReLU(),
        init=He(),
        batch_norm=BatchNorm() if batch_norm else None,
    )
    return _run(
        dataset=Diabetes(), scaling=ZScore(), layers=layers, loss=MeanSquaredError(), batch_size=32
    )


def _arms(*arms: tuple[str, RunConfig]) -> tuple[Arm, ...]:
    return tuple(Arm(name, config) for name, config in arms)


EXPERIMENTS: Sequence[Experiment] = (
    Experiment(
        "batch-norm",
        msg("With and without Batch Normalization"),
        msg(
            "Five layers start from weights that are far too small. One network never finds a"
            " gradient; the other does not even notice. What does normalizing change inside?"
        ),
        _arms(
            (msg("with BN"), _deep(5, ReLU(), Normal(std=0.01), batch_norm=True)),
            (msg("without BN"), _deep(5, ReLU(), Normal(std=0.01))),
        ),
    ),
    Experiment(
        "he-xavier",
        msg("He against Xavier"),
        msg(
            "Ten layers of ReLU. Each halves what passes through it unless the weights make up for"
            " it: follow the standard deviation of the activations from layer to layer."
        ),
        _arms(
            (msg("He"), _deep(10, ReLU(), He())),
            (msg("Xavier"), _deep(10, ReLU(), Xavier())),
            (msg("std 0.01"), _deep(10, ReLU(), Normal(std=0.01))),
        ),
    ),
    Experiment(
        "vanishing",
        msg("The vanishing gradient of the sigmoid"),
        msg(
            "Six layers of sigmoid, whose slope is never above 1/4, beside tanh and ReLU. How much"
            " of the gradient is left at the first layer?"
        ),
        _arms(
            (msg("sigmoid"), _deep(6, Sigmoid(), Xavier())),
            (msg("tanh"), _deep(6, Tanh(), Xavier())),
            (msg("ReLU"), _deep(6, ReLU(), He())),
        ),
    ),
    Experiment(
        "saturation",
        msg("Saturated and alike"),
        msg(
            "The textbook's histograms: sigmoid units that start with weights of standard deviation"
            " 1 sit at 0 and 1, with 0.01 they all say the same, with Xavier they spread."
        ),
        _arms(
            (msg("std 1"), _deep(4, Sigmoid(), Normal(std=1.0))),
            (msg("std 0.01"), _deep(4, Sigmoid(), Normal(std=0.01))),
            (msg("Xavier"), _deep(4, Sigmoid(), Xavier())),
        ),
    ),
    Experiment(
        "learning-rate",
        msg("How large a step can it take?"),
        msg(
            "The same large learning rate, with and without Batch Normalization. Which of the two"
            " still learns, and what do the weights of the other do?"
        ),
        _arms(
            (msg("with BN"), _deep(5, ReLU(), He(), batch_norm=True, optimizer=SGD(lr=1.5))),
            (msg("without BN"), _deep(5, ReLU(), He(), optimizer=SGD(lr=1.5))),
        ),
    ),
    Experiment(
        "optimizers",
        msg("Five optimizers, one network"),
        msg(
            "The same weights and the same batches; only the way the parameters move differs. Who"
            " is fastest, and who takes which size of step?"
        ),
        _arms(
            ("SGD", _deep(4, ReLU(), He(), optimizer=SGD(lr=0.01))),
            ("Momentum", _deep(4, ReLU(), He(), optimizer=Momentum(lr=0.01))),
            ("AdaGrad", _deep(4, ReLU(), He(), optimizer=AdaGrad(lr=0.01))),
            ("RMSProp", _deep(4, ReLU(), He(), optimizer=RMSProp(lr=0.001))),
            ("Adam", _deep(4, ReLU(), He(), optimizer=Adam())),
        ),
    ),
    Experiment(
        "batch-size",
        msg("Batch Normalization and small batches"),
        msg(
            "Batches of 4, 16 and 100: the fewer samples, the noisier the statistics a batch is"
            " normalized with. How far are the running statistics from the population's?"
        ),
        _arms(
            ("m = 4", _run(batch_size=4, epochs=5)),
            ("m = 16", _run(batch_size=16, epochs=5)),
            ("m = 100", _run(batch_size=100, epochs=5)),
        ),
    ),
    Experiment(
        "conventions",
        msg("Textbook, Keras and PyTorch"),
        msg(
            "One network by the defaults of three traditions. The momentum of the running"
            " statistics, their first variance and epsilon differ: does it show in inference?"
        ),
        tuple(
            Arm(name, config_in_tradition(default_config(), tradition))
            for tradition, name in TRADITION_NAMES.items()
        ),
    ),
    Experiment(
        "convolution",
        msg("Convolutions on images"),
        msg(
            "Two convolutions with Batch Normalization, a mean and a variance a feature map, beside"
            " a dense network of several times their parameters."
        ),
        _arms(
            (msg("convolutions"), _run(dataset=Digits(layout="image"), layers=_convolutions())),
            (msg("dense"), _run()),
        ),
    ),
    Experiment(
        "regression",
        msg("Predicting numbers"),
        msg(
            "How diabetes went on in a year, from ten measurements of 442 patients: a mean squared"
            " error instead of classes, with and without Batch Normalization."
        ),
        _arms(
            (msg("with BN"), _diabetes(batch_norm=True)),
            (msg("without BN"), _diabetes(batch_norm=False)),
        ),
    ),
)

assert set(TRADITION_NAMES) == set(TRADITIONS)


def experiment(key: str) -> Experiment | None:
    """The experiment of that key."""
    return next((found for found in EXPERIMENTS if found.key == key), None)
