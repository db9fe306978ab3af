"""Training: what a run records, when, and that it is the same run every time."""

from __future__ import annotations

from collections.abc import Iterator
from math import log
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.backend import NUMPY, Backend
from engine.config import RecordSpec, RunConfig
from engine.datasets import Digits
from engine.default import default_config
from engine.errors import ConfigError, DataError
from engine.evaluation import evaluate
from engine.initializers import He, InitializerSpec
from engine.layers import AnyActivation, BatchNorm, Dense, Dropout, ReLU
from engine.optimizers import SGD, OptimizerSpec
from engine.randomness import Use, stream
from engine.records import MemoryRecorder, Metric
from engine.samples import load_samples, training_sample
from engine.scaling import ScalingSpec, ZScore
from engine.spec import family
from engine.stack import multilayer
from engine.training import Trainer, train
from tests.engine.build import network_of, plain, tiny

STEPS, PER_EPOCH = 15, 5


def run(config: RunConfig) -> MemoryRecorder:
    recorder = MemoryRecorder()
    outcome = train(config, recorder)
    assert (outcome.status, outcome.step) == ("done", recorder.records[-1].step)
    return recorder


def everything(recorder: MemoryRecorder) -> Any:
    return plain([recorder.records, recorder.checkpoints])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_one_seed_gives_one_curve_bit_for_bit_and_another_seed_another(dtype: Any) -> None:
    one, again, other = (run(tiny(dtype=dtype, seed=seed)) for seed in (1, 1, 2))
    assert everything(one) == everything(again)
    assert one.metrics("batch") != other.metrics("batch")


def test_how_often_a_run_is_recorded_does_not_change_it() -> None:
    often, seldom = (
        run(tiny(record=RecordSpec(every=every, dense=0, histograms=every == 1)))
        for every in (1, 1000)
    )
    assert plain(often.checkpoints) == plain(seldom.checkpoints)
    for split in ("train", "validation"):
        assert often.metrics(split) == seldom.metrics(split)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (RecordSpec(every=4, dense=2), {1, 2, 4, 5, 8, 10, 12, 15}),
        (RecordSpec(every=1000, dense=0), {5, 10, 15}),
        (RecordSpec(every=1000, dense=0, checkpoint_every=2), {10, 15}),
        (RecordSpec(every=1, dense=0), set(range(1, STEPS + 1))),
    ],
)
def test_records_come_when_they_are_due(record: RecordSpec, expected: set[int]) -> None:
    """The inside of the network on schedule and at each checkpoint; the scores each epoch too."""
    recorder = run(tiny(record=record))
    inside = [r.step for r in recorder.records if r.layers]
    assert inside == sorted(expected)
    assert [r.step for r in recorder.records] == sorted(expected | {5, 10, 15})
    for split in ("train", "validation"):
        assert [m.step for m in recorder.metrics(split)] == [5, 10, 15]
    for r in recorder.records:
        assert all(m.step == r.step for m in (*r.metrics, *r.layers, *r.histograms, *r.batch_norms))


@pytest.mark.parametrize(("every", "expected"), [(1, [5, 10, 15]), (2, [10, 15]), (9, [15])])
def test_checkpoints_come_when_they_are_due(every: int, expected: list[int]) -> None:
    recorder = run(tiny(record=RecordSpec(checkpoint_every=every, checkpoint_best=False)))
    assert [c.step for c in recorder.checkpoints] == expected
    assert [c.epoch for c in recorder.checkpoints] == [step // PER_EPOCH for step in expected]


def test_each_new_best_validation_leaves_a_checkpoint() -> None:
    """However seldom checkpoints come, the network that did best is there to be used."""
    recorder = run(tiny(epochs=9, record=RecordSpec(checkpoint_every=100)))
    best, expected = -1.0, []
    for metric in recorder.metrics("validation"):
        assert metric.accuracy is not None
        if metric.accuracy > best:
            best = metric.accuracy
            expected.append(metric.step)
    last = 9 * PER_EPOCH
    assert len(expected) < 9, "some epoch must be worse, or this shows nothing"
    assert [c.step for c in recorder.checkpoints] == sorted({*expected, last})


def test_every_sample_is_seen_once_an_epoch_in_the_order_of_its_stream() -> None:
    config = tiny(seed=4)
    trainer = Trainer(config, NUMPY)
    seen = []
    for _ in range(2 * PER_EPOCH):
        if trainer.step and trainer.step % PER_EPOCH == 0:
            trainer._begin_epoch()
        seen.append(trainer._batch())
        trainer.step += 1
    for epoch in (0, 1):
        order = np.concatenate(seen[epoch * PER_EPOCH : (epoch + 1) * PER_EPOCH])
        assert_array_equal(order, stream(4, Use.SHUFFLING, epoch).permutation(47))


def test_train_is_the_mean_over_the_epochs_batches() -> None:
    recorder = run(tiny(dtype="float64", record=RecordSpec(every=1)))
    sizes = np.array([10, 10, 10, 10, 7])
    for i, epoch in enumerate(recorder.metrics("train")):
        batches = recorder.metrics("batch")[PER_EPOCH * i : PER_EPOCH * (i + 1)]
        assert_allclose(epoch.loss, np.average([b.loss for b in batches], weights=sizes))
        assert_allclose(epoch.accuracy, np.average([b.accuracy for b in batches], weights=sizes))


@pytest.mark.parametrize(("validation", "expected"), [(0.05, 90), (0.5, 200)])
def test_training_samples_are_scored_as_validation_is(validation: float, expected: int) -> None:
    """In inference mode, by the same weights, the same samples throughout: as many at most."""
    data = Digits(train_samples=200, validation=validation)
    config = tiny(dtype="float64", dataset=data, batch_size=40)
    recorder, samples = run(config), load_samples(config)
    chosen = training_sample(samples, config.seed)
    assert len(set(chosen)) == expected
    assert len(chosen) <= len(samples.x_validation)
    x, t = samples.x_train[chosen], samples.t_train[chosen]
    checkpoints = {c.step: c for c in recorder.checkpoints}
    assert [m.step for m in recorder.metrics("train_sample")] == [5, 10, 15]
    for metric in recorder.metrics("train_sample"):
        network = network_of(*config.layers, shape=(64,))
        network.load(checkpoints[metric.step])
        scores = evaluate(network, config.loss, x, t)
        assert (metric.loss, metric.accuracy) == (scores.loss, scores.accuracy)


def test_dropout_does_not_turn_the_gap_around() -> None:
    """In training mode half of the units are off: the batches score less than validation does."""
    layers = (Dense(units=100), ReLU(), Dropout(0.7), Dense(units=10))
    recorder = run(tiny(layers=layers, epochs=30, dataset=Digits(train_samples=200)))
    batches, sample, validation = (
        recorder.metrics(split)[-1].accuracy or 0.0
        for split in ("train", "train_sample", "validation")
    )
    assert batches < validation < sample


def test_validation_is_what_the_checkpoint_scores_on_the_validation_samples() -> None:
    config = tiny(dtype="float64", epochs=1)
    recorder = run(config)
    samples, (metric,) = load_samples(config), recorder.metrics("validation")
    network = network_of(*config.layers, shape=(64,))
    network.load(recorder.checkpoints[-1])
    z = network.forward(samples.x_validation, "inference")
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    t = samples.t_validation
    assert_allclose(metric.loss, -log_p[np.arange(len(t)), t].mean(), rtol=1e-12)
    assert metric.accuracy == (z.argmax(axis=1) == t).mean()


def test_a_validation_leaves_what_the_training_pass_left() -> None:
    trainer = Trainer(tiny(), NUMPY)
    for _ in range(trainer.plan.steps_per_epoch - 1):
        trainer.advance()
    last = len(trainer._batch())
    trainer.advance()
    assert {len(output) for output in trainer.network.outputs} == {last}
    assert len(trainer.evaluated.outputs[0]) == len(trainer.x_validation)


def test_the_first_loss_of_equal_outputs_is_the_logarithm_of_the_classes() -> None:
    layers = (Dense(units=10, init={"kind": "zeros"}),)
    first = run(tiny(layers=layers)).metrics("batch")[0]
    assert first == Metric(1, 1, "batch", pytest.approx(log(10), rel=1e-6), first.accuracy)


def arrays_of(trainer: Trainer) -> Iterator[tuple[str, np.ndarray]]:
    """Every array that training holds, by where it is."""
    network = trainer.network
    held: dict[str, Any] = {"x": trainer.x, "w": network.w, "dw": network.dw}
    held |= {"buffers": network.buffers, **trainer.slots}
    held |= {f"outputs[{i}]": a for i, a in enumerate(network.outputs)}
    held |= {f"douts[{i}]": a for i, a in enumerate(network.douts)}
    for layer, info in zip(network.layers, network.info, strict=True):
        inside = {**vars(layer), **layer._scratch}
        held |= {f"{info.name}.{k}": a for k, a in inside.items() if isinstance(a, np.ndarray)}
    yield from held.items()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rule", family(OptimizerSpec))
@pytest.mark.parametrize("activation", family(AnyActivation))
def test_the_precision_asked_for_is_kept_everywhere(dtype: Any, rule: Any, activation: Any) -> None:
    """One silent promotion would double the time of every step."""
    layers = multilayer([6, 5], 10, activation=activation(), init=He(), batch_norm=BatchNorm())
    layers = (BatchNorm(variance="unbiased"), *layers)
    trainer = Trainer(tiny(dtype=dtype, layers=layers, optimizer=rule()), NUMPY)
    for _ in range(PER_EPOCH + 1):
        trainer.advance()
    strangers = {name: a.dtype for name, a in arrays_of(trainer) if a.dtype != dtype}
    assert strangers == {}


@pytest.mark.parametrize("kind", family(InitializerSpec))
@pytest.mark.parametrize("scaling", family(ScalingSpec))
def test_every_initializer_and_scaling_trains(kind: Any, scaling: Any) -> None:
    layers = multilayer([6], 10, activation=ReLU(), init=kind(), batch_norm=BatchNorm())
    recorder = run(tiny(layers=layers, scaling=scaling(), epochs=1))
    assert all(np.isfinite(m.loss) for r in recorder.records for m in r.metrics)


@pytest.mark.parametrize("variance", ["biased", "unbiased"])
def test_a_last_batch_of_one_trains(variance: Any) -> None:
    layers = multilayer(
        [6], 10, activation=ReLU(), init=He(), batch_norm=BatchNorm(variance=variance)
    )
    recorder = run(tiny(layers=layers, batch_size=23))  # 23 + 23 + 1
    assert np.isfinite([m.loss for m in recorder.metrics("validation")]).all()


def test_batches_of_one_train() -> None:
    assert len(run(tiny(batch_size=1, epochs=1)).metrics("train")) == 1


def test_a_batch_larger_than_the_training_set_is_the_whole_set() -> None:
    assert [m.step for m in run(tiny(batch_size=1000)).metrics("train")] == [1, 2, 3]


def test_constant_features_train() -> None:
    """The corners of the digits are the same in every image."""
    recorder = run(tiny(scaling=ZScore(per="feature"), layers=(BatchNorm(), *tiny().layers)))
    assert np.isfinite([m.loss for m in recorder.metrics("validation")]).all()


def test_a_run_says_which_array_library_it_uses_before_its_first_step() -> None:
    told: list[Backend] = []
    recorder = MemoryRecorder()

    def on_start(trainer: Trainer) -> None:
        assert recorder.records == []
        told.append(trainer.backend)

    train(tiny(epochs=1), recorder, on_start=on_start)
    assert [backend.name for backend in told] == ["numpy"]


def test_what_cannot_train_is_refused_before_the_first_step() -> None:
    recorder = MemoryRecorder()
    with pytest.raises(ConfigError, match=r"`layers\[0\]` must end in 10 outputs"):
        train(tiny(layers=(Dense(units=3),)), recorder)
    with pytest.raises(DataError, match=r"dataset\.folder"):
        train(tiny(dataset={"kind": "idx", "folder": "there is none"}), recorder)
    assert recorder.records == []


def test_the_default_run_learns_the_digits() -> None:
    config = default_config().model_copy(update={"record": RecordSpec(every=1000, dense=0)})
    assert run(config).metrics("validation")[-1].accuracy > 0.95


def test_plain_gradient_descent_lowers_the_loss() -> None:
    losses = [m.loss for m in run(tiny(optimizer=SGD(lr=0.1), epochs=10)).metrics("train")]
    assert losses[-1] < 0.7 * losses[0]
