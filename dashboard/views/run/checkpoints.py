"""The checkpoints of a run: which are kept, and what each is good for."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.words.i18n import _, moment
from db.records import CheckpointInfo, Run


def best_place(run: Run, kept: Sequence[CheckpointInfo]) -> int | None:
    """Where among its checkpoints that of the best evaluation is, if it is kept."""
    return next((i for i, info in enumerate(kept) if run.best and info.step == run.best.step), None)


def checkpoints_table(run: Run, kept: Sequence[CheckpointInfo]) -> pd.DataFrame:
    """A row for each, the oldest first."""
    best = best_place(run, kept)
    return pd.DataFrame(
        {
            "step": [info.step for info in kept],
            "epoch": [info.epoch for info in kept],
            "note": [_note(info, i == best, info is kept[-1]) for i, info in enumerate(kept)],
            "size": [info.size / 1024 if info.size else None for info in kept],
            "resumable": [info.resumable for info in kept],
            "kept": [moment(info.created_at) for info in kept],
        }
    )


def _note(info: CheckpointInfo, is_best: bool, is_newest: bool) -> str:
    words = {
        _("best"): is_best,
        _("newest"): is_newest,
        _("made again when asked for"): not info.size,
    }
    return ", ".join(word for word, holds in words.items() if holds)
