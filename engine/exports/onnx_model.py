"""A trained network as ONNX, the open format that ONNX Runtime and most other tools read.

In inference mode, from raw samples (the input scaling is part of the graph) to `outputs`, and to
`probabilities` where the loss is softmax cross-entropy. Samples are float64, as they are scaled:
seconds since 1970, say, lose all that tells them apart in float32. Behind the scaling all is
float32, for which every runtime has every operator. Images keep this project's layout, channels
last, at the input; convolutions stand between transpositions, which runtimes remove. What the
classes are called, in the order of the outputs, is a JSON list in the metadata, `class_names`.
"""

from __future__ import annotations

import json

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from engine.datasets.base import called
from engine.layers import Shape
from engine.layers.written import Graph, Node, Site
from engine.model import Model

OPSET = 20  # of 2023, the first with Gelu
IR_VERSION = 9  # what came with it: older runtimes refuse newer ones


def to_onnx(model: Model) -> bytes:
    """The model as the bytes of an ONNX file."""
    graph = Graph()
    offset, scale = (
        graph.constant(f"scaling.{name}", getattr(model.scaling, name), np.float64)
        for name in ("offset", "scale")
    )
    scaled = graph.add("Div", graph.add("Sub", "samples", offset), scale)
    x = graph.add("Cast", scaled, to=TensorProto.FLOAT)
    for info, weights in model.layers():
        x = info.spec.as_onnx(Site(graph, info.name, info.input_shape, weights), x)
    if model.targets:  # back in the targets' own unit
        x = graph.add("Mul", x, graph.constant("targets.scale", model.targets.scale))
        x = graph.add("Add", x, graph.constant("targets.offset", model.targets.offset))
    graph.rename(x, "outputs")
    outputs = [_value("outputs", model.output_shape)]
    if model.has_probabilities:
        graph.rename(graph.add("Softmax", x, axis=1), "probabilities")
        outputs.append(_value("probabilities", model.output_shape))
    proto = helper.make_model(
        helper.make_graph(
            [_node(node) for node in graph.nodes],
            "layerlab",
            [_value("samples", model.input_shape, TensorProto.DOUBLE)],
            outputs,
            [numpy_helper.from_array(values, name) for name, values in graph.constants.items()],
        ),
        producer_name="layerlab",
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
    )
    if model.classes is not None:
        names = called(model.class_names, model.classes)
        helper.set_model_props(proto, {"class_names": json.dumps(names)})
    onnx.checker.check_model(proto, full_check=True)
    data: bytes = proto.SerializeToString()
    return data


def _node(node: Node) -> onnx.NodeProto:
    return helper.make_node(node.operator, node.inputs, [node.output], **node.attributes)


def _value(name: str, shape: Shape, dtype: int = TensorProto.FLOAT) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, dtype, ["N", *shape])
