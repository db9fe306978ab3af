"""What is unhealthy inside the layers of runs, by what they recorded."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.caching import cached
from dashboard.reads.columns import Columns, length
from db.records import Run
from engine.analyses.health import Finding, diagnose, recorded
from engine.layer_statistics import STATISTICS


def findings(run: Run) -> Sequence[Finding] | None:
    """What is unhealthy in a run so far; None where nothing has been recorded."""
    if run.status.ended:
        return _of_ended(run.id, run)
    return _found(live.layers(run), run)


@cached(entries=300)
def _of_ended(run_id: int, _run: Run) -> Sequence[Finding] | None:
    return _found(data.ended_layers(run_id), _run)


def _found(statistics: Columns, run: Run) -> Sequence[Finding] | None:
    if not length(statistics):
        return None
    return diagnose(recorded(statistics, [info.name for info in STATISTICS]), run.config.layers)
