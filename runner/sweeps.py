"""What the dispatcher does for sweeps: finds their next points, and gives up runs without hope.

Optuna's TPE proposes. It is built anew from the rows each time, and so outlives any dispatcher.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from db.errors import DatabaseError
from db.records import Run, Status, Sweep, Trial
from db.store import Store
from engine.errors import LayerlabError
from engine.sweeps.axes import AnyAxis, Choices
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import TPE, Values

if TYPE_CHECKING:  # Optuna takes half a second to import, and is imported where a sweep needs it
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial

log = logging.getLogger(__name__)

_HOPELESS = (Status.STOPPED, Status.DIVERGED)


class Sweeper:
    """Looks after the sweeps of a database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._judged: dict[int, int] = {}  # runs, and the epoch each was last judged at
        self._complaints: dict[int, str] = {}

    def propose(self) -> None:
        """Add points to the sweeps that have fewer under way than they may have."""
        for sweep in self._store.sweeps.unproposed():
            try:
                self._propose(sweep)
            except DatabaseError:
                raise
            except LayerlabError as error:  # such as a data set that has gone
                if self._complaints.get(sweep.id) != str(error):
                    log.warning("%s gets no more points: %s", sweep.label, error)
                self._complaints[sweep.id] = str(error)

    def _propose(self, sweep: Sweep) -> None:
        sampler = sweep.config.sampler
        assert isinstance(sampler, TPE), "the points of others are known in advance"
        trials = self._store.sweeps.trials(sweep.id)
        for _ in range(sampler.at_once - sum(not trial.ended for trial in trials)):
            values = next_point(sweep.config, trials)
            if self._store.sweeps.propose(sweep.id, values) is None:
                return
            trials = self._store.sweeps.trials(sweep.id)

    def prune(self, running: Iterable[Run]) -> None:
        """Ask runs to stop that their sweeps give up; each is judged once an epoch."""
        epochs = {run.id: run.last.epoch for run in running if run.sweep_id and run.last}
        for run in running:
            if epochs.get(run.id) == self._judged.get(run.id):
                continue
            reason = self._store.sweeps.why_prune(run)
            if reason and self._store.queue.prune(run.id, reason=reason):
                log.info("run %d: %s", run.id, reason)
        self._judged = epochs


def next_point(config: SweepConfig, trials: Sequence[Trial]) -> Values:
    """The point to try after these trials, of which some may still be under way."""
    import optuna

    sampler = config.sampler
    assert isinstance(sampler, TPE)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    seed = int(np.random.SeedSequence([sampler.seed, len(trials)]).generate_state(1)[0])
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(
            n_startup_trials=sampler.startup, seed=seed, multivariate=sampler.multivariate
        ),
        direction="minimize" if config.minimizes else "maximize",
    )
    distributions = {axis.name: _distribution(axis) for axis in config.axes}
    study.add_trials([_told(config, trial, distributions) for trial in trials])
    asked = study.ask(distributions).params
    return {axis.name: _value(axis, asked[axis.name]) for axis in config.axes}


def _told(
    config: SweepConfig, trial: Trial, distributions: dict[str, BaseDistribution]
) -> FrozenTrial:
    """A trial as Optuna is to learn from it.

    One that has diverged or could never train ranks below all others, one that was given up between
    them by its last loss; one that failed or was cancelled tells nothing.
    """
    from optuna.trial import TrialState, create_trial

    params = {axis.name: _parameter(axis, trial.values[axis.name]) for axis in config.axes}
    given_up = any(trial.counts[status] for status in _HOPELESS)
    result: dict[str, Any]
    if not trial.ended:
        result = {"state": TrialState.RUNNING}
    elif trial.mean is not None:
        result = {"state": TrialState.COMPLETE, "value": trial.mean}
    elif given_up or not trial.run_ids:
        loss = trial.last_loss
        signed = {} if loss is None else {0: loss if config.minimizes else -loss}
        result = {"state": TrialState.PRUNED, "intermediate_values": signed}
    else:
        result = {"state": TrialState.FAIL}
    return create_trial(params=params, distributions=distributions, **result)


def _distribution(axis: AnyAxis) -> BaseDistribution:
    """An axis as Optuna knows it: a choice by its number, for a value may be any JSON."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

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
