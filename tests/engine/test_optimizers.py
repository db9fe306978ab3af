"""The contract that every optimizer keeps, and their equations by hand for a few steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.loops import compiled
from engine.optimizers import (
    SGD,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    Momentum,
    Nadam,
    Optimizer,
    OptimizerSpec,
)
from engine.optimizers.adam import Moments
from engine.spec import family

OPTIMIZERS = [kind() for kind in family(OptimizerSpec)]
every_optimizer = pytest.mark.parametrize("rule", OPTIMIZERS, ids=lambda rule: rule.kind_name())


class Descent:
    """One problem being solved: parameters, slots and the step count."""

    def __init__(self, rule: Optimizer, w: Any, dtype: Any = np.float64) -> None:
        self.rule, self.w, self.t = rule, np.array(w, dtype), 0
        self.slots = {name: np.zeros_like(self.w) for name in rule.slots}

    def step(self, g: Any, *, block: int | None = None) -> np.ndarray:
        g = np.asarray(g, self.w.dtype)
        self.t += 1
        size = block or len(self.w)
        for start in range(0, len(self.w), size):
            part = slice(start, start + size)
            slots = {name: slot[part] for name, slot in self.slots.items()}
            self.rule.update(self.w[part], g[part], slots, t=self.t, eta=self.rule.lr)
        return self.w


def gradients(steps: int, n: int) -> np.ndarray:
    return np.random.default_rng(7).standard_normal((steps, n))


def test_sgd_by_hand() -> None:
    descent = Descent(SGD(lr=0.1), [1.0])
    assert_allclose([descent.step([g])[0] for g in (2.0, -1.0, 0.0)], [0.8, 0.9, 0.9])


def test_momentum_by_hand() -> None:
    descent = Descent(Momentum(lr=0.1, momentum=0.5), [1.0])
    # v = -0.2, then 0.5·-0.2 + 0.1 = 0, then 0.5·0 - 0.1 = -0.1, then -0.05
    steps = [descent.step([g])[0] for g in (2.0, -1.0, 1.0, 0.0)]
    assert_allclose(steps, [0.8, 0.8, 0.7, 0.65], rtol=1e-12)


def test_adam_by_hand() -> None:
    descent = Descent(Adam(lr=0.1, beta1=0.5, beta2=0.75, epsilon=1e-12), [1.0])
    # t = 1: m = 1, v = 1, m̂ = 2, v̂ = 4
    # t = 2: m = -1/2, v = 7/4, m̂ = -2/3, v̂ = 4
    # t = 3: m = 1/4, v = 25/16, m̂ = 2/7, v̂ = (25/16) / (37/64) = 100/37
    w1 = 1 - 0.1 * 2 / 2
    w2 = w1 + 0.1 * (2 / 3) / 2
    w3 = w2 - 0.1 * (2 / 7) / np.sqrt(100 / 37)
    assert_allclose([descent.step([g])[0] for g in (2.0, -2.0, 1.0)], [w1, w2, w3], rtol=1e-11)


@pytest.mark.parametrize("g", [1e-3, 1.0, -50.0])
def test_adams_first_step_is_the_learning_rate_whatever_the_gradient(g: float) -> None:
    assert_allclose(Descent(Adam(lr=0.01), [0.0]).step([g]), [-np.sign(g) * 0.01], rtol=1e-4)


AVERAGING = [
    rule
    for rule in OPTIMIZERS
    if {"v", "u", "h"} & set(rule.slots)
    and rule.kind_name() not in ("momentum", "nesterov", "adagrad")
]
"""Those that keep a mean of squares; AdaGrad keeps their sum, which must overflow."""


@pytest.mark.parametrize("compiles", [False, True])
@pytest.mark.parametrize("rule", AVERAGING, ids=lambda rule: rule.kind_name())
def test_a_mean_square_overflows_only_where_a_square_does(rule: Optimizer, compiles: bool) -> None:
    """Steps do not depend on the scale of the gradient, up to where its square leaves float32; a
    running sum, 1 / (1 - β₂) times the mean, would stop the descent a thousand times sooner."""
    small, large = (Descent(rule, np.ones(2), np.float32) for _ in range(2))
    with compiled(compiles):
        for _ in range(3_000):
            small.step([1e6, -1e6])
            large.step([1.5e19, -1.5e19])
    assert_allclose(large.w, small.w, rtol=1e-3)
    assert np.abs(large.w - 1).min() > 0.01


@pytest.mark.parametrize("kind", [Adam, AdamW, AMSGrad, Nadam])
def test_a_first_gradient_beyond_that_still_moves_the_parameters(kind: type[Moments]) -> None:
    """As in PyTorch: (1 - β₂) g² is finite for g up to 5e20, and v̂ need not be."""
    small, large = (Descent(kind(), np.zeros(1), np.float32) for _ in range(2))
    assert_allclose(large.step([1e20]), small.step([1.0]), rtol=1e-5)


def test_the_slots_are_the_moments_of_the_books() -> None:
    g = gradients(5, 3)
    m, v, u = np.zeros(3), np.zeros(3), np.zeros(3)
    for each in g:
        m, v = 0.9 * m + 0.1 * each, 0.999 * v + 0.001 * each**2
        u = np.maximum(0.999 * u, abs(each))
    for rule in (Adam(), AdamW(), AMSGrad(), Nadam(), AdaMax()):
        descent = Descent(rule, np.ones(3))
        for each in g:
            descent.step(each)
        expected = {"m": m, "v": v, "u": u} | {"v_max": descent.slots.get("v_max", v)}
        for name, slot in descent.slots.items():
            assert_allclose(slot, expected[name], rtol=1e-12)


@every_optimizer
@pytest.mark.parametrize("block", [1, 3, 7])
def test_blocks_take_the_same_step_as_the_whole_vector(rule: Optimizer, block: int) -> None:
    whole, blocks = Descent(rule, np.linspace(-1, 1, 10)), Descent(rule, np.linspace(-1, 1, 10))
    for g in gradients(20, 10):
        assert_array_equal(blocks.step(g, block=block), whole.step(g))


@every_optimizer
def test_two_problems_solved_in_turns_do_not_touch_one_another(rule: Optimizer) -> None:
    alone = Descent(rule, np.ones(4))
    expected = [alone.step(g).copy() for g in gradients(15, 4)]
    one, other = Descent(rule, np.ones(4)), Descent(rule, -np.ones(4))
    for g, w in zip(gradients(15, 4), expected, strict=True):
        assert_array_equal(one.step(g), w)
        other.step(-3 * g)


@every_optimizer
def test_single_precision_stays_single_and_the_gradient_as_it_was(rule: Optimizer) -> None:
    descent, g = Descent(rule, np.ones(4), np.float32), np.full(4, 0.5, np.float32)
    for _ in range(3):
        descent.step(g)
    assert {a.dtype for a in (descent.w, *descent.slots.values())} == {np.dtype(np.float32)}
    assert_array_equal(g, 0.5)


@every_optimizer
def test_the_rate_of_the_step_is_the_one_given(rule: Optimizer) -> None:
    """A schedule changes the rate from step to step; the spec's own must not shine through."""
    slow, fast = (Descent(rule.model_copy(update={"lr": lr}), np.ones(4)) for lr in (1e-3, 0.5))
    for g in gradients(5, 4):
        for descent in (slow, fast):
            descent.t += 1
            descent.rule.update(descent.w, g.copy(), descent.slots, t=descent.t, eta=0.01)
    assert_array_equal(slow.w, fast.w)


@every_optimizer
def test_a_bowl_is_descended(rule: Optimizer) -> None:
    curvature = np.array([0.5, 1.0, 2.0])
    rate = {"adagrad": 0.5, "adadelta": 10.0}.get(rule.kind_name(), 0.02)
    descent = Descent(rule.model_copy(update={"lr": rate}), np.array([1.0, -1.0, 0.5]))
    for _ in range(600):
        descent.step(curvature * descent.w)
    assert np.abs(descent.w).max() < 0.15
