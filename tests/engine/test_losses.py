"""Losses: their gradients, and that they stay finite where they should."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.losses import LossSpec, SoftmaxCrossEntropy
from engine.spec import family
from tests.engine.gradients import assert_gradient


@pytest.mark.parametrize("kind", family(LossSpec))
@pytest.mark.parametrize("batch", [1, 2, 7])
def test_the_gradient_is_that_of_the_mean_loss(kind: Any, batch: int) -> None:
    generator = np.random.default_rng(batch)
    z, t = generator.standard_normal((batch, 4)), generator.integers(0, 4, batch)
    before = z.copy()
    dz = kind().sum(np, z, t)[2]
    assert_allclose(z, before)
    assert_gradient(dz, lambda: float(kind().sum(np, z, t)[0]) / batch, z)


def test_cross_entropy_of_equal_logits_is_the_logarithm_of_the_classes() -> None:
    loss, _, dz = SoftmaxCrossEntropy().sum(np, np.zeros((3, 10)), np.array([0, 4, 9]))
    assert loss / 3 == pytest.approx(np.log(10))
    assert_allclose(dz.sum(axis=1), 0, atol=1e-15)


def test_logits_of_any_finite_size_give_a_finite_loss_in_single_precision() -> None:
    z = np.array([[3e38, -3e38], [-3e38, 3e38], [1e38, 1e38]], np.float32)
    with np.errstate(over="ignore"):
        loss, hits, dz = SoftmaxCrossEntropy().sum(np, z / 2, np.array([0, 1, 0]))
    assert np.isfinite(loss)
    assert (hits, dz.dtype) == (3, np.float32)
    assert np.isfinite(dz).all()


@np.errstate(invalid="ignore")
def test_logits_that_are_not_finite_show_in_the_loss() -> None:
    for bad in (np.nan, np.inf):
        loss, _, _ = SoftmaxCrossEntropy().sum(np, np.array([[0.0, bad]]), np.array([0]))
        assert not np.isfinite(loss)
