"""A verdict is what the numbers allow, and no more."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from engine.analyses.verdicts import Compared, Scores, judge
from tests.golden.case import Case, read

GOLDEN = read("verdicts")


def scores(**arms: list[float]) -> Scores:
    return {name: dict(enumerate(values)) for name, values in arms.items()}


@pytest.mark.parametrize("case", GOLDEN.values(), ids=GOLDEN)
def test_means_intervals_and_p_values_are_those_of_statsmodels(case: Case) -> None:
    arms, effect, relation = case["scores"], case.spec["effect"], case.spec["relation"]
    found = judge(
        {str(i): dict(enumerate(values)) for i, values in enumerate(arms)},
        [Compared(arm=str(i), than="0", relation=relation) for i in range(1, len(arms))],
        effect=effect,
    )
    for i, finding in enumerate(found.findings):
        for name in ("mean", "low", "high"):
            assert getattr(finding, name) == pytest.approx(case[name][i], rel=1e-9)
        mean = case["mean"][i]
        reaches = (abs(mean) if relation == "alike" else mean) >= effect
        assert finding.p == pytest.approx(case["apart" if reaches else "within"][i], rel=1e-9)


BETTER = [Compared(arm="a", than="b")]


@pytest.mark.parametrize(
    ("a", "state"),
    [
        ([0.8, 0.81, 0.82], "supported"),
        ([0.3, 0.31, 0.33], "contradicted"),
        ([0.501, 0.5, 0.502], "contradicted"),  # a difference too small to matter
        ([0.9, 0.2, 0.8], "too_few"),  # so few seeds do not tell
        ([0.8, 0.81], "too_few"),
        ([0.8, 0.81, nan], "too_few"),
        ([], "too_few"),
    ],
)
def test_better_is_told_from_nothing_and_from_too_little(a: list[float], state: str) -> None:
    found = judge(scores(a=a, b=[0.5, 0.5, 0.5]), BETTER, effect=0.1)
    assert found.state == state
    assert found.n == len([value for value in a if value == value])


def test_where_lower_scores_are_better_the_lower_one_wins() -> None:
    found = judge(scores(a=[0.1, 0.11, 0.1], b=[0.5, 0.52, 0.5]), BETTER, effect=0.1, higher=False)
    assert found.state == "supported"
    assert found.findings[0].mean == pytest.approx(0.403, abs=1e-3)


@pytest.mark.parametrize(
    ("a", "state"),
    [
        ([0.5, 0.51, 0.49], "supported"),
        ([0.8, 0.81, 0.82], "contradicted"),
        ([0.2, 0.21, 0.2], "contradicted"),
        ([0.8, 0.3, 0.5], "too_few"),
    ],
)
def test_alike_is_shown_and_not_only_not_refuted(a: list[float], state: str) -> None:
    compared = [Compared(arm="a", than="b", relation="alike")]
    assert judge(scores(a=a, b=[0.5, 0.5, 0.5]), compared, effect=0.1).state == state


def test_differences_are_those_of_equal_seeds() -> None:
    """What the seed does to both arms is in no difference."""
    luck = np.random.default_rng(0).standard_normal(6)
    paired = judge(
        {"a": dict(enumerate(luck + 0.1)), "b": dict(enumerate(luck))}, BETTER, effect=0.05
    )
    assert paired.state == "supported"
    others = judge({"a": {0: 1.0, 1: 1.0, 2: 1.0}, "b": {2: 0.0, 3: 0.0, 4: 0.0}}, BETTER, effect=1)
    assert (others.state, others.n) == ("too_few", 1)


def test_a_claim_whose_comparisons_disagree_depends() -> None:
    found = judge(
        scores(a=[0.9, 0.91, 0.9], b=[0.5, 0.5, 0.51], c=[0.95, 0.96, 0.95]),
        [*BETTER, Compared(arm="a", than="c")],
        effect=0.02,
    )
    assert [finding.state for finding in found.findings] == ["supported", "contradicted"]
    assert found.state == "depends"


def test_many_comparisons_find_less_by_luck() -> None:
    """One comparison of twenty is not judged as if it were the only one."""
    arms = {f"a{i}": [0.54, 0.56, 0.55] for i in range(20)}
    alone = judge(scores(b=[0.5] * 3, **arms), [Compared(arm="a0", than="b")], effect=0.01)
    many = [Compared(arm=name, than="b") for name in arms]
    together = judge(scores(b=[0.5] * 3, **arms), many, effect=0.01)
    assert (alone.state, together.state) == ("supported", "too_few")


def test_what_is_not_finite_has_no_score() -> None:
    found = judge(scores(a=[0.9, inf, 0.9, 0.91], b=[0.5, 0.5, nan, 0.5]), BETTER, effect=0.1)
    assert found.n == 2
