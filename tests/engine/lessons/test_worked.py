"""What lessons work out is held against what is known of it by other ways."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import erf

from engine.config import RunConfig
from engine.initializers import He
from engine.layers import Activation, ReLU
from engine.lessons import brief
from engine.lessons.builds import deep
from engine.lessons.worked import DRAWN, WORKED
from engine.lessons.worked.steps import fixed_steps, four_steps
from engine.optimizers import SGD


@pytest.mark.parametrize("at", [1.0, 2.0])
def test_the_bell_holds_what_the_error_function_says(at: float) -> None:
    assert WORKED["within"](at, 0) == pytest.approx(float(erf(at / np.sqrt(2))), abs=0.01)


def test_tanh_is_nearly_linear_within_half_of_the_sigmoid_s_region() -> None:
    half, whole = WORKED["off_tangent_tanh"](0.5, 0), WORKED["off_tangent_sigmoid"](1.0, 0)
    assert half == pytest.approx(whole, rel=1e-3), "tanh(z) = 2 sigmoid(2z) - 1"


def test_a_batch_s_variance_falls_short_by_one_of_m_and_the_root_s_mean_by_more() -> None:
    for m in (4, 100):
        averaged = WORKED["variance_averaged"](m, 0)
        assert averaged == pytest.approx((m - 1) / m, abs=0.02)
        assert WORKED["variance_corrected"](m, 0) == pytest.approx(m / (m - 1) * averaged)
        assert WORKED["deviation_averaged"](m, 0) < averaged


def test_one_sample_by_its_own_statistics_is_beta_whatever_it_was() -> None:
    for value in (-3.0, 0.0, 1e6):
        assert four_steps(np.array([value]), gamma=2.0, beta=0.5).y == [0.5]
    assert fixed_steps(np.array([3.0]), 1.0, 4.0, gamma=2.0, beta=0.5, epsilon=0.0).y == [2.5]


def test_the_matrices_are_the_gradient_and_the_shortcut_is_not() -> None:
    for seed in range(3):
        assert WORKED["backward_matrices"](0, seed) > 9
        assert WORKED["backward_layer"](0, seed) > 9
        assert WORKED["backward_fixed"](0, seed) < 1


def test_looking_at_statistics_leaves_the_network_as_it_was() -> None:
    """Each number is of one trained network, in whatever order they are asked for."""
    first = WORKED["accuracy_moving"](0, 0)
    for name in ("accuracy_of_batches", "accuracy_population", "shifted_of_batches"):
        WORKED[name](8, 0)
    assert WORKED["accuracy_moving"](0, 0) == first


def test_a_curve_through_all_points_meets_them_and_misses_the_truth() -> None:
    assert WORKED["polynomial_on_points"](10, 0) < 1e-9 < WORKED["polynomial_on_points"](1, 0)
    assert WORKED["polynomial"](10, 0) > WORKED["polynomial"](1, 0)


@pytest.fixture(scope="module")
def wild() -> RunConfig:
    return deep(5, ReLU(), He(), optimizer=SGD(lr=1.0))


def test_a_brief_training_that_diverged_is_dead_and_guesses(wild: RunConfig) -> None:
    assert brief.dead_share(wild, 60) == 1.0
    assert brief.val_accuracy(wild, 60) == pytest.approx(0.1)


def test_normalized_sums_drift_less_than_what_goes_into_them() -> None:
    received, before = brief.drifts(deep(2, ReLU(), He(), position="before"), 20)
    assert 0 < received < before
    plain = deep(2, ReLU(), He())
    assert isinstance(plain.layers[1], Activation)
    assert len(set(brief.drifts(plain, 20))) == 1, "without BN both are the same values"


@pytest.mark.parametrize("name", DRAWN)
def test_what_a_figure_draws_is_finite(name: str) -> None:
    for panel in DRAWN[name]():
        for line in panel.lines:
            assert len(line.x) == len(line.y) > 1
            assert np.isfinite(line.x).all()
            assert np.isfinite(line.y).all()
