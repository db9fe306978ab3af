"""Compiled loops compute what their lines say on whole arrays, in every thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

from engine import blocks
from engine.backend import NUMPY, Backend, choose
from engine.config import RecordSpec, RunConfig
from engine.initializers import He
from engine.layers import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    LeakyReLU,
    MaxPool2D,
    PReLU,
    ReLU,
)
from engine.loops import compiled, elements, loop
from engine.losses import SoftmaxCrossEntropy
from engine.network import Network
from engine.optimizers import SGD, AdamW, OptimizerSpec
from engine.records import MemoryRecorder
from engine.spec import family
from engine.stack import multilayer
from engine.training import Trainer, train
from tests.engine.build import network_of, plain, tiny
from tests.engine.test_divergence import OFTEN, RATES, diverging
from tests.engine.test_resume import interrupted

NUMBA = choose("numba")


@loop
def _axpy(y: Any, x: Any, a: float) -> None:
    for i in elements(y):
        y[i] += a * x[i]


def axpy(dtype: str, *, step: int = 1) -> np.ndarray:
    y, x = np.zeros(6, dtype)[::step], np.arange(6, dtype=dtype)[::step]
    _axpy(y, x, 0.1)
    return y


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("step", [1, 2])
def test_a_loop_computes_in_its_arrays_precision_however_they_lie(dtype: str, step: int) -> None:
    expected = axpy(dtype, step=step)
    with compiled(True):
        result = axpy(dtype, step=step)
    assert result.dtype == expected.dtype == np.dtype(dtype)
    assert_array_equal(result, expected)


def test_threads_that_meet_a_new_loop_at_once_all_get_its_result() -> None:
    @loop
    def double(y: Any, two: float) -> None:
        for i in elements(y):
            y[i] *= two

    def work(k: int) -> np.ndarray:
        y = np.full(3, k, [np.float32, np.float64][k % 2])
        with compiled(True):
            double(y, 2.0)
        return y

    with ThreadPoolExecutor(8) as pool:
        for k, y in enumerate(pool.map(work, range(32))):
            assert_array_equal(y, [2 * k] * 3)


def test_a_loop_without_a_folder_to_keep_its_code_in_is_compiled_all_the_same() -> None:
    place: dict[str, Any] = {"elements": elements}
    exec("def add(y, a):\n    for i in elements(y):\n        y[i] += a", place)  # in no file
    y = np.zeros(3)
    with compiled(True):
        loop(place["add"])(y, 1.0)
    assert_array_equal(y, [1, 1, 1])


def left_by(config: RunConfig, backend: Backend) -> tuple[np.ndarray, MemoryRecorder]:
    trainer, recorder = Trainer(config, backend), MemoryRecorder()
    assert trainer.run(recorder).status == "done"
    return trainer.network.w, recorder


def assert_trains_alike(config: RunConfig, *, rtol: float) -> None:
    (w, expected), (w_compiled, recorder) = left_by(config, NUMPY), left_by(config, NUMBA)
    assert_allclose(w_compiled, w, rtol=rtol, atol=rtol)
    losses = [[m.loss for m in r.metrics("batch")] for r in (recorder, expected)]
    assert_allclose(*losses, rtol=rtol)


@pytest.mark.parametrize("optimizer", family(OptimizerSpec))
def test_every_optimizer_takes_the_same_steps_compiled(optimizer: Any) -> None:
    layers = multilayer([7, 6], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm())
    assert_trains_alike(tiny(optimizer=optimizer(), dtype="float64", layers=layers), rtol=1e-9)


def test_single_precision_stays_single() -> None:
    config = tiny(optimizer=AdamW(), dtype="float32")
    assert left_by(config, NUMBA)[0].dtype == np.float32
    assert_trains_alike(config, rtol=1e-3)


IMAGES = (
    Conv2D(filters=6, padding="same"),
    ReLU(),
    BatchNorm(variance="unbiased"),
    LeakyReLU(),
    Conv2D(filters=16, padding="same"),
    Conv2D(filters=16, padding="same", bias=False),
    MaxPool2D(),
    PReLU(),
    Flatten(),
    BatchNorm(),
    Dense(units=3),
)


@pytest.mark.parametrize("block", [blocks.CACHED, 500])
@pytest.mark.parametrize("samples", [1, 33])
def test_a_pass_over_images_is_the_same_compiled(
    monkeypatch: pytest.MonkeyPatch, block: int, samples: int
) -> None:
    monkeypatch.setattr(blocks, "CACHED", block)
    x = np.random.default_rng(0).standard_normal((samples, 12, 12, 2))

    def passed(wanted: bool) -> Network:
        network = network_of(*IMAGES, shape=(12, 12, 2))
        with compiled(wanted):
            z = network.forward(x, "training")
            network.backward(SoftmaxCrossEntropy().sum(np, z, np.zeros(samples, int))[2])
            network.forward(x, "inference")
        return network

    plain_pass, compiled_pass = passed(False), passed(True)
    assert_allclose(compiled_pass.outputs[-1], plain_pass.outputs[-1], rtol=1e-10, atol=1e-12)
    assert_allclose(compiled_pass.dw, plain_pass.dw, rtol=1e-8, atol=1e-12)
    assert_allclose(compiled_pass.buffers, plain_pass.buffers, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("z", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_passes_as_on_arrays(z: float) -> None:
    x = np.random.default_rng(0).standard_normal((4, 3))
    x[1, 2] = z

    def outcome() -> list[np.ndarray]:
        network = network_of(BatchNorm(), ReLU(), Dense(units=2), shape=(3,))
        with np.errstate(all="ignore"):
            out = network.forward(x, "training")
            loss, _, dz = SoftmaxCrossEntropy().sum(np, out, np.array([0, 1, 0, 1]))
        network.backward(dz)
        return [out, np.asarray(loss), network.dw]

    expected = outcome()
    with compiled(True):
        result = outcome()
    for mine, theirs in zip(result, expected, strict=True):
        assert_array_equal(np.isnan(mine), np.isnan(theirs))


def test_a_compiled_run_that_was_interrupted_ends_as_if_it_never_was() -> None:
    config = tiny(backend="numba")
    whole = MemoryRecorder()
    train(config, whole)
    _, checkpoints, _ = interrupted(config, [3, 4])
    assert plain(checkpoints[15]) == plain(whole.checkpoints[-1])


@pytest.mark.parametrize("lr", RATES)
def test_a_compiled_run_diverges_where_the_other_does(lr: float) -> None:
    config = diverging(lr, OFTEN)
    ends = [
        train(config.model_copy(update={"backend": b}), MemoryRecorder())
        for b in ("numpy", "numba")
    ]
    assert ends[0] == ends[1]


def test_threads_change_no_bit_of_a_compiled_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "CACHED", 500)

    def gradient(threads: int) -> np.ndarray:
        network = network_of(*IMAGES, shape=(12, 12, 2), dtype="float32")
        x = np.random.default_rng(0).standard_normal((33, 12, 12, 2)).astype(np.float32)
        with threadpool_limits(threads), compiled(True):
            network.backward(network.forward(x, "training"))
        return network.dw

    assert_array_equal(gradient(1), gradient(4))


def test_recording_leaves_a_compiled_run_as_it_is() -> None:
    seldom = tiny(backend="numba", optimizer=SGD(), record=RecordSpec(every=1000, dense=0))
    often = seldom.model_copy(update={"record": RecordSpec(every=1)})
    assert plain(left_by(seldom, NUMBA)[0]) == plain(left_by(often, NUMBA)[0])
