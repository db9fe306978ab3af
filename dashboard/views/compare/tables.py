"""What differs between runs or groups, and what came of it, as two tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import pandas as pd

from dashboard.reads.differences import differences
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.scores import SCORES, Score, mean_score
from dashboard.views.compare.spread import estimate
from dashboard.views.run.name import run_name
from dashboard.views.run.scores import best_text
from dashboard.views.status import status_name
from dashboard.words.i18n import _, integer, number, percent
from dashboard.words.parameters import title, value_text
from db.records import Run, Status

STROKES: dict[tuple[int, ...], str] = {(1, 0): "━━━", (6, 3): "━ ━", (2, 2): "╍╍╍"}
"""A dash as text, for tables."""


TOLD = 4
"""Values of one arm that a cell has room for."""


def differing(arms: Sequence[Arm]) -> pd.DataFrame:
    """One row per parameter in which any two runs differ, one column per arm."""
    runs = [run for arm in arms for run in arm.runs]
    rows = []
    for found in differences([run.config for run in runs]):
        texts = iter([value_text(found.path, value) for value in found.values])
        rows.append([title(found.path), *(_told([next(texts) for _r in arm.runs]) for arm in arms)])
    return pd.DataFrame(rows, columns=[_("What differs"), *(arm.name for arm in arms)])


def _told(texts: Sequence[str]) -> str:
    """The value of an arm, or the few that its runs have."""
    each = list(dict.fromkeys(texts))
    if len(each) <= TOLD:
        return ", ".join(each)
    text = _("{first} … {last} ({n} values)")
    return text.format(first=each[0], last=each[-1], n=integer(len(each)))


def scores_table(
    arms: Sequence[Arm], base: Arm | None = None
) -> tuple[pd.DataFrame, dict[str, str]]:
    """One row per arm, and what its columns are called. Beside each score stands how far it is from
    the baseline's, where there is one."""
    grouped = any(arm.grouped for arm in arms)
    columns = {
        "line": "",
        "run": _("Group") if grouped else _("Run"),
        **({"n": _("N")} if grouped else {}),
        "status": _("Status"),
        "val_accuracy": _("Validation accuracy"),
        "best": _("Best validation"),
        "val_loss": _("Validation loss"),
        **_numbers_of(arms),
        "accuracy": _("Training accuracy"),
        "loss": _("Training loss"),
    }
    rows = [_grouped_row(arm) if arm.grouped else _row(arm.runs[0]) for arm in arms]
    if base is not None:
        for arm, row in zip(arms, rows, strict=True):
            row |= _against(arm, base, row)
    table = pd.DataFrame(rows)
    table["line"] = [STROKES[tuple(arm.line(dark=False).dash)] for arm in arms]
    return table[list(columns)], columns


def _numbers_of(arms: Sequence[Arm]) -> dict[str, str]:
    """The columns of runs that predict numbers, where there are any."""
    known = any(run.baseline_loss is not None for arm in arms for run in arm.runs)
    columns = {"val_r2": _("R² on validation"), "baseline": _("Loss of predicting the mean")}
    return columns if known else {}


def _against(arm: Arm, base: Arm, row: Mapping[str, str]) -> dict[str, str]:
    """The scores of a row with their differences from the baseline's."""
    if arm.place == base.place:
        return {"run": _("{name} (baseline)").format(name=row["run"])}
    found = {}
    for column, name in _SCORES.items():
        score = SCORES[name]
        mine, its = mean_score(arm.runs, score), mean_score(base.runs, score)
        if mine is not None and its is not None:
            found[column] = f"{row[column]} ({score.signed(mine - its)})"
    return found


_SCORES = {
    "val_accuracy": "last.val_accuracy",
    "val_loss": "last.val_loss",
    "val_r2": "last.val_r2",
    "accuracy": "last.accuracy",
    "loss": "last.loss",
}
"""The columns that are a score, and which."""


def _grouped_row(arm: Arm) -> dict[str, str]:
    counts = Counter(run.status for run in arm.runs)
    shown = [f"{integer(counts[s])} {status_name(s)}" for s in Status if counts[s]]
    labelled = any(SCORES["best.val_accuracy"].of(run) is not None for run in arm.runs)
    best = "best.val_accuracy" if labelled else "best.val_loss"
    return {
        "run": arm.name,
        "n": integer(len(arm.runs)),
        "status": ", ".join(shown),
        "val_accuracy": _spread(arm, SCORES["last.val_accuracy"]),
        "best": _spread(arm, SCORES[best]),
        "val_loss": _spread(arm, SCORES["last.val_loss"]),
        "val_r2": _spread(arm, SCORES["last.val_r2"]),
        "baseline": _told([number(run.baseline_loss) for run in arm.runs]),
        "accuracy": _spread(arm, SCORES["last.accuracy"]),
        "loss": _spread(arm, SCORES["last.loss"]),
    }


def _spread(arm: Arm, score: Score) -> str:
    """Mean ± standard deviation, and of how many where some have no finite score."""
    values = [value for run in arm.runs if (value := score.of(run)) is not None]
    if not values:
        return "–"
    mean = score.text(estimate(values).mean)
    if len(values) > 1:
        deviation = pd.Series(values).std(ddof=1)
        mean += f" ± {100 * deviation:.1f}" if score.share else f" ± {number(deviation, 2)}"
    return mean if len(values) == len(arm.runs) else f"{mean} (N = {integer(len(values))})"


def _row(run: Run) -> dict[str, str]:
    last = run.last
    return {
        "run": run_name(run),
        "n": "1",
        "status": _status(run),
        "val_accuracy": percent(last.val_accuracy if last else None),
        "best": best_text(run),
        "val_loss": number(last.val_loss if last else None),
        "val_r2": number(last.val_r2 if last else None),
        "baseline": number(run.baseline_loss),
        "accuracy": percent(last.accuracy if last else None),
        "loss": number(last.loss if last else None),
    }


def _status(run: Run) -> str:
    """The state, and while it trains how far it is."""
    name = status_name(run.status)
    return f"{name} {percent(run.progress, 0)}" if run.status is Status.RUNNING else name
