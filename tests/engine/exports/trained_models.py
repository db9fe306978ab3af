"""Small trained models that hold every layer there is."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from engine.datasets import Diabetes, Digits
from engine.layers import (
    GELU,
    AnyActivation,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Gaussian,
    Identity,
    LayerSpec,
    MaxPool2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from engine.losses import MeanSquaredError
from engine.model import Model, model_of
from engine.optimizers import Adam
from engine.scaling import MeanNormalization, ZScore
from engine.sequential import Sequential
from engine.spec import family
from tests.engine.build import tiny, trained


def around(layer: LayerSpec) -> tuple[LayerSpec, ...]:
    """A stack of flat samples with one layer in its middle."""
    return (Dense(units=12), BatchNorm(), layer, Dense(units=10))


def images(*layers: LayerSpec) -> tuple[LayerSpec, ...]:
    """A stack of images that ends in ten outputs."""
    return (*layers, Flatten(), Dense(units=10))


DIGITS: dict[str, tuple[LayerSpec, ...]] = {
    "dense": (Dense(units=10),),
    "no bias": (Dense(units=12, bias=False), BatchNorm(epsilon=0.01), ReLU(), Dense(units=10)),
    **{f"{act.kind_name()}": around(act()) for act in family(AnyActivation)},
    "gelu by tanh": around(GELU(approximation="tanh")),
    "tanh scaled": around(Tanh(scale=1.7)),
    "sigmoid scaled": around(Sigmoid(scale=2.5)),
    "gaussian scaled": around(Gaussian(scale=0.5)),
    "dropout": around(Dropout(rate=0.3)),
}
CONVOLUTIONS = [
    Conv2D(filters=3, kernel=kernel, stride=stride, padding=padding)
    for kernel in (1, 2, 3)
    for stride in (1, 2, 3)
    for padding in ("valid", "same")
]
POOLINGS = [
    pool(size=size, stride=stride, padding=padding)
    for pool in (MaxPool2D, AveragePool2D)
    for size, stride in ((2, 2), (3, 2), (2, 3), (3, 1))
    for padding in ("valid", "same")
]
IMAGES: dict[str, tuple[LayerSpec, ...]] = {
    **{repr(conv): images(conv, BatchNorm(), Tanh()) for conv in CONVOLUTIONS},
    **{repr(pool): images(Conv2D(filters=3, bias=False), pool) for pool in POOLINGS},
    "identity of images": images(Identity()),
}
NAMES = [*DIGITS, *IMAGES, "numbers", "labels by squares"]
CLASS_NAMES = ("zero", "it's one", 'called "two"', "三", r"\four", "{five}", *"6789")


@cache
def model(name: str, dtype: str = "float64") -> tuple[Model, np.ndarray]:
    """A model that has trained a little, and raw samples it has not seen."""
    changes: dict[str, Any] = {"dtype": dtype, "epochs": 1}
    if name in IMAGES:
        changes["dataset"] = Digits(train_samples=47, validation=0.05, layout="image")
    if name == "numbers":
        changes |= {"dataset": Diabetes(), "loss": MeanSquaredError()}
        changes |= {"layers": (Dense(units=6), Tanh(), Dense(units=1))}
        changes |= {"scaling": ZScore(per="feature")}
    elif name == "labels by squares":
        changes |= {"layers": around(ReLU()), "loss": MeanSquaredError()}
        changes |= {"scaling": MeanNormalization(per="feature")}
    else:
        changes["layers"] = (DIGITS | IMAGES)[name]
    config = tiny(**changes)
    made = model_of(config, trained(config).checkpoints[-1])
    return made, config.dataset.load().x_validation[:30]


def seconds() -> tuple[Model, np.ndarray]:
    """A model in float32 that tells the first half of ten minutes from the second, and moments in
    seconds since 1970 (N, 1)."""
    x = 1.7e9 + np.random.default_rng(0).uniform(0, 600, (400, 1))
    model = Sequential([Dense(8), Tanh(), Dense(2)])
    t = (x[:, 0] > 1.7e9 + 300).astype(int)
    model.fit(x, t, scaling=ZScore(), optimizer=Adam(lr=0.05), epochs=20)
    return model.model, x


def named() -> tuple[Model, np.ndarray]:
    """A model of classes that have names."""
    made, x = model("relu")
    info = replace(made.data.info, class_names=CLASS_NAMES)
    return replace(made, data=replace(made.data, info=info)), x
