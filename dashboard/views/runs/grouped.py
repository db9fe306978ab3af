"""Groups of runs as a table: a row for each, with number, mean and spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.reads.differences import differences, telling
from dashboard.views.status import status_name
from dashboard.words.i18n import integer, number, percent
from dashboard.words.parameters import title, value_text
from db.groups import SCORES, SEED
from db.records import Run, RunGroup, Status, Tally

MOST_DIFFERENCES = 8


def groups_frame(
    groups: Sequence[RunGroup], by: str, firsts: Mapping[int, Run] | None = None
) -> pd.DataFrame:
    """One row a group: what it has in common, how many runs, how they ended, what they came to. The
    first run of each tells what groups by all but the seed have in common."""
    labelled = any(group.scores["best_val_accuracy"].n for group in groups)
    first = "best_val_accuracy" if labelled else "best_val_loss"
    rest = [name for name in SCORES if name != first and (labelled or "accuracy" not in name)]
    n = {"n": [len(group.run_ids) - group.copies for group in groups]}
    if any(group.copies for group in groups):
        n["copies"] = [group.copies for group in groups]
    ended = {"ended": [_ended(group) for group in groups]}
    value = {} if by == SEED else {"value": _values(groups, by)}
    settings = _settings(groups, firsts or {}) if by == SEED else {}
    return pd.DataFrame(
        value | n | _scores(groups, [first]) | settings | ended | _scores(groups, rest)
    )


def _scores(groups: Sequence[RunGroup], names: Sequence[str]) -> dict[str, list[str]]:
    return {
        name: [_text(group.scores[name], share="accuracy" in name) for group in groups]
        for name in names
    }


def _settings(groups: Sequence[RunGroup], runs: Mapping[int, Run]) -> dict[str, list[str]]:
    """A column a setting that tells the groups apart."""
    found = telling(differences([run.config for run in runs.values()]))[:MOST_DIFFERENCES]
    if not found:
        return {"value": [runs[group.run_ids[0]].label for group in groups]}
    return {title(d.path): [value_text(d.path, value) for value in d.values] for d in found}


def _values(groups: Sequence[RunGroup], by: str) -> list[str]:
    return [
        value_text(by, float(group.value))
        if isinstance(group.value, int | float) and not isinstance(group.value, bool)
        else value_text(by, group.value)
        if by != "owner"
        else str(group.value)
        for group in groups
    ]


def _ended(group: RunGroup) -> str:
    counts = [(status, group.counts[status]) for status in Status if group.counts[status]]
    return ", ".join(f"{integer(n)} {status_name(status)}" for status, n in counts)


def _text(tally: Tally, *, share: bool) -> str:
    """Mean ± standard deviation; how many runs that rests on is told where it is not all."""
    if tally.mean is None:
        return "–"
    mean = percent(tally.mean) if share else number(tally.mean)
    if tally.spread is None:
        return mean
    return f"{mean} ± {100 * tally.spread:.1f}" if share else f"{mean} ± {number(tally.spread, 2)}"
