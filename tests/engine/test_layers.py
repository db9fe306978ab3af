"""The contract that every layer keeps, whatever its options, and its gradients."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Literal, get_args, get_origin

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.layers import Activation, AnyLayer, Dense, LayerSpec, Shape, Sigmoid
from engine.spec import family
from tests.engine.build import one_layer
from tests.engine.gradients import assert_gradient, numeric_gradient

SMALL: dict[str, Any] = {"units": 4, "filters": 4}
"""Values in place of defaults that would make a test slow."""

SHAPES: tuple[Shape, ...] = ((5,), (4, 3, 2))
"""Samples of these shapes, where a layer takes them."""


def variants(spec: type[LayerSpec]) -> Iterator[LayerSpec]:
    """A layer with every combination of its choices, all else at its default."""
    choices: dict[str, tuple[Any, ...]] = {}
    for name, field in spec.model_fields.items():
        if get_origin(field.annotation) is Literal:
            choices[name] = get_args(field.annotation)
        elif field.annotation is bool:
            choices[name] = (False, True)
        elif name in SMALL:
            choices[name] = (SMALL[name],)
    for values in product(*choices.values()):
        yield spec.model_validate(dict(zip(choices, values, strict=True)))


def takes(spec: LayerSpec, shape: Shape) -> bool:
    try:
        spec.output_shape(shape)
    except ValueError:
        return False
    return True


LAYERS = [
    pytest.param(
        layer, shape, id=f"{kind.__name__}-{layer.model_dump(exclude_defaults=True)}-{shape}"
    )
    for kind in family(AnyLayer)
    for layer in variants(kind)
    for shape in SHAPES
    if takes(layer, shape)
]
every_layer = pytest.mark.parametrize(("spec", "shape"), LAYERS)


def draw(seed: int, *shape: int) -> np.ndarray:
    """Normal draws that keep away from zero, where ReLU has no derivative."""
    z = 2 * np.random.default_rng(seed).standard_normal(shape)
    return z + np.copysign(0.1, z)


def test_every_kind_of_layer_is_checked() -> None:
    assert {param.values[0].kind_name() for param in LAYERS} == {
        kind.kind_name() for kind in family(AnyLayer)
    }


@every_layer
@pytest.mark.parametrize("batch", [1, 2, 7])
def test_backward_is_the_gradient_of_forward(spec: LayerSpec, shape: Shape, batch: int) -> None:
    layer = one_layer(spec, shape)
    for i, parameter in enumerate(layer.parameters.values()):
        parameter[...] = draw(i, *parameter.shape)
    x = draw(10, batch, *shape)
    dout = draw(11, batch, *spec.output_shape(shape))

    def loss() -> float:
        return float((layer.forward(x, "training") * dout).sum())

    loss()
    dx = layer.backward(dout)
    assert dx is not None
    assert_gradient(dx.copy(), loss, x)
    for name, parameter in layer.parameters.items():
        assert_gradient(layer.gradients[name].copy(), loss, parameter)


@every_layer
def test_passes_keep_to_declared_shapes_and_change_no_input(spec: LayerSpec, shape: Shape) -> None:
    layer = one_layer(spec, shape, dtype="float32")
    x = draw(12, 6, *shape).astype(np.float32)
    dout = draw(13, 6, *spec.output_shape(shape)).astype(np.float32)
    x_before, dout_before = x.copy(), dout.copy()
    y = layer.forward(x, "training")
    dx = layer.backward(dout)
    assert dx is not None
    assert (y.shape, y.dtype) == ((6, *spec.output_shape(shape)), np.float32)
    assert (dx.shape, dx.dtype) == (x.shape, np.float32)
    assert layer.forward(x, "inference").dtype == np.float32
    assert_array_equal(x, x_before)
    assert_array_equal(dout, dout_before)


@every_layer
def test_an_empty_batch_passes_through_and_moves_nothing(spec: LayerSpec, shape: Shape) -> None:
    layer = one_layer(spec, shape)
    buffers = {name: buffer.copy() for name, buffer in layer.buffers.items()}
    for mode in ("inference", "training"):
        y = layer.forward(np.zeros((0, *shape)), mode)
        assert y.shape == (0, *spec.output_shape(shape))
    dx = layer.backward(y)
    assert dx is not None
    assert dx.shape == (0, *shape)
    assert not any(gradient.any() for gradient in layer.gradients.values())
    assert all((layer.buffers[name] == before).all() for name, before in buffers.items())


@every_layer
def test_a_start_is_declared_for_every_parameter_and_buffer(spec: LayerSpec, shape: Shape) -> None:
    declared = {**spec.parameter_shapes(shape), **spec.buffer_shapes(shape)}
    start = spec.initial(shape, np.random.default_rng(0).standard_normal)
    assert start.keys() == declared.keys()
    for name, value in start.items():
        assert np.shape(value) in ((), declared[name])
    assert spec.weight is None or spec.weight in spec.parameter_shapes(shape)
    assert spec.parameter_count(shape) == sum(
        np.prod(s, dtype=int) for s in spec.parameter_shapes(shape).values()
    )


@every_layer
def test_batches_of_any_size_in_any_order_compute_the_same(spec: LayerSpec, shape: Shape) -> None:
    """Working arrays are kept between passes; what they held must never show."""
    worked, x, dout = one_layer(spec, shape), draw(14, 9, *shape), draw(15, 9, 1)
    for m in (2, 9, 1, 9, 3):
        fresh = one_layer(spec, shape)
        for buffer, kept in zip(fresh.buffers.values(), worked.buffers.values(), strict=True):
            buffer[...] = kept
        out = dout[:m].reshape(m, *[1] * len(spec.output_shape(shape)))
        out = out * np.ones(spec.output_shape(shape))
        for layer in (fresh, worked):
            layer.forward(x[:m], "inference")
        assert_array_equal(fresh.forward(x[:m], "training"), worked.forward(x[:m], "training"))
        assert_array_equal(fresh.backward(out), worked.backward(out))
        for name, gradient in fresh.gradients.items():
            assert_array_equal(gradient, worked.gradients[name])


@every_layer
def test_inference_is_fixed_and_sees_each_sample_alone(spec: LayerSpec, shape: Shape) -> None:
    layer, x = one_layer(spec, shape), draw(16, 8, *shape)
    layer.forward(x, "training")
    before = {name: buffer.copy() for name, buffer in layer.buffers.items()}
    together = layer.forward(x, "inference").copy()
    for i, expected in enumerate(together):
        assert_allclose(layer.forward(x[i : i + 1], "inference")[0], expected, rtol=1e-13)
    for name, buffer in layer.buffers.items():
        assert_array_equal(buffer, before[name])


ACTIVATIONS = [kind for kind in family(AnyLayer) if issubclass(kind, Activation)]


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_an_activation_knows_its_slope_and_its_largest(kind: type[Activation]) -> None:
    layer = one_layer(kind(), (1,))
    z = np.linspace(-8, 8, 4001)[:, None] + 1e-4
    layer.forward(z, "training")
    slope = layer.network.passed.slope(0)
    assert slope is not None
    expected = numeric_gradient(lambda: float(layer.forward(z, "training").sum()), z[::100])
    assert_allclose(slope[::100], expected, atol=1e-6)
    assert np.abs(slope).max() == pytest.approx(layer.spec.largest_slope, rel=5e-3)


@np.errstate(over="ignore")
def test_sigmoid_saturates_without_breaking() -> None:
    layer = one_layer(Sigmoid(), (4,))
    z = np.array([[-1e4, -750.0, 750.0, 1e4]])
    assert_allclose(layer.forward(z, "training"), [[0, 0, 1, 1]], atol=1e-300)
    assert_array_equal(layer.backward(np.ones((1, 4))), np.zeros((1, 4)))


def test_dense_without_samples_of_one_axis_says_so() -> None:
    with pytest.raises(ValueError, match="needs flat samples"):
        Dense().output_shape((8, 8))
