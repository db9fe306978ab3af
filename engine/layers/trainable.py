"""What every layer with parameters shares: how fast it learns beside the others."""

from __future__ import annotations

from engine.layers.base import LayerSpec
from engine.spec import hyper


class Trainable(LayerSpec):
    """A layer with parameters."""

    lr_factor: float = hyper(
        1.0,
        label="Learning-rate factor",
        description="Multiplies the learning rate of this layer alone; 0 freezes it.",
        ge=0,
        le=1000,
    )
