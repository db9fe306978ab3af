"""What is unhealthy inside several runs, side by side: a row for each run or group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.views.compare.arms import Arm
from dashboard.views.run.health import NAMES, by_kind, layers_text
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain
from engine.analyses.health import Finding
from engine.architecture import layer_names

Found = Mapping[int, Sequence[Finding]]
"""What was found in each run that has recorded anything, by its number."""


def health_table(arms: Sequence[Arm], found: Found) -> pd.DataFrame:
    """The layers of each arm that are unhealthy, and since which step; of a group, how many of its
    runs have such a layer. Its texts are Markdown."""
    ills = by_kind([finding for findings in found.values() for finding in findings])
    rows = {
        f"**{plain(arm.label)}**": [
            _cell(arm, {run_id: by_kind(found[run_id]).get(kind, ()) for run_id in found})
            for kind in ills
        ]
        for arm in arms
    }
    columns = [_(NAMES[kind]) for kind in ills]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _cell(arm: Arm, found: Found) -> str:
    runs = [run for run in arm.runs if run.id in found]
    ill = [run for run in runs if found[run.id]]
    if not ill:
        return "–"
    if arm.grouped:
        return _("in {n} of {all} runs").format(n=integer(len(ill)), all=integer(len(runs)))
    return layers_text(found[ill[0].id], layer_names(ill[0].config.layers))
