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
            "note": [_note(i, best, len(kept)) for i in range(len(kept))],
            "size": [info.size / 1024 for info in kept],
            "resumable": [info.resumable for info in kept],
            "kept": [moment(info.created_at) for info in kept],
        }
    )


def _note(place: int, best: int | None, n: int) -> str:
    words = [_("best")] if place == best else []
    return ", ".join([*words, _("newest")] if place == n - 1 else words)
