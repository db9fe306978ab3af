"""Paired randomness: one seed, and from it a separate stream for each use.

A stream depends on the seed, its use and an index only (a layer's, an epoch's, a step's), never on
what was drawn before. So two runs with one seed share weights and batches whatever else differs,
and a resumed run needs no generator state.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Use(IntEnum):
    """What randomness is used for. The numbers are part of every recorded result: never change."""

    INITIALIZATION = 0
    SHUFFLING = 1
    DROPOUT = 2
    DATA = 3
    ANALYSIS = 4
    SAMPLE = 5  # which training samples are scored beside validation


def stream(seed: int, use: Use, *index: int) -> np.random.Generator:
    """The generator of one use, at one index."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(use, *index)))
