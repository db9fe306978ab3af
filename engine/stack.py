"""Stacks of layers as people say them: 'four hidden layers of 100, ReLU, BN before it'.

A configuration always holds the explicit stack. This is only a way to write one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field

from engine.document import Document
from engine.initializers import He, InitializerSpec
from engine.layers import Activation, AnyActivation, BatchNorm, Dense, LayerSpec, ReLU
from engine.spec import hyper

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


class Multilayer(Document):
    """Multilayer perceptron: equal hidden layers and a linear output layer.

    What `multilayer` writes, as a spec that a form can show; `read` is the way back.
    """

    hidden: tuple[Annotated[int, Field(ge=1, le=100_000)], ...] = hyper(
        (100, 100, 100, 100),
        label="Hidden layers",
        description="Units of each hidden layer, from the input to the outputs.",
        unit="units",
        max_length=100,
    )
    activation: AnyActivation = hyper(
        ReLU(), description="The function between one layer and the next."
    )
    init: InitializerSpec = hyper(
        He(), label="Initialization", description="Initialization of the weights W of every layer."
    )
    position: Position = hyper(
        "before",
        label="Batch Normalization",
        description="Where it stands: nowhere, before each activation or after it.",
    )
    batch_norm: BatchNorm = hyper(
        BatchNorm(), label="Batch Normalization", description="How it normalizes."
    )

    @classmethod
    def read(cls, layers: Sequence[LayerSpec]) -> Self | None:
        """The description of exactly this stack, or None where there is none."""
        *_, last = layers
        if not isinstance(last, Dense):
            return None
        described = {
            "hidden": tuple(layer.units for layer in layers[:-1] if isinstance(layer, Dense)),
            "init": last.init,
            "activation": next((x for x in layers if isinstance(x, Activation)), ReLU()),
            "batch_norm": next((x for x in layers if isinstance(x, BatchNorm)), BatchNorm()),
        }
        for position in ("none", "before", "after"):
            candidate = cls(position=position, **described)
            if candidate.layers(last.units) == tuple(layers):
                return candidate
        return None

    def layers(self, outputs: int) -> tuple[LayerSpec, ...]:
        """The stack that ends in so many outputs."""
        return multilayer(
            self.hidden,
            outputs,
            activation=self.activation,
            init=self.init,
            batch_norm=None if self.position == "none" else self.batch_norm,
            position=self.position,
        )
