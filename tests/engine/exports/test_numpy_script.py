"""The NumPy script runs alone and predicts what the run's network predicts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.exports.numpy_script import to_numpy_script
from tests.engine.exports.trained_models import CLASS_NAMES, NAMES, model, named


def load(script: str) -> Any:
    module = ModuleType("exported")
    exec(compile(script, "exported.py", "exec"), module.__dict__)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_the_script_gives_what_the_network_gives(name: str) -> None:
    made, x = model(name)
    script = load(to_numpy_script(made))
    expected = made.outputs(x)
    assert_allclose(script.outputs(x), expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max())
    assert_allclose(script.predict(x), made.predict(x), rtol=1e-11)
    assert hasattr(script, "probabilities") == made.has_probabilities
    if made.has_probabilities:
        assert_allclose(script.probabilities(x), made.probabilities(x), rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("name", ["relu", "gelu", "tanh scaled", "numbers"])
def test_a_run_in_float32_stays_in_float32(name: str) -> None:
    made, x = model(name, "float32")
    found = load(to_numpy_script(made)).outputs(x)
    assert found.dtype == np.float32
    assert_allclose(found, made.outputs(x), rtol=1e-4, atol=1e-5)


def test_nothing_is_lost_of_the_weights() -> None:
    made, _ = model("relu")
    script = load(to_numpy_script(made))
    for info, weights in made.layers():
        for name, values in weights.items():
            assert_array_equal(getattr(script, f"{info.name}_{name}"), values)


@pytest.mark.parametrize("name", ["relu", "numbers"])
def test_it_runs_as_a_program_without_layerlab(name: str, tmp_path: Path) -> None:
    made, x = model(name)
    (tmp_path / "network.py").write_text(to_numpy_script(made), encoding="utf-8")
    np.save(tmp_path / "samples.npy", x)
    finished = subprocess.run(
        [sys.executable, "-I", "network.py", "samples.npy"],  # -I: only what is installed, no path
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    found = np.array([line.split() for line in finished.stdout.splitlines()], np.float64)
    assert_allclose(found.reshape(made.predict(x).shape), made.predict(x), rtol=1e-8)
    assert "import engine" not in (tmp_path / "network.py").read_text(encoding="utf-8")


def test_its_output_names_the_class(tmp_path: Path) -> None:
    """A 2 tells nobody that it is a virginica."""
    made, x = named()
    (tmp_path / "network.py").write_text(to_numpy_script(made), encoding="utf-8")
    np.save(tmp_path / "samples.npy", x)
    finished = subprocess.run(
        [sys.executable, "-I", "-X", "utf8", "network.py", "samples.npy"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert finished.stdout.splitlines() == [CLASS_NAMES[label] for label in made.predict(x)]


def test_without_samples_it_says_how_it_is_used(tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    path.write_text(to_numpy_script(model("relu")[0]), encoding="utf-8")
    finished = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert finished.returncode == 1
    assert "samples.npy" in finished.stderr


def test_it_reads_like_a_lesson() -> None:
    """Each layer's equation stands over its line, before any weights."""
    made, _ = model("relu")
    head, _, _ = to_numpy_script(made).partition("base64.b64decode")
    for words in ("Dense: z = x W + b", "x = x @ dense1_W + dense1_b", "ReLU", "np.maximum(x, 0)"):
        assert words in head
    assert max(map(len, to_numpy_script(made).splitlines())) <= 110
