"""The next point of a sweep, from one of Optuna's samplers.

Some of them keep more than results: a generation, the shape of a distribution. Optuna would pickle
that into its database. Here nothing is kept but the trials, and a sampler's state is computed anew
from them: it is asked for every trial in order, and its answer is replaced by the values that were
tried.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf, isnan
from typing import Any

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
)
from optuna.samplers import BaseSampler, CmaEsSampler, GPSampler, NSGAIISampler, TPESampler
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial, TrialState

from db.records import Status, Trial
from engine.sweeps.axes import AnyAxis, Choices
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import (
    CMAES,
    TPE,
    GaussianProcess,
    Genetic,
    Proposed,
    Sampler,
    Values,
)

_HOPELESS = (Status.STOPPED, Status.DIVERGED)

optuna.logging.set_verbosity(optuna.logging.WARNING)


class Model:
    """What a sampler has learned of a sweep."""

    def __init__(self, config: SweepConfig, *, known: int) -> None:
        """A sampler that is about to learn of the trials `known` so far."""
        config.sampler.require()
        self.config = config
        self._distributions = {axis.name: _distribution(axis) for axis in config.axes}
        self._sampler = _replaying(config.sampler, known)
        direction = StudyDirection.MINIMIZE if config.minimizes else StudyDirection.MAXIMIZE
        self._study = optuna.create_study(sampler=self._sampler, direction=direction)
        self._asked: dict[int, optuna.Trial] = {}
        self._told: set[int] = set()
        self._proposed: tuple[Values, optuna.Trial] | None = None

    def next_point(self, trials: Sequence[Trial]) -> Values:
        """The point to try after these trials, of which some may still be under way."""
        for trial in trials:
            self._learn(trial)
        if self._proposed is None:
            asked = self._study.ask(self._distributions)
            values = {axis.name: _value(axis, asked.params[axis.name]) for axis in self.config.axes}
            self._proposed = values, asked
        return self._proposed[0]

    def _learn(self, trial: Trial) -> None:
        if trial.number not in self._asked:
            self._asked[trial.number] = self._begin(trial)
        if trial.ended and trial.number not in self._told:
            self._told.add(trial.number)
            self._tell(self._asked[trial.number], trial)

    def _begin(self, trial: Trial) -> optuna.Trial:
        """The sampler's own trial of this number: the one it has just proposed, or one replayed."""
        if self._proposed and self._proposed[0] == trial.values:
            _, asked = self._proposed
            self._proposed = None
            return asked
        params = {a.name: _parameter(a, trial.values[a.name]) for a in self.config.axes}
        with self._sampler.replaying(params):
            return self._study.ask(self._distributions)

    def _tell(self, asked: optuna.Trial, trial: Trial) -> None:
        """One that has diverged or could never train ranks below all others, one that was given up
        between them by its last loss; one that failed or was cancelled tells nothing."""
        if trial.mean is not None and not isnan(trial.mean):
            self._study.tell(asked, trial.mean)
        elif trial.run_ids and not any(trial.counts[status] for status in _HOPELESS):
            self._study.tell(asked, state=TrialState.FAIL)
        elif isinstance(self.config.sampler, TPE):
            if (loss := trial.last_loss) is not None:
                asked.report(loss if self.config.minimizes else -loss, step=0)
            self._study.tell(asked, state=TrialState.PRUNED)
        else:  # they learn from nothing but scores
            self._study.tell(asked, inf if self.config.minimizes else -inf)


class _Replaying(BaseSampler):
    """A sampler that can be led through trials of which it is known what was tried."""

    def __init__(self, sampler: BaseSampler, *, remembers: bool) -> None:
        self._sampler, self._remembers = sampler, remembers
        self._tried: dict[str, Any] | None = None

    @contextmanager
    def replaying(self, params: dict[str, Any]) -> Iterator[None]:
        """Whatever the sampler says meanwhile, these are drawn."""
        self._tried = params
        yield
        self._tried = None

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        tried = self._tried
        if tried is None:
            return self._sampler.sample_relative(study, trial, search_space)
        if self._remembers:
            self._sampler.sample_relative(study, trial, search_space)
        return {name: tried[name] for name in search_space}

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        if self._tried is not None:
            return self._tried[param_name]
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Study, trial: FrozenTrial) -> None:
        self._sampler.before_trial(study, trial)

    def after_trial(
        self,
        study: Study,
        trial: FrozenTrial,
        state: TrialState,
        values: Sequence[float] | None,
    ) -> None:
        self._sampler.after_trial(study, trial, state, values)


def _replaying(sampler: Sampler, known: int) -> _Replaying:
    """Optuna's sampler of a kind. Its draws depend on how many points are known when it begins, for
    it must not draw those of an earlier dispatcher again."""
    assert isinstance(sampler, Proposed), "the points of others are known in advance"
    seed = int(np.random.SeedSequence([sampler.seed, known]).generate_state(1)[0])
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    match sampler:
        case TPE(startup=startup, multivariate=multivariate):
            tpe = TPESampler(n_startup_trials=startup, multivariate=multivariate, seed=seed)
            return _Replaying(tpe, remembers=False)
        case GaussianProcess(startup=startup):
            return _Replaying(GPSampler(n_startup_trials=startup, seed=seed), remembers=False)
        case CMAES():
            cmaes = CmaEsSampler(seed=seed, warn_independent_sampling=False)
            return _Replaying(cmaes, remembers=True)
        case Genetic(population=population):
            return _Replaying(NSGAIISampler(population_size=population, seed=seed), remembers=True)
    raise AssertionError(f"no sampler of Optuna's is known for {sampler.kind_name()}")


def _distribution(axis: AnyAxis) -> BaseDistribution:
    """An axis as Optuna knows it: a choice by its number, for a value may be any JSON."""
    if isinstance(axis, Choices):
        return CategoricalDistribution(range(len(axis.values)))
    return FloatDistribution(axis.low, axis.high, log=axis.log)


def _parameter(axis: AnyAxis, value: Any) -> float | int:
    """A value as Optuna knows it; rounding may have carried it past an end of its range."""
    if isinstance(axis, Choices):
        return axis.values.index(value)
    return float(min(max(value, axis.low), axis.high))


def _value(axis: AnyAxis, parameter: Any) -> Any:
    return axis.values[parameter] if isinstance(axis, Choices) else axis.rounded(parameter)
