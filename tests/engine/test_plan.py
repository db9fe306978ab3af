"""A plan is made from shapes alone: run on any batch it gives what a new one would, bit by bit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, LayerSpec, MaxPool2D, ReLU
from engine.loops import compiled
from engine.losses import Loss, LossSpec, MeanSquaredError, SoftmaxCrossEntropy
from engine.network import Network
from engine.passes import Passes
from engine.plan import Planner
from engine.randomness import Use, stream
from engine.spec import family
from tests.engine.build import network_of, plain, tiny, trained
from tests.engine.test_layers import draw, every_layer

CLASSES = 3


def passes_of(
    *layers: LayerSpec, shape: Sequence[int], loss: Loss, samples: int, batch: int
) -> Passes:
    network = network_of(*layers, Dense(units=CLASSES), shape=tuple(shape), dtype="float32")
    x = draw(1, samples, *shape).astype("float32")
    t = np.random.default_rng(2).integers(CLASSES, size=samples)
    return Passes(network, loss, x, t, batch)


def left_by(network: Network, sums: np.ndarray) -> Any:
    return plain([sums, network.dw, network.buffers, network.outputs, network.douts])


def assert_repeats(make: Any, samples: int, batch: int, *, compiles: bool) -> None:
    """Steps by one plan, made where there was not a single value yet, beside steps of which each is
    planned when its values are there."""
    by_one_plan, anew = make(), make()
    network = by_one_plan.network
    start = [array.copy() for array in (network.w, network.buffers)]
    for array in (network.w, network.buffers, network.dw):
        array[...] = np.nan
    with compiled(compiles):
        by_one_plan._planned[batch] = by_one_plan._plan(batch)
    for array, values in zip((network.w, network.buffers), start, strict=True):
        array[...] = values
    for step in range(samples // batch):
        order = np.arange(step * batch, (step + 1) * batch)
        masks = partial(stream, 0, Use.DROPOUT, step)
        anew._planned.clear()
        with compiled(compiles):
            sums = by_one_plan.over(order, masks), anew.over(order, masks)
        assert left_by(network, sums[0]) == left_by(anew.network, sums[1])
        for passes in (by_one_plan, anew):
            passes.network.w += 0.1 * passes.network.dw


@pytest.mark.parametrize("compiles", [False, True])
@every_layer
def test_every_layer_does_again_what_it_did(
    spec: LayerSpec, shape: tuple[int, ...], compiles: bool
) -> None:
    flat = [Flatten()] if len(spec.output_shape(shape)) > 1 else []
    make = partial(
        passes_of, spec, *flat, shape=shape, loss=SoftmaxCrossEntropy(), samples=21, batch=7
    )
    assert_repeats(make, 21, 7, compiles=compiles)


@pytest.mark.parametrize("compiles", [False, True])
def test_batches_in_blocks_are_repeated_too(compiles: bool) -> None:
    convolution = [Conv2D(filters=8, padding="same"), ReLU(), BatchNorm(), MaxPool2D(), Flatten()]
    layers = [*convolution, Dense(units=700), BatchNorm(), ReLU(), Dropout()]
    loss = SoftmaxCrossEntropy()
    make = partial(passes_of, *layers, shape=(16, 16, 1), loss=loss, samples=300, batch=100)
    assert_repeats(make, 300, 100, compiles=compiles)


@pytest.mark.parametrize("loss", [kind() for kind in family(LossSpec)])
def test_every_loss_is_repeated(loss: Loss) -> None:
    make = partial(passes_of, ReLU(), shape=(5,), loss=loss, samples=21, batch=7)
    assert_repeats(make, 21, 7, compiles=False)


def test_batches_of_another_size_and_other_passes_leave_a_plan_as_it_is() -> None:
    def passes() -> Passes:
        return passes_of(BatchNorm(), shape=(5,), loss=MeanSquaredError(), samples=10, batch=4)

    masks = partial(stream, 0, Use.DROPOUT, 0)
    between, alone = passes(), passes()
    buffers = between.network.buffers.copy()
    for order in ([0, 1, 2, 3], [4, 5, 6, 7]):
        sums = alone.over(np.array(order), masks)
        expected = left_by(alone.network, sums)
        between.network.forward(between.x, "inference")
        between.over(np.array([8, 9]), masks)
        between.network.buffers[...] = buffers
        found = left_by(between.network, between.over(np.array(order), masks))
        assert found == expected
        buffers = between.network.buffers.copy()


def test_what_is_planned_is_not_done() -> None:
    done: list[int] = []
    planner = Planner()
    planner.do(done.append, 1)
    assert done == []
    first = planner.finish()
    planner.do(done.append, 2)
    (first + planner.finish() + first).run()
    assert done == [1, 2, 1]


def test_a_training_does_not_depend_on_what_was_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded steps, evaluations and a shorter last batch lie between the steps."""
    config = tiny(early_stopping={"patience": 100})
    repeated = plain(vars(trained(config)))
    monkeypatch.setattr(Passes, "over", _anew)
    assert plain(vars(trained(config))) == repeated


_over = Passes.over


def _anew(passes: Passes, order: Any, masks: Any) -> Any:
    passes._planned.clear()
    return _over(passes, order, masks)
