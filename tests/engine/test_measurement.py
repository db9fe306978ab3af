"""What is recorded of a step equals a direct computation of that step, written out again here."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine import histogram
from engine.backend import NUMPY, Backend, choose
from engine.config import RecordSpec, RunConfig
from engine.layers import BatchNorm, Conv2D, Dense, PReLU, ReLU, Sigmoid, Tanh
from engine.loops import compiled
from engine.measurement import Inside, Measurement
from engine.network import Network
from engine.optimizers import SGD, Momentum
from engine.records import StepRecord
from engine.training import Trainer
from engine.transfer import Transfer
from tests.engine.build import network_of, tiny

LAYERS = (
    Dense(units=8, bias=False),
    BatchNorm(),
    ReLU(),
    Dense(units=7, init={"kind": "normal", "std": 3.0}),
    Sigmoid(),
    Dense(units=6),
    Tanh(),
    Dense(units=10),
)
FLAT = {"relu": 0.05, "sigmoid": 0.05 * 0.25, "tanh": 0.05}
EPSILON = 1e-5


class Step:
    """The third step of a run: what it recorded, and the same passes in plain NumPy."""

    def __init__(self, config: RunConfig, backend: Backend = NUMPY) -> None:
        self.backend = backend
        trainer = Trainer(config, backend)
        with compiled(backend.compiles):
            self._train(trainer)

    def _train(self, trainer: Trainer) -> None:
        trainer.advance()
        trainer.advance()
        layers = trainer.network.layers
        self.before = [{k: a.copy() for k, a in layer.parameters.items()} for layer in layers]
        self.buffers = [{k: a.copy() for k, a in layer.buffers.items()} for layer in layers]
        batch = trainer._batch()
        self.x, self.t = trainer.x[batch].astype(float), trainer.t[batch]
        record = trainer.advance()
        assert record is not None
        self.record: StepRecord = record
        self.after = [{k: a.copy() for k, a in layer.parameters.items()} for layer in layers]
        self.kinds = [layer.kind for layer in trainer.config.layers]
        self._forward()
        self._backward()

    def _forward(self) -> None:
        self.inputs, self.outputs = [], []
        a = self.x
        for kind, p in zip(self.kinds, self.before, strict=True):
            self.inputs.append(a)
            if kind == "dense":
                a = a @ p["W"] + p.get("b", 0)
            elif kind == "batch_norm":
                a = p["gamma"] * (a - a.mean(0)) / np.sqrt(a.var(0) + EPSILON) + p["beta"]
            else:
                a = {"relu": relu, "sigmoid": sigmoid, "tanh": np.tanh}[kind](a)
            self.outputs.append(a)

    def _backward(self) -> None:
        z, m = self.outputs[-1], len(self.x)
        p = np.exp(z - z.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        self.loss = -np.log(p[np.arange(m), self.t]).mean()
        dout = (p - np.eye(10)[self.t]) / m
        self.douts: list[np.ndarray] = []
        self.gradients: list[dict[str, np.ndarray]] = []
        for i in reversed(range(len(self.kinds))):
            self.douts.insert(0, dout)
            dout, gradients = self._layer_backward(i, dout)
            self.gradients.insert(0, gradients)

    def _layer_backward(self, i: int, dout: np.ndarray) -> tuple[np.ndarray, dict[str, Any]]:
        x, kind, p = self.inputs[i], self.kinds[i], self.before[i]
        if kind == "dense":
            bias = {"b": dout.sum(0)} if "b" in p else {}
            return dout @ p["W"].T, {"W": x.T @ dout, **bias}
        if kind == "batch_norm":
            sigma = np.sqrt(x.var(0) + EPSILON)
            x_hat, d_hat = (x - x.mean(0)) / sigma, dout * p["gamma"]
            dx = (d_hat - d_hat.mean(0) - x_hat * (d_hat * x_hat).mean(0)) / sigma
            return dx, {"gamma": (dout * x_hat).sum(0), "beta": dout.sum(0)}
        return dout * self.slope(i), {}

    def slope(self, i: int) -> np.ndarray:
        x, a = self.inputs[i], self.outputs[i]
        return {"relu": 1.0 * (x > 0), "sigmoid": a * (1 - a), "tanh": 1 - a**2}[self.kinds[i]]


def relu(z: np.ndarray) -> np.ndarray:
    return np.where(z > 0, z, 0)


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-z))


def norm(arrays: dict[str, np.ndarray]) -> float:
    return float(np.sqrt(sum((a**2).sum() for a in arrays.values())))


@pytest.fixture(scope="module", params=["numpy", "numba"])
def step(request: pytest.FixtureRequest) -> Step:
    record = RecordSpec(every=1)
    config = tiny(layers=LAYERS, dtype="float64", optimizer=Momentum(lr=0.1), record=record)
    return Step(config, choose(request.param))


def test_the_batch_scores_are_of_the_step_before_its_update(step: Step) -> None:
    (metric,) = step.record.metrics
    assert metric.loss == pytest.approx(step.loss, rel=1e-12)
    assert metric.accuracy == (step.outputs[-1].argmax(1) == step.t).mean()
    assert (metric.step, metric.epoch) == (3, 1)


def test_signals_forward_and_backward(step: Step) -> None:
    for statistics, output, dout in zip(step.record.layers, step.outputs, step.douts, strict=True):
        assert_allclose(statistics.activation_mean, output.mean(), rtol=1e-9, atol=1e-14)
        assert_allclose(statistics.activation_std, output.std(), rtol=1e-9)
        assert_allclose(statistics.gradient_std, dout.std(), rtol=1e-9)


def test_norms_of_parameters_gradients_and_updates(step: Step) -> None:
    for i, statistics in enumerate(step.record.layers):
        if not step.before[i]:
            assert statistics.gradient_norm is statistics.weight_norm is None
            assert statistics.update_ratio is None
            continue
        moved = {k: step.after[i][k] - w for k, w in step.before[i].items()}
        assert_allclose(statistics.gradient_norm, norm(step.gradients[i]), rtol=1e-9)
        assert_allclose(statistics.weight_norm, norm(step.before[i]), rtol=1e-12)
        assert_allclose(statistics.update_ratio, norm(moved) / norm(step.before[i]), rtol=1e-9)


def test_saturated_and_dead_shares(step: Step) -> None:
    for i, statistics in enumerate(step.record.layers):
        if step.kinds[i] in FLAT:
            flat = step.slope(i) < FLAT[step.kinds[i]]
            assert statistics.saturated == pytest.approx(flat.mean())
            assert statistics.dead == pytest.approx(flat.all(axis=0).mean())
        else:
            assert statistics.saturated is statistics.dead is None
    assert step.record.layers[4].saturated > 0.1  # the wide weights do saturate the sigmoid


def test_batch_normalization_before_and_after(step: Step) -> None:
    (state,) = step.record.batch_norms
    assert (state.step, state.layer) == (3, 1)
    x, buffers = step.inputs[1], step.buffers[1]
    assert_allclose(state.batch_mean, x.mean(0), rtol=1e-9)
    assert_allclose(state.batch_var, x.var(0), rtol=1e-9)
    running_mean = 0.9 * buffers["running_mean"] + 0.1 * x.mean(0)
    assert_allclose(state.running_mean, running_mean, rtol=1e-9)
    assert_allclose(state.running_var, 0.9 * buffers["running_var"] + 0.1 * x.var(0), rtol=1e-9)
    assert_array_equal(state.gamma, step.after[1]["gamma"])
    assert_array_equal(state.beta, step.after[1]["beta"])


def test_histograms_count_what_the_step_had(step: Step) -> None:
    """Activations and gradients of the step's own passes, weights as the update left them."""
    counted = {(h.layer, h.quantity): h for h in step.record.histograms}
    assert len(counted) == 2 * len(LAYERS) + 5
    for i in range(len(LAYERS)):
        values = {"activation": step.outputs[i], "gradient": step.douts[i]}
        if weight := LAYERS[i].weight:
            values["weight"] = step.after[i][weight]
        for quantity, array in values.items():
            h = counted[i, quantity]
            assert (h.low, h.high) == pytest.approx((array.min(), array.max()), rel=1e-9, abs=1e-15)
            assert h.counts.sum() == array.size
            assert (len(h.counts), h.counts.dtype) == (histogram.BINS, np.uint32)


def test_a_recorded_step_is_the_same_step_when_no_histograms_are_asked_for(step: Step) -> None:
    record = RecordSpec(every=1, histograms=False)
    config = tiny(layers=LAYERS, dtype="float64", optimizer=Momentum(lr=0.1), record=record)
    other = Step(config, step.backend).record
    assert other.histograms == ()
    assert other.layers == step.record.layers


def test_all_zero_parameters_have_no_update_ratio() -> None:
    layers = (Dense(units=10, init={"kind": "zeros"}, bias=False),)
    trainer = Trainer(tiny(layers=layers, optimizer=SGD(), record=RecordSpec(every=1)), NUMPY)
    first, second = trainer.advance(), trainer.advance()
    assert first is not None
    assert second is not None
    assert first.layers[0].weight_norm == 0
    assert first.layers[0].update_ratio is None
    assert second.layers[0].update_ratio > 0


def test_a_dead_layer_is_all_dead() -> None:
    layers = (Dense(units=4, init={"kind": "constant", "value": -1}), ReLU(), Dense(units=10))
    record = Trainer(tiny(layers=layers), NUMPY).advance()
    assert record is not None
    assert (record.layers[1].saturated, record.layers[1].dead) == (1.0, 1.0)
    (h,) = (h for h in record.histograms if (h.layer, h.quantity) == (1, "activation"))
    assert (h.low, h.high, h.counts.sum()) == (0.0, 0.0, 40)


def test_a_feature_map_is_dead_where_every_position_of_every_sample_is() -> None:
    network = network_of(Conv2D(filters=4, kernel=1), ReLU(), shape=(3, 3, 1))
    network.layers[0].parameters["W"][...] = [-1, 1, 0, -1]
    x = np.ones((2, 3, 3, 1))
    x[1, 2, 2] = -1  # revives the negative maps at one position of one sample
    network.backward(network.forward(x, "training"))
    transfer = Transfer(np)
    read = Measurement(network, histograms=False).queue(network.passed, transfer, 1)
    relu = read(transfer.fetch()).layers[1]
    assert relu.dead == 1 / 4
    assert relu.saturated == pytest.approx((17 + 1 + 18 + 17) / 72)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_compiled_loops_measure_what_arrays_do(dtype: str) -> None:
    """Also where values are not finite, and where many are far from zero and close together."""
    layers = (Dense(units=30), BatchNorm(), PReLU(), Dense(units=20), ReLU(), Dense(units=10))
    network = network_of(*layers, shape=(50,), dtype=dtype)
    generator = np.random.default_rng(0)
    network.w[...] = generator.standard_normal(network.w.size)
    x = generator.standard_normal((400, 50)).astype(dtype)
    with np.errstate(all="ignore"):
        network.backward(network.forward(x, "training"))
        network.outputs[0] = network.outputs[0] + network.dtype.type(1000)
        network.outputs[5][0, :2], network.douts[5][3, 4] = [np.inf, -np.inf], np.nan
        measured = [inside(network, wanted) for wanted in (False, True)]
    for mine, theirs in zip(*(found.layers for found in measured), strict=True):
        values = np.array([astuple(mine), astuple(theirs)], float)  # None is not a number here
        assert_allclose(*values, rtol=1e-4 if dtype == "float32" else 1e-10)
    for mine, theirs in zip(*(found.histograms for found in measured), strict=True):
        assert_array_equal([mine.low, mine.high], [theirs.low, theirs.high])
        assert_array_equal(mine.counts, theirs.counts)


@pytest.mark.parametrize("wanted", [False, True])
def test_a_repeated_pass_is_measured_again_also_where_an_array_has_gaps(wanted: bool) -> None:
    network = network_of(Dense(units=4), ReLU(), shape=(3,))
    network.w[...] = 1
    x = np.ones((5, 3))
    with compiled(wanted):
        network.backward(network.forward(x, "training"))
    every_other = np.zeros((5, 8))[:, ::2]
    network.outputs[0] = every_other
    measurement, transfer = Measurement(network, histograms=True), Transfer(np)
    with compiled(wanted):
        for value in (1.0, 2.0):
            every_other[...] = value
            x[...] = value
            network.forward(x, "training")
            network.backward(network.outputs[-1])
            transfer = Transfer(np)
            found = measurement.queue(network.passed, transfer, 1)(transfer.fetch())
            assert [each.activation_mean for each in found.layers] == [value, 3 * value + 1]
            assert [h.low for h in found.histograms if h.quantity == "activation"] == [
                value,
                3 * value + 1,
            ]


def inside(network: Network, wanted: bool) -> Inside:
    measurement, transfer = Measurement(network, histograms=True), Transfer(np)
    measurement.before_update()
    network.w *= network.dtype.type(0.99)
    with compiled(wanted):
        read = measurement.queue(network.passed, transfer, 1)
    network.w /= network.dtype.type(0.99)
    return read(transfer.fetch())


@pytest.mark.parametrize("backend", ["numpy", "numba"])
def test_shares_are_of_the_slope_that_the_step_had(backend: str) -> None:
    """A PReLU whose slope the update carries over the bound, in either direction."""
    for before, share in ((0.04, 1.0), (0.06, 0.0)):
        network = network_of(PReLU(initial_alpha=before), shape=(3,))
        measurement = Measurement(network, histograms=False)
        transfer = Transfer(np)
        with compiled(backend == "numba"):
            network.backward(network.forward(-np.ones((5, 3)), "training"))
            measurement.before_update()
            network.w[...] = 0.1 - before  # the other side of 0.05
            read = measurement.queue(network.passed, transfer, 1)
            (layer,) = read(transfer.fetch()).layers
        assert (layer.saturated, layer.dead) == (share, share)
