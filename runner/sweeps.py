"""What the dispatcher does for sweeps: finds their next points, and prunes their runs.

Samplers of Optuna propose (`sampler.py`). What they learned of a sweep is kept while there are
points to propose; a dispatcher that starts makes it anew from the rows.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING

from db.errors import DatabaseError
from db.records import Run, Sweep
from db.store import Store
from engine.errors import LayerlabError
from engine.sweeps.samplers import Proposed

if TYPE_CHECKING:  # Optuna takes half a second to import, and is imported where a sweep needs it
    from runner.sampler import Model

log = logging.getLogger(__name__)


class Sweeper:
    """Looks after the sweeps of a database."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._judged: dict[int, int] = {}  # runs, and the epoch each was last judged at
        self._complaints: dict[int, str] = {}
        self._models: dict[int, Model] = {}

    def propose(self) -> None:
        """Add points to the sweeps that have fewer under way than they may have."""
        sweeps = self._store.sweeps.unproposed()
        self._models = {s.id: self._models[s.id] for s in sweeps if s.id in self._models}
        for sweep in sweeps:
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
        assert isinstance(sampler, Proposed), "the points of others are known in advance"
        trials = self._store.sweeps.trials(sweep.id)
        for _ in range(sampler.at_once - sum(not trial.ended for trial in trials)):
            values = self._model(sweep, len(trials)).next_point(trials)
            if self._store.sweeps.propose(sweep.id, values) is None:
                return
            trials = self._store.sweeps.trials(sweep.id)

    def _model(self, sweep: Sweep, known: int) -> Model:
        """What has learned of a sweep so far, or is about to."""
        from runner.sampler import Model

        model = self._models.get(sweep.id)
        if model is None or model.config != sweep.config:  # it was extended
            model = self._models[sweep.id] = Model(sweep.config, known=known)
        return model

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
