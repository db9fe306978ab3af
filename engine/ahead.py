"""Loops compiled before a run needs them, the commonest first.

Numba takes two seconds to load, and once on a machine ten to compile what the default network
needs; from then on its machine code lies on disk, from where a process takes it in one. A worker
that has nothing to do spends that time here, by training small networks for two steps, and leaves
off at once, for what is compiled already is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from engine.backend import choose
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
from engine.loops import LeftOffError, compiling_until
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
        self.left = list(_networks())

    def compile(self, busy: Callable[[], bool]) -> None:
        """Compile until all is, or until `busy`: then at most the loop at hand is waited for."""
        try:
            numba = choose("numba")
            with compiling_until(busy):
                while self.left and not busy():
                    train(self.left[0], MemoryRecorder(), backend=numba)
                    self.left.pop(0)
        except (LeftOffError, BackendError):
            return


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
