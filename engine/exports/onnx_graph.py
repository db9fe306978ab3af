"""The nodes of an ONNX graph while they are gathered."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper


class Graph:
    """Nodes and constants while they are gathered; a value is known by its name."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One node; the name of what it gives."""
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def rename(self, value: str, name: str) -> None:
        """Give a value under another name, an output of the whole graph."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def constant(self, name: str, values: NDArray[Any] | float) -> str:
        """An array, in float32; its name."""
        array = np.ascontiguousarray(values, np.float32)
        self.constants.append(numpy_helper.from_array(array, name))
        return name
