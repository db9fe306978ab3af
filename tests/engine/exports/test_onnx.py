"""ONNX: what ONNX Runtime makes of an exported network is what the network itself gives."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.testing import assert_allclose

from engine.exports.numpy_script import to_numpy_script
from engine.exports.onnx_model import IR_VERSION, OPSET, to_onnx
from engine.model import Model
from tests.engine.exports.trained_models import CLASS_NAMES, NAMES, model, named, seconds


def run(made: Model, x: np.ndarray) -> dict[str, np.ndarray]:
    session = onnxruntime.InferenceSession(to_onnx(made), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {"samples": x.astype(np.float64)}), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_the_runtime_gives_what_the_network_gives(name: str) -> None:
    made, x = model(name)
    expected = made.outputs(x)
    found = run(made, x)
    tolerance = 3e-5 * np.abs(expected).max()
    assert_allclose(found["outputs"], expected, rtol=1e-4, atol=tolerance)
    assert ("probabilities" in found) == made.has_probabilities
    if made.has_probabilities:
        assert_allclose(found["probabilities"], made.probabilities(x), rtol=1e-3, atol=1e-5)


def test_samples_that_float32_would_round_are_scaled_before() -> None:
    """Seconds since 1970: float32 tells apart moments that are two minutes apart."""
    made, x = seconds()
    expected = made.predict(x)
    assert len(np.unique(x.astype(np.float32))) < len(x) / 10
    assert (run(made, x)["outputs"].argmax(axis=1) == expected).all()
    script: dict[str, Any] = {"__name__": "script"}
    exec(to_numpy_script(made), script)
    assert (script["predict"](x) == expected).all()


@pytest.mark.parametrize("samples", [1, 2, 17])
def test_any_number_of_samples_is_taken(samples: int) -> None:
    made, x = model("relu")
    assert run(made, x[:samples])["outputs"].shape == (samples, 10)


def test_the_file_names_its_versions_and_passes_the_checker() -> None:
    made, _ = model("relu")
    proto = onnx.load_from_string(to_onnx(made))
    onnx.checker.check_model(proto, full_check=True)
    assert proto.ir_version == IR_VERSION
    assert [(o.domain, o.version) for o in proto.opset_import] == [("", OPSET)]


def test_the_file_says_what_the_classes_are_called() -> None:
    """By their numbers where the data only count them; numbers to predict have none."""
    for (made, _), called in ((named(), CLASS_NAMES), (model("relu"), "0123456789")):
        (said,) = onnx.load_from_string(to_onnx(made)).metadata_props
        assert (said.key, json.loads(said.value)) == ("class_names", [*called])
    assert not onnx.load_from_string(to_onnx(model("numbers")[0])).metadata_props
