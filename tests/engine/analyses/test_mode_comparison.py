"""Both modes, sample by sample: what a user reads off them is what the network computes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.analyses.inspection import inspect_batch_norm
from engine.analyses.mode_comparison import Shift, compare_modes
from engine.datasets import Diabetes
from engine.layers import BatchNorm, Dense, ReLU
from engine.losses import MeanSquaredError
from engine.samples import load_samples
from tests.engine.build import network_of, plain, tiny, trained

CONFIG = tiny(dtype="float64")
CHECKPOINT = trained(CONFIG).checkpoints[-1]


@settings(max_examples=15)
@given(batch_size=st.integers(1, 100))
def test_each_mode_gives_what_the_network_gives_batch_by_batch(batch_size: int) -> None:
    x, t = load_samples(CONFIG).split("validation")
    found = compare_modes(CONFIG, CHECKPOINT, batch_size=batch_size)
    for mode, answers in found.modes.items():
        network = network_of(*CONFIG.layers, shape=(64,))
        network.load(CHECKPOINT)
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            z = network.forward(x[batch], mode)
            p = np.exp(z - z.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            assert_allclose(answers.outputs[batch], z, rtol=1e-12, atol=1e-12)
            expected = -np.log(p[np.arange(len(z)), t[batch]])
            assert_allclose(answers.losses[batch], expected, rtol=1e-9, atol=1e-12)
        assert answers.accuracy == (answers.predictions == t).mean()


def test_the_means_are_those_of_the_inspection() -> None:
    inspected = inspect_batch_norm(CONFIG, CHECKPOINT, batch_size=10)
    found = compare_modes(CONFIG, CHECKPOINT, batch_size=10, split="train")
    for e in inspected.evaluations:
        if e.split == "train" and e.mode in found.modes:
            answers = found.modes[e.mode]
            assert_allclose((answers.loss, answers.accuracy), (e.loss, e.accuracy), rtol=1e-12)


def test_a_single_sample_is_normalized_to_nothing_in_training_mode() -> None:
    """BN takes a batch of one to β: all samples get one answer, whatever they show."""
    found = compare_modes(CONFIG, CHECKPOINT, batch_size=1, samples=20)
    training, inference = found.modes["training"].outputs, found.modes["inference"].outputs
    assert len(training) == 20
    assert_allclose(training, np.broadcast_to(training[0], training.shape), atol=1e-12)
    assert np.ptp(inference, axis=0).min() > 0.1
    assert found.agreement == (training[0].argmax() == inference.argmax(axis=1)).mean()


def test_training_mode_shrugs_off_a_shift_that_misleads_inference_mode() -> None:
    """BN right at the input undoes any shift and scale of a whole batch; running statistics do
    not know of it."""
    layers = (BatchNorm(epsilon=1e-12), Dense(units=16), BatchNorm(), ReLU(), Dense(units=10))
    config = tiny(layers=layers, dtype="float64", epochs=20)
    checkpoint = trained(config).checkpoints[-1]
    plainly, shifted = (
        compare_modes(config, checkpoint, batch_size=90, shift=shift, split="validation")
        for shift in (None, Shift(offset=0.7, scale=3.0))
    )
    training, inference = plainly.modes["training"], plainly.modes["inference"]
    assert_allclose(shifted.modes["training"].losses, training.losses, rtol=1e-4, atol=1e-6)
    assert shifted.modes["inference"].loss > 1.5 * inference.loss


def test_the_shift_is_of_what_the_network_sees() -> None:
    x, _ = load_samples(CONFIG).split("validation")
    network = network_of(*CONFIG.layers, shape=(64,))
    network.load(CHECKPOINT)
    found = compare_modes(CONFIG, CHECKPOINT, batch_size=50, shift=Shift(-0.5, 2.0))
    expected = network.forward(2.0 * x - 0.5, "inference")
    assert_allclose(found.modes["inference"].outputs, expected, rtol=1e-12)


def test_numbers_to_predict_have_losses_and_no_accuracy() -> None:
    layers = (Dense(units=5), BatchNorm(), ReLU(), Dense(units=1))
    config = tiny(dataset=Diabetes(), layers=layers, loss=MeanSquaredError(), epochs=1)
    found = compare_modes(config, trained(config).checkpoints[-1], batch_size=30)
    answers = found.modes["inference"]
    assert answers.accuracy is None
    expected = np.square(answers.outputs - found.t).mean(axis=1)
    assert_allclose(answers.losses, expected, rtol=1e-5, atol=1e-9)  # float32: small ones cancel


def test_the_checkpoint_is_left_as_it_was() -> None:
    before = plain(CHECKPOINT)
    compare_modes(CONFIG, CHECKPOINT, batch_size=3, samples=9)
    assert plain(CHECKPOINT) == before


@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_a_shift_keeps_the_precision(scale: float) -> None:
    assert Shift(offset=1, scale=scale)(np.ones(3, np.float32)).dtype == np.float32
