"""A checkpoint survives as bytes, and bytes that are not one are refused in a sentence."""

from __future__ import annotations

import io
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.checkpoint import from_bytes, to_bytes
from engine.errors import DataError
from engine.optimizers import SGD, Adam
from engine.records import Checkpoint
from tests.engine.build import plain


@cache
def checkpoint() -> Checkpoint:
    generator = np.random.default_rng(1)
    return Checkpoint(
        step=12,
        epoch=3,
        w=generator.standard_normal(5).astype(np.float32),
        buffers=np.array([np.nan, np.inf, -0.0], np.float32),
        slots={"m": np.zeros(5, np.float32), "v": np.ones(5, np.float32)},
        epoch_loss=0.1 + 0.2,
        epoch_hits=7,
        epoch_samples=20,
    )


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


def test_every_bit_comes_back() -> None:
    assert plain(from_bytes(to_bytes(checkpoint()), Adam())) == plain(checkpoint())


def test_the_same_checkpoint_is_the_same_bytes() -> None:
    assert to_bytes(checkpoint()) == to_bytes(from_bytes(to_bytes(checkpoint()), Adam()))


def test_one_without_slots_comes_back_too() -> None:
    sgd = Checkpoint(step=0, epoch=0, w=np.ones(2), buffers=np.empty(0), slots={})
    assert plain(from_bytes(to_bytes(sgd), SGD())) == plain(sgd)


def rewritten(**changes: Any) -> bytes:
    """The checkpoint with some of its arrays replaced, or left out where they are None."""
    with np.load(io.BytesIO(to_bytes(checkpoint()))) as archive:
        held = dict(archive) | changes
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in held.items() if array is not None})
    return file.getvalue()


def test_one_of_a_later_format_is_refused_by_its_number() -> None:
    with pytest.raises(DataError, match="of format 3, which a newer program wrote"):
        from_bytes(rewritten(format=3, step=None), Adam())


def test_one_that_lacks_a_number_is_refused() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        from_bytes(rewritten(slots_begun_at=None), Adam())


def test_cut_off_anywhere_it_is_refused() -> None:
    whole = to_bytes(checkpoint())
    for end in range(0, len(whole), 7):
        with pytest.raises(DataError, match="the checkpoint cannot be read"):
            from_bytes(whole[:end], Adam())


@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b"PK\3\4", npy(), b"x" * 100])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="the checkpoint cannot be read"):
        from_bytes(data, Adam())


@settings(max_examples=80)
@given(at=st.integers(0, 3000), value=st.integers(0, 255), data=st.binary(max_size=60))
@example(at=8, value=1, data=b"")
def test_a_damaged_byte_is_found_or_does_no_harm(at: int, value: int, data: bytes) -> None:
    damaged = bytearray(to_bytes(checkpoint()))
    damaged[at % len(damaged)] = value
    for content in (bytes(damaged), data):
        try:
            found = from_bytes(content, Adam())
        except DataError:
            continue
        assert plain(found.w) == plain(checkpoint().w)
