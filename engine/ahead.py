"""Loops compiled before a run needs them, the commonest first.

Numba takes three seconds to load, and once on a machine five to compile what the default network
needs; from then on its machine code lies on disk. A worker that has nothing to do spends that time
here. Which loops there are is noted while small networks are trained for two steps without them.
Processes that compile at the same time take the loops of a network in an order of their own, and
find on disk what another has compiled meanwhile: so they share the work, and a run that has just
begun is helped by those that wait.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, cast

import numpy as np

from engine.backend import Array, choose
from engine.config import RunConfig
from engine.datasets import Noise
from engine.default import default_config
from engine.errors import BackendError
from engine.initializers import He
from engine.layers import (
    Activation,
    AnyActivation,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LayerSpec,
    MaxPool2D,
    ReLU,
)
from engine.loops import Call, Notes, compiled, elements, loop
from engine.optimizers import OptimizerSpec
from engine.records import MemoryRecorder
from engine.spec import family
from engine.stack import multilayer
from engine.training import train

BATCH = 50
CLASSES = 10


class Ahead:
    """What there is to compile, and how far it has come."""

    def __init__(self) -> None:
        self._networks = _networks()
        self._loops: list[Call] = []

    def load(self) -> None:
        """Load Numba, where there is one."""
        with suppress(BackendError), compiled(choose("numba").compiles):
            _nothing(np.zeros(1))

    def compile(self, busy: Callable[[], bool]) -> None:
        """Compile until all is, or until `busy`: then at most the loop at hand is waited for."""
        with suppress(BackendError, StopIteration), compiled(choose("numba").compiles):
            while not busy():
                while not self._loops:
                    self._loops = loops_of(next(self._networks))
                each, values = self._loops.pop()
                each.made_for(*values)


def loops_of(network: RunConfig) -> list[Call]:
    """What a training needs that is not compiled yet, in this process's order."""
    notes = Notes()
    with compiled(notes):
        train(network, MemoryRecorder(), backend=choose("numba"))
    calls = notes.calls
    random.Random(os.getpid()).shuffle(calls)
    return calls


@loop
def _nothing(x: Array) -> None:
    """The smallest loop."""
    for i in elements(x):
        x[i] = 0.0


def _networks() -> Iterator[RunConfig]:
    """The default network, convolutions, then every optimizer and every activation."""
    yield _small(default_config().layers)
    yield _small(_convolutions(), shape=(28, 28, 1))
    dense = multilayer([10], CLASSES, activation=ReLU(), init=He(), batch_norm=BatchNorm())
    for optimizer in family(OptimizerSpec):
        yield _small(dense, optimizer=optimizer())
    for activation in family(AnyActivation):
        yield _small(
            multilayer([10], CLASSES, activation=cast(Activation, activation()), init=He())
        )


def _small(layers: Sequence[LayerSpec], shape: tuple[int, ...] = (64,), **values: Any) -> RunConfig:
    """Two batches, and a validation."""
    data = Noise(shape=shape, classes=CLASSES, samples=3 * BATCH)
    return RunConfig(dataset=data, layers=cast(Any, layers), batch_size=BATCH, epochs=1, **values)


def _convolutions() -> tuple[LayerSpec, ...]:
    block = Conv2D(filters=16, padding="same", bias=False), BatchNorm(), ReLU(), MaxPool2D()
    return (*block, *block, Flatten(), Dense(units=CLASSES))
