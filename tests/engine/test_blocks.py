"""Blocks and threads change how fast a result comes, never the result."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from threadpoolctl import threadpool_info, threadpool_limits

from engine import blocks
from engine.layers import (
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    LayerSpec,
    MaxPool2D,
    ReLU,
    Sigmoid,
    dense,
)
from engine.network import Network
from tests.engine.build import network_of
from tests.engine.strict_xp import STRICT, transfers_of

STACK: tuple[LayerSpec, ...] = (
    Conv2D(filters=6, padding="same"),
    ReLU(),
    BatchNorm(),
    Conv2D(filters=5, stride=2, padding="same"),
    Sigmoid(),
    AveragePool2D(size=3, stride=1),
    BatchNorm(),
    MaxPool2D(),
    Flatten(),
    Dense(units=50),
    Dense(units=3),
)


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a test's arrays are cut into many."""
    monkeypatch.setattr(blocks, "CACHED", 1_000)
    monkeypatch.setattr(dense, "PART", 1_000)


def step(threads: int, *, dtype: str = "float32") -> list[np.ndarray]:
    """Everything that a pass forward and backward leaves, on so many threads."""
    network = network_of(*STACK, shape=(12, 12, 2), dtype=dtype)
    x = np.random.default_rng(0).standard_normal((33, 12, 12, 2)).astype(dtype)
    with threadpool_limits(threads):
        z = network.forward(x, "training")
        network.backward(z / len(z))
        passed = network.passed
        inference = network.forward(x, "inference")
    return [network.dw, network.buffers, network.outputs[-2], passed.douts[0], inference]


@pytest.mark.usefixtures("_small_blocks")
def test_the_number_of_threads_changes_no_bit() -> None:
    alone = step(1)
    for threads in (2, 3, 2):
        for kept, shared in zip(alone, step(threads), strict=True):
            assert_array_equal(shared, kept)


def test_blocks_compute_what_a_whole_batch_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "CACHED", 10**9)
    whole = step(1, dtype="float64")
    monkeypatch.setattr(blocks, "CACHED", 1_000)
    for one, many in zip(whole, step(2, dtype="float64"), strict=True):
        np.testing.assert_allclose(many, one, rtol=1e-9, atol=1e-12)


def test_blocks_hold_every_sample_once() -> None:
    for samples in (0, 1, 7, 100):
        parts = blocks.cut(np, samples, blocks.CACHED // 3)
        assert [i for part in parts for i in range(samples)[part]] == list(range(samples))
        assert all(part.stop - part.start <= 3 for part in parts)


def test_shares_are_few_and_keep_their_order() -> None:
    for count in (0, 1, 15, 16, 17, 1000):
        shares = blocks.shares(range(count))
        assert len(shares) <= blocks.SHARES
        assert [part for share in shares for part in share] == list(range(count))


def test_results_come_in_the_order_of_their_parts() -> None:
    parts = list(range(200))
    with threadpool_limits(4), blocks.in_threads():
        assert blocks.each(np, lambda part: part**2, parts) == [part**2 for part in parts]


def test_the_blas_has_its_threads_back_afterwards() -> None:
    with threadpool_limits(2):
        before = [library["num_threads"] for library in threadpool_info()]
        with blocks.in_threads(), blocks.in_threads():
            assert min(library["num_threads"] for library in threadpool_info()) == 1
        assert [library["num_threads"] for library in threadpool_info()] == before


def test_a_failure_in_a_thread_is_raised_where_the_work_was_asked_for() -> None:
    def fail(part: int) -> None:
        raise ZeroDivisionError(part)

    with threadpool_limits(2), blocks.in_threads(), pytest.raises(ZeroDivisionError):
        blocks.each(np, fail, [1, 2, 3])


@pytest.mark.usefixtures("_small_blocks")
def test_a_diverging_run_overflows_silently_in_every_thread() -> None:
    network = network_of(ReLU(), BatchNorm(), shape=(8, 8, 4), dtype="float32")
    x = np.full((40, 8, 8, 4), 1e30, np.float32)
    x[::2] *= -1
    with warnings.catch_warnings(), threadpool_limits(2):
        warnings.simplefilter("error")
        network.forward(x, "training")


@pytest.mark.usefixtures("_small_blocks")
def test_moments_of_blocks_keep_their_digits_far_from_zero() -> None:
    """The shift is a thousand deviations: a sum of squares in float32 would lose the variance."""
    x = np.random.default_rng(0).standard_normal((99, 8, 8, 2)) + 1_000
    network = network_of(BatchNorm(), shape=(8, 8, 2), dtype="float32")
    batch = network.layers[0].batch
    single = x.astype(np.float32)
    network.forward(single, "training")
    np.testing.assert_allclose(batch["mean"], single.mean((0, 1, 2), np.float64), rtol=1e-6)
    np.testing.assert_allclose(batch["var"], single.var((0, 1, 2), np.float64), rtol=1e-3)


def test_a_device_computes_the_same_without_one_implicit_transfer() -> None:
    stack = (*STACK[:-1], Dropout(), STACK[-1])
    on_host = network_of(*stack, shape=(12, 12, 2))
    on_device = Network(stack, (12, 12, 2), xp=STRICT, dtype="float64")
    on_device.w[...] = STRICT.asarray(on_host.w)
    on_device.buffers[...] = STRICT.asarray(on_host.buffers)
    x = np.random.default_rng(0).standard_normal((5, 12, 12, 2))

    def step(network: Network, x: Any) -> None:
        network.backward(network.forward(x, "training", masks=np.random.default_rng))

    step(on_host, x)
    assert transfers_of(lambda: step(on_device, STRICT.asarray(x))) == 0
    np.testing.assert_allclose(on_device.dw.get(), on_host.dw, rtol=1e-10, atol=1e-13)
