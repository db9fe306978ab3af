"""Repeated calls give what the passes themselves would, to the last bit."""

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
    """Steps of which the second and the third repeat the first, beside steps that all pass anew."""
    repeating, anew = make(), make()
    for step in range(samples // batch):
        order = np.arange(step * batch, (step + 1) * batch)
        masks = partial(stream, 0, Use.DROPOUT, step)
        anew.network.tape.begin()
        noted = repeating.network.tape.calls
        with compiled(compiles):
            sums = repeating.over(order, masks), anew.over(order, masks)
        assert (repeating.network.tape.calls is noted) == (step > 0)
        assert left_by(repeating.network, sums[0]) == left_by(anew.network, sums[1])
        for passes in (repeating, anew):
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


def test_a_batch_of_another_size_and_another_pass_are_no_repetition() -> None:
    passes = passes_of(BatchNorm(), shape=(5,), loss=MeanSquaredError(), samples=10, batch=4)
    masks = partial(stream, 0, Use.DROPOUT, 0)

    def notes(order: list[int]) -> object:
        passes.over(np.array(order), masks)
        return passes.network.tape.calls

    first = notes([0, 1, 2, 3])
    assert notes([4, 5, 6, 7]) is first
    assert notes([8, 9]) is not first
    again = notes([0, 1, 2, 3])
    passes.network.forward(passes.samples[0], "inference")
    assert notes([4, 5, 6, 7]) is not again


def test_a_training_does_not_depend_on_what_was_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recorded steps, evaluations and a shorter last batch lie between the steps."""
    config = tiny(early_stopping={"patience": 100})
    repeated = plain(vars(trained(config)))
    monkeypatch.setattr(Passes, "over", _anew)
    assert plain(vars(trained(config))) == repeated


_over = Passes.over


def _anew(passes: Passes, order: Any, masks: Any) -> Any:
    passes.network.tape.begin()
    return _over(passes, order, masks)
