"""Which points of a sweep are tried: all of a grid, some at random, or where others did well."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from scipy.stats import qmc

from engine.spec import Spec, hyper
from engine.sweeps.axes import AnyAxis

Values = dict[str, Any]
"""A point of a sweep: a value for each axis, by its name."""


class Grid(Spec):
    """Grid: every combination of the axes' values."""

    kind: Literal["grid"] = "grid"

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        names = [axis.name for axis in axes]
        return [dict(zip(names, v, strict=True)) for v in product(*(axis.grid() for axis in axes))]

    def count(self, axes: tuple[AnyAxis, ...]) -> int:
        return int(np.prod([len(axis.grid()) for axis in axes], dtype=np.int64))


class _Counted(Spec):
    trials: int = hyper(20, description="Points to try.", unit="trials", ge=1, le=10_000)
    seed: int = hyper(
        0, label="Sampler's seed", description="Decides the points.", ge=0, le=2**31 - 1
    )

    def count(self, axes: tuple[AnyAxis, ...]) -> int:
        return self.trials


class Random(_Counted):
    """Random: points drawn independently of one another (Bergstra & Bengio, 2012)."""

    kind: Literal["random"] = "random"

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        """The first of an endless list: more trials leave the earlier ones as they are."""
        streams = (np.random.default_rng([self.seed, number]) for number in range(self.trials))
        return [{axis.name: axis.draw(rng) for axis in axes} for rng in streams]


class QuasiRandom(_Counted):
    """Quasi-random: points that fill the space evenly, by Halton's sequence (Owen, 2017)."""

    kind: Literal["quasi_random"] = "quasi_random"

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        """The first of an endless sequence, as for `Random`."""
        shares = qmc.Halton(len(axes), rng=self.seed).random(self.trials)
        return [{a.name: a.at(float(s)) for a, s in zip(axes, row, strict=True)} for row in shares]


class TPE(_Counted):
    """TPE: where good results are denser than bad ones (Bergstra et al., 2011)."""

    kind: Literal["tpe"] = "tpe"
    startup: int = hyper(
        10, description="Trials at random before the model proposes.", unit="trials", ge=1, le=1000
    )
    at_once: int = hyper(
        2, description="Trials that may be under way at a time.", unit="trials", ge=1, le=1000
    )
    multivariate: bool = hyper(
        False,
        label="Joint densities",
        description="Whether to model the axes together: better where they depend on one another.",
    )

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        """None in advance: they are proposed as results come in."""
        return []


AnySampler = Annotated[Grid | Random | QuasiRandom | TPE, Field(discriminator="kind")]
