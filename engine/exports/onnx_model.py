"""A trained network as ONNX, the open format that ONNX Runtime and most other tools read.

In inference mode, from raw samples (the input scaling is part of the graph) to `outputs`, and to
`probabilities` where the loss is softmax cross-entropy. In float32, for which every runtime has
every operator. Images keep this project's layout, channels last, at the input; convolutions stand
between transpositions, which runtimes remove.
"""

from __future__ import annotations

import onnx
from onnx import TensorProto, helper

from engine.exports.onnx_graph import Graph
from engine.exports.onnx_layers import Site, emit
from engine.layers import Shape
from engine.model import Model

OPSET = 20  # of 2023, the first with Gelu
IR_VERSION = 9  # what came with it: older runtimes refuse newer ones


def to_onnx(model: Model) -> bytes:
    """The model as the bytes of an ONNX file."""
    graph = Graph()
    centred = graph.add("Sub", "samples", graph.constant("scaling.offset", model.scaling.offset))
    x = graph.add("Div", centred, graph.constant("scaling.scale", model.scaling.scale))
    for info, weights in model.layers():
        x = emit(info.spec, Site(graph, info, weights), x)
    graph.rename(x, "outputs")
    outputs = [_value("outputs", model.output_shape)]
    if model.has_probabilities:
        graph.rename(graph.add("Softmax", x, axis=1), "probabilities")
        outputs.append(_value("probabilities", model.output_shape))
    proto = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "layerlab",
            [_value("samples", model.input_shape)],
            outputs,
            graph.constants,
        ),
        producer_name="layerlab",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    onnx.checker.check_model(proto, full_check=True)
    data: bytes = proto.SerializeToString()
    return data


def _value(name: str, shape: Shape) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *shape])
