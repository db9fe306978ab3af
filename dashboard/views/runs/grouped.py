"""Groups of runs as a table: a row for each, with number, mean and spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.reads.differences import Difference, differences, telling
from dashboard.views.rows import Cell, Column, Row, Table
from dashboard.views.runs.columns import column_title
from dashboard.views.status import status_name
from dashboard.words.i18n import _, integer, number, percent
from dashboard.words.parameters import title, value_text
from db.groups import SCORES, SEED
from db.records import Run, RunGroup, Status, Tally

MOST_DIFFERENCES = 8

SHARES = frozenset(name for name in SCORES if "accuracy" in name) | {"gap"}
"""Scores that only runs with labels have."""

OF_NUMBERS = frozenset({"val_r2", "best_val_r2", "train_r2", "baseline_loss"})
"""Those that only runs have which predict numbers."""


def groups_table(
    groups: Sequence[RunGroup], by: str, firsts: Mapping[int, Run] | None = None
) -> Table:
    """One row per group, under the least number of its runs: what it has in common, how many runs,
    how they ended, what they came to. The first run of each tells what groups by all but the seed
    have in common."""
    heading, names, settings = _names(groups, by, firsts or {})
    first, rest = _score_names(groups)
    return Table(
        heading,
        _columns([first, *rest], settings, copies=any(group.copies for group in groups)),
        [
            Row(min(group.run_ids), names[i], _cells(group, i, settings, [first, *rest]))
            for i, group in enumerate(groups)
        ],
    )


def _names(
    groups: Sequence[RunGroup], by: str, firsts: Mapping[int, Run]
) -> tuple[str, list[str], list[Difference]]:
    """What groups are called, and the settings beside it that tell them apart."""
    if by != SEED:
        return _("Group"), _values(groups, by), []
    runs = [firsts[group.run_ids[0]] for group in groups]
    found = telling(differences([run.config for run in runs]))[:MOST_DIFFERENCES]
    if not found:
        return _("Group"), [run.label for run in runs], []
    first, *rest = found
    return title(first.path), [value_text(first.path, value) for value in first.values], rest


def _columns(
    scores: Sequence[str], settings: Sequence[Difference], *, copies: bool
) -> dict[str, Column]:
    first, *rest = scores
    told = _("Runs of equal configuration and seed beside those counted: they add nothing.")
    return {
        "n": Column(_("Runs (N)"), "number"),
        **({"copies": Column(_("Copies"), "number", told)} if copies else {}),
        first: Column(column_title(first), "number"),
        **{setting.path: Column(title(setting.path)) for setting in settings},
        "ended": Column(_("Status")),
        **{name: Column(column_title(name), "number") for name in rest},
    }


def _cells(
    group: RunGroup, i: int, settings: Sequence[Difference], scores: Sequence[str]
) -> dict[str, Cell]:
    return {
        "n": integer(len(group.run_ids) - group.copies),
        "copies": integer(group.copies),
        **{s.path: value_text(s.path, s.values[i]) for s in settings},
        "ended": _ended(group),
        **{name: _text(group.scores[name], share=name in SHARES) for name in scores},
    }


def _score_names(groups: Sequence[RunGroup]) -> tuple[str, list[str]]:
    """The score that groups are read by, and the others that some of them have."""
    labelled = any(group.scores["best_val_accuracy"].n for group in groups)
    numbers = any(group.scores["baseline_loss"].n for group in groups)
    first = "best_val_accuracy" if labelled else "best_val_loss"
    without = (frozenset() if labelled else SHARES) | (frozenset() if numbers else OF_NUMBERS)
    return first, [name for name in SCORES if name != first and name not in without]


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
