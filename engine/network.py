"""A network: a stack of layers over one flat parameter vector, one flat gradient vector and one
flat buffer vector. Layers see views, optimizers see the whole."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from math import prod
from typing import Any

import numpy as np

from engine.architecture import describe_stack
from engine.backend import Array
from engine.blocks import in_threads
from engine.errors import DataError
from engine.layers import Layer, LayerSpec, Mode, Shape
from engine.layers.dropout import DropoutPass
from engine.loops import compiling
from engine.messages import Message
from engine.plan import Plan, Planner
from engine.records import Checkpoint

Views = dict[str, Array]

Masks = Callable[[int], np.random.Generator]
"""From a Dropout layer's number, counted among the Dropout layers, the generator of its mask."""


KEPT = 4
"""Passes that a network keeps the plans of; a training keeps its own."""


class Pass:
    """A network's passes over batches of one size, in one mode: `x`, and in `outputs` and `douts`
    what each layer gives and the gradient that comes back to it.

    What is done is planned here, once. Without `drops` Dropout layers drop nothing; `upto` ends
    the pass before a layer.
    """

    def __init__(
        self, network: Network, samples: int, mode: Mode, *, drops: bool, upto: int | None = None
    ) -> None:
        shape = network.info[0].input_shape
        self.x = network.layers[0].scratch("x", (samples, *shape))
        self.planner = Planner()
        self.layers = [layer.spec.build(layer, self.planner) for layer in network.layers[:upto]]
        self._dropouts = [layer for layer in self.layers if isinstance(layer, DropoutPass)]
        for dropout in self._dropouts:
            dropout.drops = drops
        self.outputs: list[Array] = []
        x = self.x
        for layer in self.layers:
            x = layer.forward(x, mode)
            self.outputs.append(x)
        self.z = x
        self.forward = self.planner.finish()
        self.douts: list[Array] = []
        self.needs_dx = network.input_gradient
        self.dx: Array | None = None

    def plan_backward(self, dout: Array) -> Plan:
        """The way back from the gradient that `dout` will hold: it leaves the parameters' in `dw`
        and, where the network wants it, that of the inputs in `dx`."""
        self.layers[0].needs_dx = self.needs_dx
        self.douts = []
        gradient: Array | None = dout
        for layer in reversed(self.layers):
            assert gradient is not None, "only the first layer may do without dx"
            self.douts.insert(0, gradient)
            gradient = layer.backward(gradient)
        self.dx = gradient
        return self.planner.finish()

    @cached_property
    def dout(self) -> Array:
        """Where `Network.backward` lays the gradient at the outputs."""
        return self.layers[-1].layer.scratch("dout", self.z.shape)

    @cached_property
    def backward(self) -> Plan:
        """The way back from `dout`."""
        return self.plan_backward(self.dout)

    def draw_from(self, masks: Masks | None) -> None:
        """Let the Dropout layers, by their numbers, draw the next masks from these generators."""
        for number, dropout in enumerate(self._dropouts):
            dropout.generator = masks(number) if masks else None

    def slope(self, index: int) -> Array | None:
        """The derivative of an activation at the last pass; None of another layer."""
        slope = self.layers[index].slope()
        self.planner.finish().run()
        return slope


class Network:
    """A stack at work.

    `w`, `dw` and `buffers` are the flat parameters, gradients and buffers, `places[i]` the slice
    of layer i in the first two; `passed` is the last pass. A network `beside` another works on
    that one's vectors, and keeps what passes through it to itself. With `input_gradient` the way
    back ends at the inputs.
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
        input_gradient: bool = False,
    ) -> None:
        self.xp, self.dtype = xp, np.dtype(dtype)
        self.info = describe_stack(specs, shape)
        parameters = [layer.spec.parameter_shapes(layer.input_shape) for layer in self.info]
        buffers = [layer.spec.buffer_shapes(layer.input_shape) for layer in self.info]
        self.places = _places(parameters)
        self.w, weight_views = self._flat(parameters, beside and beside.w)
        self.dw, gradient_views = self._flat(parameters, beside and beside.dw)
        self.buffers, buffer_views = self._flat(buffers, beside and beside.buffers)
        batch = [layer.spec.batch_shapes(layer.input_shape) for layer in self.info]
        _, batch_views = self._flat(batch, None)
        own = threading.local()
        views = zip(weight_views, gradient_views, buffer_views, batch_views, strict=True)
        self.layers: list[Layer[Any]] = [
            Layer(layer.spec, xp, self.dtype, *arrays, own)
            for layer, arrays in zip(self.info, views, strict=True)
        ]
        self.input_gradient = input_gradient
        self._kept: dict[Any, Pass] = {}
        self.passed: Pass

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
        self.passed = self._pass(len(x), mode, drops=masks is not None, upto=upto)
        self.passed.x[...] = x
        self.passed.draw_from(masks)
        self.passed.forward.run()
        return self.passed.z

    @np.errstate(all="ignore")
    @in_threads()
    def backward(self, dout: Array) -> None:
        """Fill `dw` from the loss's gradient at the outputs of the last training pass."""
        passed = self.passed
        passed.dout[...] = dout
        passed.backward.run()

    @property
    def outputs(self) -> list[Array]:
        """What each layer gave in the last pass."""
        return self.passed.outputs

    @property
    def douts(self) -> list[Array]:
        """The gradient that came back to each layer's outputs in the last pass."""
        return self.passed.douts

    def _pass(self, samples: int, mode: Mode, *, drops: bool, upto: int | None) -> Pass:
        """The plans of such a pass: those made last are kept."""
        key = samples, mode, drops, upto, compiling()
        found = self._kept.pop(key, None) or Pass(self, samples, mode, drops=drops, upto=upto)
        self._kept[key] = found
        if len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]
        return found


def _places(shapes: Sequence[Mapping[str, Shape]]) -> list[slice]:
    """Where each layer's parameters lie in the flat vector."""
    ends = np.cumsum([sum(map(prod, layer.values())) for layer in shapes])
    return [slice(int(start), int(end)) for start, end in zip([0, *ends[:-1]], ends, strict=True)]
