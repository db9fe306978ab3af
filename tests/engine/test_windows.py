"""Where windows lie: outputs, padding and the inputs that each cell of a window sees."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.layers.windows import Axis, Placement

axes = st.builds(
    Axis.fit,
    st.integers(8, 20),
    st.integers(1, 8),
    st.integers(1, 5),
    st.sampled_from(["valid", "same"]),
)


@pytest.mark.parametrize(
    ("inputs", "size", "stride", "padding", "expected"),
    [
        (28, 3, 1, "valid", (26, 0, 0)),
        (28, 3, 1, "same", (28, 1, 1)),
        (28, 3, 2, "same", (14, 0, 1)),  # PyTorch's padding=1 would pad (1, 1)
        (27, 3, 2, "same", (14, 1, 1)),
        (28, 2, 1, "same", (28, 0, 1)),
        (5, 2, 3, "same", (2, 0, 0)),  # strides that skip cells need no padding
        (3, 5, 1, "same", (3, 2, 2)),
    ],
)
def test_same_pads_as_keras_does_the_odd_cell_after(
    inputs: int, size: int, stride: int, padding: str, expected: tuple[int, int, int]
) -> None:
    axis = Axis.fit(inputs, size, stride, padding)  # type: ignore[arg-type]
    assert (axis.outputs, axis.before, axis.after) == expected


@given(axes)
def test_taps_are_the_real_cells_of_every_window(axis: Axis) -> None:
    for offset in range(axis.size):
        outputs, inputs = axis.tap(offset)
        seen = zip(range(axis.outputs)[outputs], range(axis.inputs)[inputs], strict=True)
        places = ((i, i * axis.stride + offset - axis.before) for i in range(axis.outputs))
        assert list(seen) == [(i, cell) for i, cell in places if 0 <= cell < axis.inputs]


@given(axes)
def test_every_window_holds_a_real_cell(axis: Axis) -> None:
    seen = {i for tap in range(axis.size) for i in range(axis.outputs)[axis.tap(tap)[0]]}
    assert seen == set(range(axis.outputs))


@pytest.mark.parametrize("shape", [(64,), (8, 8), (8, 8, 3, 1)])
def test_samples_that_are_no_images_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="needs images"):
        Placement.fit(shape, 3, 1, "valid")


@pytest.mark.parametrize("shape", [(2, 9, 1), (9, 2, 1)])
def test_a_window_larger_than_the_image_needs_padding(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="at least 3 x 3 cells, or `padding` same; got"):
        Placement.fit(shape, 3, 1, "valid")
    assert Placement.fit(shape, 3, 1, "same").outputs == shape[:2]
