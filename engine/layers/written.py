"""What a layer contributes to an exported network: lines of NumPy, and nodes of an ONNX graph.

Both describe the layer in inference mode and are plain data; `engine/exports/` makes files of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of a script that turn `x` into the next `x`, and the functions that they call: these
    are copied into the script, and use NumPy (`np`) and one another alone."""

    lines: tuple[str, ...]
    helpers: tuple[Callable[..., Any], ...] = ()


def code(*lines: str, helpers: tuple[Callable[..., Any], ...] = ()) -> Code:
    return Code(lines, helpers)


class Node(NamedTuple):
    """An operator of ONNX at work: values are known by their names."""

    operator: str
    inputs: tuple[str, ...]
    output: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and constants while they are gathered."""

    nodes: list[Node] = field(default_factory=list)
    constants: dict[str, NDArray[Any]] = field(default_factory=dict)

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One node; the name of what it gives."""
        output = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(Node(operator, inputs, output, attributes))
        return output

    def rename(self, value: str, name: str) -> None:
        """Give a value under another name, an output of the whole graph."""
        self.nodes.append(Node("Identity", (value,), name, {}))

    def constant(self, name: str, values: NDArray[Any] | float, dtype: Any = np.float32) -> str:
        """An array, in float32 unless in another precision; its name."""
        self.constants[name] = np.ascontiguousarray(values, dtype)
        return name


@dataclass(frozen=True, slots=True)
class Site:
    """Where a layer stands in a graph: its name, the shape of its inputs, its parameters and
    buffers."""

    graph: Graph
    name: str
    input_shape: tuple[int, ...]
    weights: Mapping[str, NDArray[Any]]

    def add(self, operator: str, *inputs: str, **attributes: Any) -> str:
        """One node; the name of what it gives."""
        return self.graph.add(operator, *inputs, **attributes)

    def weight(self, name: str) -> str:
        """A parameter or buffer as a constant of the graph."""
        return self.constant(name, self.weights[name])

    def constant(self, name: str, values: NDArray[Any] | float) -> str:
        return self.graph.constant(f"{self.name}.{name}", values)

    def channels_first(self, operator: str, x: str, *inputs: str, **attributes: Any) -> str:
        """A node that takes images as ONNX has them, (N, C, H, W); flat samples are the same in
        both."""
        if len(self.input_shape) == 1:
            return self.add(operator, x, *inputs, **attributes)
        x = self.add("Transpose", x, perm=[0, 3, 1, 2])
        y = self.add(operator, x, *inputs, **attributes)
        return self.add("Transpose", y, perm=[0, 2, 3, 1])
