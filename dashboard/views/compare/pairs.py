"""Differences between arms, run by run: what is left when luck is the same on both sides.

Two runs are a pair where they share the seed, and with it the first weights and the order of the
batches, and all else that varies within an arm. The difference of a pair is free of what the seed
alone does, so that far fewer runs tell two arms apart.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.reads.differences import facts_of
from dashboard.views.charts.estimates import Row
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.scores import Score
from dashboard.views.compare.spread import Estimate, estimate
from dashboard.words.i18n import _, integer
from db.records import Run

NBSP = "\N{NO-BREAK SPACE}"
"""Keeps an interval in one line of a table."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs that luck treats alike, the baseline's first."""

    seed: int
    base: Run
    other: Run

    def difference(self, score: Score) -> float | None:
        """The other's score less the baseline's, where both have one."""
        mine, yours = score.of(self.base), score.of(self.other)
        return None if mine is None or yours is None else yours - mine


@dataclass(frozen=True, slots=True)
class Paired:
    """An arm against the baseline."""

    arm: Arm
    pairs: tuple[Pair, ...]

    def differences(self, score: Score) -> list[tuple[Pair, float]]:
        """Each pair that has both scores, with its difference."""
        found = [(pair, pair.difference(score)) for pair in self.pairs]
        return [(pair, value) for pair, value in found if value is not None]

    def estimate(self, score: Score) -> Estimate | None:
        """The mean difference; None where no pair has both scores."""
        values = [value for _pair, value in self.differences(score)]
        return estimate(values) if values else None


def paired(arms: Sequence[Arm], base: Arm) -> list[Paired]:
    """Every other arm against one of them."""
    keys = _keys([*arms, base])
    of_base = {keys[run.id]: run for run in base.runs}
    found = []
    for arm in arms:
        if arm.place != base.place:
            matched = {keys[run.id]: run for run in arm.runs if keys[run.id] in of_base}
            pairs = (Pair(run.config.seed, of_base[key], run) for key, run in matched.items())
            found.append(Paired(arm, tuple(sorted(pairs, key=lambda pair: pair.seed))))
    return found


def _keys(arms: Sequence[Arm]) -> Mapping[int, Hashable]:
    """What must be equal in a pair: the seed, and whatever varies within an arm."""
    runs = [run for arm in arms for run in arm.runs]
    facts = dict(zip((r.id for r in runs), facts_of([r.config for r in runs]), strict=True))
    varying = {"seed"}
    for arm in arms:
        first = facts[arm.runs[0].id]
        for run in arm.runs[1:]:
            own = facts[run.id]
            varying |= {path for path in {**first, **own} if first.get(path) != own.get(path)}
    return {
        run_id: tuple((path, own.get(path)) for path in sorted(varying))
        for run_id, own in facts.items()
    }


def difference_title(score: Score, base: Arm) -> str:
    text = _("{score}: difference from {base}")
    return text.format(score=_(score.label), base=base.name)


def estimate_row(found: Paired, score: Score, *, dark: bool) -> Row | None:
    """An arm as the chart draws it; None where no pair has the score."""
    mean = found.estimate(score)
    if mean is None:
        return None
    values = [(pair.seed, value) for pair, value in found.differences(score)]
    return Row(found.arm.line(dark=dark), values, mean.mean, mean.low, mean.high)


def difference_table(found: Sequence[Paired], score: Score) -> pd.DataFrame:
    """The same as numbers."""
    columns = [
        _("Group"),
        _("Mean difference"),
        _("95 % interval"),
        _("Pairs (N)"),
        _("Better in"),
    ]
    return pd.DataFrame([_numbers(each, score) for each in found], columns=columns)


def _numbers(found: Paired, score: Score) -> tuple[str, str, str, str, str]:
    mean = found.estimate(score)
    if mean is None:
        return found.arm.label, "–", "–", "0", "–"
    values = [value for _pair, value in found.differences(score)]
    better = sum((value > 0) == score.higher and value != 0 for value in values)
    interval = "–"
    if mean.low is not None and mean.high is not None:
        interval = f"[{signed(mean.low, score)}, {signed(mean.high, score)}]".replace(" ", NBSP)
    share = f"{integer(better)} / {integer(mean.n)}"
    return found.arm.label, signed(mean.mean, score), interval, integer(mean.n), share


def signed(value: float, score: Score) -> str:
    """A difference with its sign; of shares in percentage points."""
    shown = score.signed(value)
    return _("{difference} points").format(difference=shown) if score.share else shown
