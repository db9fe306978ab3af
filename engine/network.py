"""A network: a stack of layers over one flat parameter vector, one flat gradient vector and one
flat buffer vector. Layers see views, optimizers see the whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import numpy as np

from engine.architecture import describe_stack
from engine.backend import Array
from engine.blocks import in_threads
from engine.errors import DataError
from engine.layers import Layer, LayerSpec, Mode, Shape
from engine.layers.base import Arrays
from engine.layers.dropout import DropoutLayer
from engine.messages import Message
from engine.records import Checkpoint
from engine.tape import Tape

Views = dict[str, Array]

Masks = Callable[[int], np.random.Generator]
"""From a Dropout layer's number, counted among the Dropout layers, the generator of its mask."""


class Network:
    """A stack at work.

    `w`, `dw` and `buffers` are the flat parameters, gradients and buffers, `places[i]` the slice
    of layer i in the first two; `outputs[i]` and `douts[i]` are what layer i last gave and the
    gradient that came back to it. `tape` holds the calls of the last pass. A network `beside`
    another works on that one's vectors, and keeps what passes through it to itself.
    """

    w: Array
    dw: Array
    buffers: Array

    def __init__(
        self,
        specs: Sequence[LayerSpec],
        shape: Shape,
        *,
        xp: Any,
        dtype: str,
        beside: Network | None = None,
    ) -> None:
        self.xp, self.dtype = xp, np.dtype(dtype)
        self.info = describe_stack(specs, shape)
        parameters = [layer.spec.parameter_shapes(layer.input_shape) for layer in self.info]
        buffers = [layer.spec.buffer_shapes(layer.input_shape) for layer in self.info]
        self.places = _places(parameters)
        self.w, weight_views = self._flat(parameters, beside and beside.w)
        self.dw, gradient_views = self._flat(parameters, beside and beside.dw)
        self.buffers, buffer_views = self._flat(buffers, beside and beside.buffers)
        own, self.tape = threading.local(), Tape()
        self.layers: list[Layer[Any]] = [
            layer.spec.build(Arrays(xp, self.dtype, w, dw, b, own, self.tape))
            for layer, w, dw, b in zip(
                self.info, weight_views, gradient_views, buffer_views, strict=True
            )
        ]
        self.layers[0].needs_dx = False
        self._dropouts = [layer for layer in self.layers if isinstance(layer, DropoutLayer)]
        self.outputs: list[Array] = []
        self.douts: list[Array] = []

    def _flat(
        self, shapes: Sequence[Mapping[str, Shape]], flat: Array | None
    ) -> tuple[Array, list[Views]]:
        """A vector that holds all the arrays, of zeros if there is none, and each layer's views
        into it."""
        if flat is None:
            size = sum(prod(shape) for layer in shapes for shape in layer.values())
            flat = self.xp.zeros(size, self.dtype)
        views: list[Views] = []
        start = 0
        for layer in shapes:
            views.append({})
            for name, shape in layer.items():
                views[-1][name] = flat[start : start + prod(shape)].reshape(shape)
                start += prod(shape)
        return flat, views

    def load(self, checkpoint: Checkpoint) -> None:
        """Take parameters and buffers from a checkpoint; raises DataError where they do not fit."""
        for mine, kept in ((self.w, checkpoint.w), (self.buffers, checkpoint.buffers)):
            if kept.shape != mine.shape:
                unfit = Message(
                    "the checkpoint holds {found:,} values where the network has {size:,}"
                )
                raise DataError(unfit.filled(found=kept.size, size=mine.size))
            mine[...] = self.xp.asarray(kept)

    @np.errstate(all="ignore")
    @in_threads()
    def forward(
        self, x: Array, mode: Mode, *, masks: Masks | None = None, upto: int | None = None
    ) -> Array:
        """The outputs for a batch, or what layer `upto` would be given.

        `masks` gives each Dropout layer, by its number among them, the generator of its mask;
        without it nothing is dropped.
        A diverging run overflows here: that is data, not an error.
        """
        self.tape.begin()
        self._draw_from(masks)
        self.outputs = []
        for layer in self.layers[:upto]:
            x = layer.forward(x, mode)
            self.outputs.append(x)
        return x

    @np.errstate(all="ignore")
    @in_threads()
    def backward(self, dout: Array) -> None:
        """Fill `dw` from the loss's gradient at the outputs of the last training pass."""
        douts = []
        for layer in reversed(self.layers):
            douts.append(dout)
            dout = layer.backward(dout)
        self.douts = douts[::-1]

    def repeat(self, masks: Masks | None = None) -> None:
        """Pass once more, as the tape has it, on what the same arrays hold now."""
        self._draw_from(masks)
        self.tape.repeat()

    def _draw_from(self, masks: Masks | None) -> None:
        for number, dropout in enumerate(self._dropouts):
            dropout.generator = masks(number) if masks else None


def _places(shapes: Sequence[Mapping[str, Shape]]) -> list[slice]:
    """Where each layer's parameters lie in the flat vector."""
    ends = np.cumsum([sum(map(prod, layer.values())) for layer in shapes])
    return [slice(int(start), int(end)) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
