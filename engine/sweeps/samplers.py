"""Which points of a sweep are tried: all of a grid, some at random, or where others did well."""

from __future__ import annotations

from importlib.util import find_spec
from itertools import product
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from engine.errors import ConfigError, RuleError
from engine.messages import Message, verbatim
from engine.spec import Spec, hyper
from engine.sweeps.axes import AnyAxis, Range

Values = dict[str, Any]
"""A point of a sweep: a value for each axis, by its name."""


class Sampler(Spec):
    """How the points of a sweep are found."""

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        """The points that are known in advance."""
        raise NotImplementedError

    def count(self, axes: tuple[AnyAxis, ...]) -> int:
        """How many points there will be."""
        raise NotImplementedError

    def check(self, axes: tuple[AnyAxis, ...]) -> None:
        """Raise RuleError where these axes are not for this sampler."""

    def require(self) -> None:
        """Raise ConfigError where a package that the sampler needs is not installed here."""


class Grid(Sampler):
    """Grid: every combination of the axes' values."""

    kind: Literal["grid"] = "grid"

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        names = [axis.name for axis in axes]
        return [dict(zip(names, v, strict=True)) for v in product(*(axis.grid() for axis in axes))]

    def count(self, axes: tuple[AnyAxis, ...]) -> int:
        return int(np.prod([len(axis.grid()) for axis in axes], dtype=np.int64))


class _Counted(Sampler):
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
        from scipy.stats import qmc  # a third of what every command would take to start

        shares = qmc.Halton(len(axes), rng=self.seed).random(self.trials)
        return [{a.name: a.at(float(s)) for a, s in zip(axes, row, strict=True)} for row in shares]


class Proposed(_Counted):
    """A sampler of Optuna's: it proposes points one by one, from what became of the others."""

    at_once: int = hyper(
        2, description="Trials that may be under way at a time.", unit="trials", ge=1, le=1000
    )

    def points(self, axes: tuple[AnyAxis, ...]) -> list[Values]:
        """None in advance: they are proposed as results come in."""
        return []


def _startup() -> Any:
    return hyper(
        10, description="Trials at random before the model proposes.", unit="trials", ge=1, le=1000
    )


class TPE(Proposed):
    """TPE: where good results are denser than bad ones (Bergstra et al., 2011)."""

    kind: Literal["tpe"] = "tpe"
    startup: int = _startup()
    multivariate: bool = hyper(
        False,
        label="Joint densities",
        description="Whether to model the axes together: better where they depend on one another.",
    )


class CMAES(Proposed):
    """CMA-ES: a normal distribution that moves downhill and stretches (Hansen & Ostermeier, 2001).

    It moves along ranges alone; choices are drawn at random.
    """

    kind: Literal["cmaes"] = "cmaes"

    def check(self, axes: tuple[AnyAxis, ...]) -> None:
        if (ranges := sum(isinstance(axis, Range) for axis in axes)) < 2:
            rule = Message(
                "must vary two ranges or more with CMA-ES, which draws choices at random"
            )
            raise RuleError(rule.got(ranges))


class Genetic(Proposed):
    """Genetic: generations, each crossed from the best before, by NSGA-II (Deb et al., 2002)."""

    kind: Literal["nsgaii"] = "nsgaii"
    population: int = hyper(
        20, description="Trials of a generation; the first is random.", unit="trials", ge=2, le=1000
    )


class GaussianProcess(Proposed):
    """Gaussian process: where a smooth surface through results promises most (Jones et al., 1998).

    It needs PyTorch, also where the dispatcher runs.
    """

    kind: Literal["gp"] = "gp"
    startup: int = _startup()

    def require(self) -> None:
        if find_spec("torch") is None:
            rule = Message("needs PyTorch, which is not installed here: pip install torch")
            raise ConfigError.at(("sampler", "kind"), rule.got(verbatim("gp")))


AnySampler = Annotated[
    Grid | Random | QuasiRandom | TPE | CMAES | Genetic | GaussianProcess,
    Field(discriminator="kind"),
]
