"""What the poolings share: windows over every feature map."""

from __future__ import annotations

from typing import ClassVar

from engine.layers.base import LayerSpec, Shape
from engine.layers.windows import Cells, Padding, Placement
from engine.spec import hyper


class Pool(LayerSpec):
    """A pooling layer."""

    positional: ClassVar[tuple[str, ...]] = ("size",)

    size: int = hyper(2, description="Height and width of a window.", unit="cells", ge=1, le=64)
    stride: int = hyper(
        2,
        description="How far a window moves each time; the window's size leaves no gap and no"
        " overlap.",
        unit="cells",
        ge=1,
        le=64,
    )
    padding: Padding = hyper(
        "valid",
        description="`valid` leaves out what no whole window covers; `same` keeps every cell, as"
        " Keras does: padding is never the largest and not counted in a mean.",
    )

    def placement(self, shape: Shape) -> Placement:
        return Placement.fit(shape, self.size, self.stride, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.placement(shape).outputs, shape[-1])

    def taps(self, shape: Shape) -> list[tuple[Cells, Cells]]:
        return list(self.placement(shape).taps())
