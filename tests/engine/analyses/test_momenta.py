"""What other momenta would have given: for the run's own, what it has."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analyses.inspection import inspect_batch_norm
from engine.analyses.momenta import other_momenta
from engine.analyses.replay import joined
from engine.config import RecordSpec
from engine.errors import DataError
from tests.engine.build import tiny, trained


def test_the_runs_own_momentum_gives_what_the_run_has() -> None:
    config = tiny(record=RecordSpec(batch_statistics=True), dtype="float64")
    recorder = trained(config)
    checkpoint = recorder.checkpoints[-1]
    batches = joined(recorder.records)
    own, none = other_momenta(config, checkpoint, batches, momenta=(0.9, 1.0))
    inspection = inspect_batch_norm(config, checkpoint)
    for layer in inspection.layers:
        rms = np.sqrt(np.square(layer.mean_gap).mean())
        assert own.mean_gap[layer.layer] == pytest.approx(rms)
        assert none.var_gap[layer.layer] != pytest.approx(own.var_gap[layer.layer])
    scores = [e for e in inspection.evaluations if (e.split, e.mode) == ("validation", "inference")]
    assert own.loss == pytest.approx(scores[0].loss)
    assert own.accuracy == scores[0].accuracy


def test_batches_that_were_not_recorded_are_asked_for() -> None:
    config = tiny()
    with pytest.raises(DataError, match=r"record\.batch_statistics"):
        other_momenta(config, trained(config).checkpoints[-1], {})
