"""Stacks of layers as people say them: 'four hidden layers of 100, ReLU, BN before it'.

A configuration always holds the explicit stack. This is only a way to write one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.initializers import InitializerSpec
from engine.layers import Activation, BatchNorm, Dense, LayerSpec

Position = Literal["none", "before", "after"]
"""Where Batch Normalization stands: not at all, before the activation or after it."""


def multilayer(
    hidden: Sequence[int],
    outputs: int,
    *,
    activation: Activation,
    init: InitializerSpec,
    batch_norm: BatchNorm | None = None,
    position: Position = "before",
) -> tuple[LayerSpec, ...]:
    """Hidden layers of the given widths and a linear output layer.

    Batch Normalization before the activation makes the layer's bias redundant: it is dropped.
    """
    stack: list[LayerSpec] = []
    before = batch_norm is not None and position == "before"
    after = batch_norm is not None and position == "after"
    for units in hidden:
        stack.append(Dense(units=units, init=init, bias=not before))
        stack += [batch_norm] if batch_norm and before else []
        stack.append(activation)
        stack += [batch_norm] if batch_norm and after else []
    return (*stack, Dense(units=outputs, init=init))
