"""Paired comparisons, from statsmodels.

A case's arrays: `scores` (arms, seeds), arm 0 being what each other arm is held against, NaN where
there is no score. Expected of each other arm: the `mean` difference, the ends `low` and `high` of
its 95 % interval, and Holm's p-values `apart` (is it 0?) and `within` (does it reach the effect?
For `alike`, does it reach it either way: two one-sided tests of half the level each).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from tests.golden.case import Case


def cases() -> dict[str, Case]:
    generator = np.random.default_rng(16)
    noise = generator.standard_normal((6, 8))
    arms = 0.03 * noise + np.array([[0.5], [0.55], [0.62], [0.4], [0.501], [0.9]])
    few, holes = arms[:, :3], arms.copy()
    holes[2, :4] = np.nan
    return {
        "better": case(arms, effect=0.05, relation="better"),
        "better of three seeds": case(few, effect=0.05, relation="better"),
        "better with holes": case(holes, effect=0.02, relation="better"),
        "alike": case(arms, effect=0.05, relation="alike"),
        "alike of three seeds": case(few, effect=0.2, relation="alike"),
        "one comparison": case(arms[:2], effect=0.01, relation="better"),
    }


def case(scores: np.ndarray, *, effect: float, relation: str) -> Case:
    found = [_measured(scores[i] - scores[0], effect, relation) for i in range(1, len(scores))]
    arrays = {name: np.array([each[name] for each in found]) for name in found[0]}
    for name in ("apart", "within"):
        arrays[name] = multipletests(arrays[name], method="holm")[1]
    return Case({"effect": effect, "relation": relation}, {"scores": scores, **arrays})


def _measured(d: np.ndarray, effect: float, relation: str) -> dict[str, Any]:
    described = DescrStatsW(d[np.isfinite(d)])
    low, high = described.tconfint_mean()
    within = described.ttest_mean(effect)[1]
    if relation == "alike":
        within = max(described.ttest_mean(end)[1] for end in (-effect, effect))
    return {
        "mean": described.mean,
        "low": low,
        "high": high,
        "apart": described.ttest_mean(0.0)[1],
        "within": within,
    }
