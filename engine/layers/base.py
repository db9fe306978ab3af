"""What a layer is: a spec that declares, and a layer at work that computes.

A spec knows shapes and hyperparameters and holds no arrays. `Layer` holds them, as views into the
network's flat parameter, gradient and buffer vectors. `LayerPass` plans what is done with them for
batches of one size; its caches are what backward and the recorded statistics are computed from.
"""

from __future__ import annotations

import threading
from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine import blocks
from engine.backend import Array
from engine.layers.written import Code, Site
from engine.plan import Planner
from engine.spec import Spec

Shape = tuple[int, ...]
"""The shape of one sample, without the batch: `(64,)` or `(28, 28, 1)`."""

Mode = Literal["training", "inference"]
"""Which statistics Batch Normalization uses: the batch's own or the running ones."""

Draw = Callable[[Shape], NDArray[np.float64]]
"""Standard normal draws of a shape, from the layer's own stream."""


SUMMED = 4096
"""Samples that are summed one after another at most: a longer sum would round off more digits."""

Merge = Callable[[Sequence[tuple[Array, ...]], Sequence[float]], Iterable[Array]]
"""One result from those of the blocks of a batch, of which each is so large a share."""


def added_up(of_blocks: Sequence[tuple[Array, ...]], shares: Sequence[float]) -> Iterable[Array]:
    """The sum of what the blocks gave, in their order."""
    return map(blocks.total, zip(*of_blocks, strict=True))


class LayerSpec(Spec):
    """One layer of the stack."""

    weight: ClassVar[str | None] = None
    """The parameter whose norm and histogram stand for the layer, where it has one."""

    draws: ClassVar[bool] = False
    """Whether the layer's start is drawn at random."""

    if TYPE_CHECKING:  # takes `positional` by position (engine/spec.py)

        def __init__(self, /, *values: Any, **fields: Any) -> None: ...

    @abstractmethod
    def output_shape(self, shape: Shape) -> Shape:
        """The shape of an output for an input of `shape`; raises RuleError where it cannot be."""

    @abstractmethod
    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        """The layer's passes over batches of one size, to be planned by this planner."""

    @abstractmethod
    def as_numpy(self, name: str, shape: Shape) -> Code:
        """The layer in inference mode for inputs of `shape`, as lines of an exported script. Its
        arrays are called `NAME_PARAMETER`: `dense1_W`."""

    @abstractmethod
    def as_onnx(self, site: Site, x: str) -> str:
        """The same as nodes of an exported graph behind the value x; the name of what they give."""

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        """What the optimizer moves."""
        return {}

    def buffer_shapes(self, shape: Shape) -> dict[str, Shape]:
        """What training keeps beside the parameters, such as running statistics."""
        return {}

    def batch_shapes(self, shape: Shape) -> dict[str, Shape]:
        """What the last training batch leaves to be recorded, such as its statistics."""
        return {}

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        """Where each parameter and buffer starts: host arrays or scalars by name."""
        return {}

    def parameter_count(self, shape: Shape) -> int:
        return sum(prod(size) for size in self.parameter_shapes(shape).values())


SpecT = TypeVar("SpecT", bound=LayerSpec)


@dataclass(frozen=True, eq=False)
class Layer(Generic[SpecT]):
    """A spec and its arrays: views by name into the network's flat vectors, what the last training
    batch left, and working arrays that its passes share.

    `own` holds each thread's working arrays, which all layers of a network share.
    """

    spec: SpecT
    xp: Any
    dtype: Any
    parameters: Mapping[str, Array]
    gradients: Mapping[str, Array]
    buffers: Mapping[str, Array]
    batch: Mapping[str, Array]
    own: threading.local
    _scratch: dict[str, Array] = field(default_factory=dict)

    def scratch(self, name: str, shape: tuple[int, ...]) -> Array:
        """A working array: one of fewer samples is a part of one of more."""
        held = self._scratch.get(name)
        if held is not None and held.shape == shape:
            return held
        if held is None or held.shape[1:] != shape[1:] or len(held) < shape[0]:
            held = self._scratch[name] = self.xp.empty(shape, dtype=self.dtype)
        return held[: shape[0]]

    def ones(self, m: int) -> Array:
        """The vector of m ones: a sum over the batch is a product with it."""
        held = self._scratch.get("1")
        if held is None or len(held) < m:
            held = self._scratch["1"] = self.xp.ones(m, dtype=self.dtype)
        return held[:m]


class LayerPass(Generic[SpecT]):
    """A layer's passes over batches of one size.

    `forward` and `backward` only plan: they choose arrays by their shapes, and name by `do` and its
    kin the work on what those will hold. When they are called there are no values yet.
    """

    def __init__(self, layer: Layer[SpecT], planner: Planner) -> None:
        self.layer, self.spec = layer, layer.spec
        self.xp, self.dtype = layer.xp, layer.dtype
        self.parameters, self.gradients = layer.parameters, layer.gradients
        self.buffers = layer.buffers
        self.scratch, self.do = layer.scratch, planner.do
        self.needs_dx = True

    @abstractmethod
    def forward(self, x: Array, mode: Mode) -> Array:
        """Plan the output for a batch x; training also updates the layer's buffers."""

    @abstractmethod
    def backward(self, dout: Array) -> Array | None:
        """Plan dL/dx from dL/dout, and the gradients. Leaves `dout` as it is."""

    def slope(self) -> Array | None:
        """Plan the activation's derivative at the last pass, where the layer is an activation."""
        return None

    def in_blocks(
        self, work: Callable[..., object], batch: tuple[Array, ...], *others: Any
    ) -> None:
        """Do `work` on each block of the arrays that hold the batch, and on all of the others."""
        parts = self.blocks(max(batch, key=lambda array: array.size))
        if len(parts) == 1:
            self.do(work, *batch, *others)
        else:
            block = lambda i: work(*(x[i] for x in batch), *others)  # noqa: E731
            self.do(blocks.each, self.xp, block, parts)

    def sum_in_blocks(
        self,
        work: Callable[..., object],
        sums: tuple[Array, ...],
        batch: tuple[Array, ...],
        *others: Any,
        merge: Merge = added_up,
    ) -> None:
        """Leave in `sums` what `work(*sums, *batch, *others)` does for the whole batch. Where it
        has several blocks, each is summed for itself, and `merge` makes one of them all."""
        parts = self.blocks(batch[0], most=SUMMED)
        if len(parts) == 1:
            self.do(work, *sums, *batch, *others)
            return
        shares = [(i.stop - i.start) / len(batch[0]) for i in parts]

        def of_block(i: slice) -> tuple[Array, ...]:
            own = tuple(map(self.xp.empty_like, sums))
            work(*own, *(x[i] for x in batch), *others)
            return own

        def of_batch() -> None:
            merged = merge(blocks.each(self.xp, of_block, parts), shares)
            for result, value in zip(sums, merged, strict=True):
                result[...] = value

        self.do(of_batch)

    def blocks(self, batch: Array, *, most: int | None = None) -> list[slice]:
        """Blocks of the batch of which a few arrays stay in the cache, of so many samples at most;
        one where it is empty."""
        each = prod(batch.shape[1:])
        values = min(blocks.CACHED, most * each) if most else None
        return blocks.cut(self.xp, len(batch), each, most=values) or [slice(None)]
