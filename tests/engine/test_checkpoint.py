"""A checkpoint survives as bytes, and bytes that are not one are refused in a sentence."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.checkpoint import from_bytes, to_bytes
from engine.errors import DataError
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
    assert plain(from_bytes(to_bytes(checkpoint()))) == plain(checkpoint())


def test_the_same_checkpoint_is_the_same_bytes() -> None:
    assert to_bytes(checkpoint()) == to_bytes(from_bytes(to_bytes(checkpoint())))


def test_one_without_slots_comes_back_too() -> None:
    sgd = Checkpoint(step=0, epoch=0, w=np.ones(2), buffers=np.empty(0), slots={})
    assert plain(from_bytes(to_bytes(sgd))) == plain(sgd)


def test_one_that_an_older_program_wrote_is_read() -> None:
    """Before runs were branched, a checkpoint did not say since when it had its slots."""
    with np.load(io.BytesIO(to_bytes(checkpoint()))) as archive:
        held = {name: archive[name] for name in archive if name not in ("top", "slots_from")}
    file = io.BytesIO()
    np.savez(file, **held)
    assert plain(from_bytes(file.getvalue())) == plain(checkpoint())


def test_cut_off_anywhere_it_is_refused() -> None:
    whole = to_bytes(checkpoint())
    for end in range(0, len(whole), 7):
        with pytest.raises(DataError, match="the checkpoint cannot be read"):
            from_bytes(whole[:end])


@pytest.mark.parametrize("data", [b"", b"\x80\x04N.", b"PK\3\4", npy(), b"x" * 100])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(DataError, match="the checkpoint cannot be read"):
        from_bytes(data)


@settings(max_examples=80)
@given(at=st.integers(0, 3000), value=st.integers(0, 255), data=st.binary(max_size=60))
@example(at=8, value=1, data=b"")
def test_a_damaged_byte_is_found_or_does_no_harm(at: int, value: int, data: bytes) -> None:
    damaged = bytearray(to_bytes(checkpoint()))
    damaged[at % len(damaged)] = value
    for content in (bytes(damaged), data):
        try:
            found = from_bytes(content)
        except DataError:
            continue
        assert plain(found.w) == plain(checkpoint().w)
