"""A run that an older program stopped goes on, from the bytes that this program wrote then.

`tests/engine/checkpoints` holds them. An old checkpoint is brought forward once, when its bytes are
read: then it continues as the old program would have, up to the rounding of arithmetic that is done
in another order since. A checkpoint of today's format resumes to the last bit (`test_resume.py`).
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.checkpoint import from_bytes, to_bytes
from engine.config import RunConfig
from engine.optimizers import OptimizerSpec
from engine.records import Checkpoint
from engine.spec import family
from tests.engine.build import plain
from tests.engine.checkpoints.write import HERE, ended

FORMATS = sorted(HERE.glob("format_*.npz"))
ROUNDING = {"float32": 2e-4, "float64": 1e-11}
OF_OLD = [
    pytest.param(path, name, id=f"{path.stem}: {name}")
    for path in FORMATS
    for name in sorted({key.partition("/")[0] for key in np.load(path).files})
]
each_old_run = pytest.mark.parametrize(("path", "name"), OF_OLD)


def read(path: Path, name: str) -> tuple[RunConfig, Checkpoint, Checkpoint]:
    """The run, where it stopped, and where the program of that time ended it."""
    with np.load(path) as archive:
        config = RunConfig.parse_json(str(archive[f"{name}/config"]))
        states = [archive[f"{name}/{moment}"].tobytes() for moment in ("start", "end")]
    start, end = (from_bytes(state, config.optimizer) for state in states)
    return config, start, end


@each_old_run
def test_it_goes_on_to_where_the_program_of_its_time_ended(path: Path, name: str) -> None:
    config, start, end = read(path, name)
    found, rounding = ended(config, start), ROUNDING[config.dtype]
    assert found.slots.keys() == end.slots.keys()
    for mine, theirs in ((found.w, end.w), (found.buffers, end.buffers)):
        assert_allclose(mine, theirs, rtol=rounding, atol=rounding)
    for slot, expected in end.slots.items():
        largest = np.abs(expected).max()
        assert_allclose(found.slots[slot], expected, rtol=rounding, atol=rounding * largest)
    for number in ("step", "epoch", "slots_begun_at", "epochs_without_improvement"):
        assert getattr(found, number) == getattr(end, number)
    for score in ("best_monitored", "best_validation", "epoch_loss"):
        assert getattr(found, score) == pytest.approx(getattr(end, score), rel=rounding)


@each_old_run
def test_it_is_kept_again_in_todays_format(path: Path, name: str) -> None:
    """Else it would be brought forward twice."""
    config, start, _ = read(path, name)
    assert plain(from_bytes(to_bytes(start), config.optimizer)) == plain(start)


def test_the_oldest_that_did_not_say_since_when_they_had_their_slots_are_read() -> None:
    path = HERE / "format_1.npz"
    config, start, _ = read(path, "sgd in float32")
    with np.load(path) as archive, np.load(io.BytesIO(archive["sgd in float32/start"])) as state:
        held = {name: state[name] for name in state if name not in ("top", "slots_from")}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **held)
    oldest = from_bytes(file.getvalue(), config.optimizer)
    assert (oldest.best_validation, oldest.slots_begun_at) == (np.inf, 0)
    assert plain(oldest.w) == plain(start.w)


def test_there_is_a_run_of_every_optimizer_that_a_format_had() -> None:
    """The first format's optimizers are all there were; a later one's file begins with its own."""
    kinds = {kind.kind_name() for kind in family(OptimizerSpec)}
    named = {param.values[1].partition(" ")[0] for param in OF_OLD}
    assert len(named) >= 11
    assert named <= kinds
