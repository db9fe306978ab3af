"""Whether measurements bear out a claim: scores by arm and seed in, a state and its numbers out.

A claim is made of comparisons: one arm scores better than another, or both score alike. Runs of one
seed share their first weights and their batches, so a comparison is judged by the differences
d_1 ... d_n of the pairs, one for each seed:

    mean(d) +- t_{n-1, 0.975} s / sqrt(n)        Student's 95 % interval (Student 1908)
    t = (mean(d) - at) / (s / sqrt(n))           whether the true difference may be `at`

`effect` is the smallest difference that matters. Better: supported where the difference is told
from 0 and is at least `effect`; contradicted where it is told from `effect` and lies below it, as
one too small to matter does. Alike: supported where it is told from both -effect and
effect and lies between them (two one-sided tests, here at 2.5 % each; Schuirmann 1987);
contradicted where it is told from 0 and reaches `effect` either way.

Several comparisons would find something by luck alone, so each kind of test is held to 5 % for all
comparisons of a claim together (Holm 1979): the i-th smallest of m p-values is multiplied by
m - i + 1. Below three distinct seeds nothing is judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import inf, isfinite, sqrt
from typing import Literal

import numpy as np

from engine.spec import Spec, hyper

LEAST_SEEDS = 3
LEVEL = 0.05

Relation = Literal["better", "alike"]
State = Literal["supported", "contradicted", "depends", "too_few"]
"""`depends`: some comparisons of a claim are supported, others contradicted. `too_few`: so many
seeds do not tell yet."""

Scores = Mapping[str, Mapping[int, float]]
"""A score by arm and seed. What is not finite has no score."""


class Compared(Spec):
    """Comparison: what a claim says of two arms."""

    arm: str = hyper(description="The arm of which something is claimed.")
    than: str = hyper(description="The arm that it is held against.")
    relation: Relation = hyper(
        "better", description="Whether it scores better by what matters, or alike."
    )


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison as measured: the mean difference over `n` seeds, positive where `arm` is the
    better one, its 95 % interval, and the p-value of the test that decided or came nearest to it,
    adjusted for all comparisons of the claim. All are None where too few seeds are there."""

    compared: Compared
    state: State
    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim."""

    state: State
    findings: tuple[Finding, ...]

    @property
    def n(self) -> int:
        """Pairs of the comparison that has the fewest."""
        return min((finding.n for finding in self.findings), default=0)


def judge(
    scores: Scores, comparisons: Sequence[Compared], *, effect: float, higher: bool = True
) -> Verdict:
    """What the scores say of a claim; `higher` ones are better, or lower ones."""
    differences = [_differences(scores, each, 1 if higher else -1) for each in comparisons]
    enough = [i for i, d in enumerate(differences) if len(d) >= LEAST_SEEDS]
    apart = _holm([_p(differences[i], 0.0) for i in enough])
    within = _holm([_p_within(differences[i], effect, comparisons[i].relation) for i in enough])
    findings = [
        Finding(each, "too_few", len(d)) for each, d in zip(comparisons, differences, strict=True)
    ]
    for i, p_apart, p_within in zip(enough, apart, within, strict=True):
        findings[i] = _finding(comparisons[i], differences[i], effect, p_apart, p_within)
    return Verdict(_together([finding.state for finding in findings]), tuple(findings))


def _differences(scores: Scores, compared: Compared, sign: int) -> list[float]:
    """The pairs' differences, in the order of their seeds."""
    mine, yours = scores.get(compared.arm, {}), scores.get(compared.than, {})
    shared = sorted(mine.keys() & yours.keys())
    found = (sign * (mine[seed] - yours[seed]) for seed in shared)
    return [difference for difference in found if isfinite(difference)]


def _finding(
    compared: Compared, d: Sequence[float], effect: float, p_apart: float, p_within: float
) -> Finding:
    mean, low, high = _interval(d)
    reaches = (abs(mean) if compared.relation == "alike" else mean) >= effect
    yes: State = "supported" if compared.relation == "better" else "contradicted"
    no: State = "contradicted" if compared.relation == "better" else "supported"
    p, state = (p_apart, yes) if reaches else (p_within, no)
    return Finding(compared, state if p < LEVEL else "too_few", len(d), mean, low, high, p)


def _together(states: Sequence[State]) -> State:
    found = set(states)
    if {"supported", "contradicted"} <= found:
        return "depends"
    if len(found) == 1:
        return found.pop()
    return "too_few"


def _interval(d: Sequence[float]) -> tuple[float, float, float]:
    """The mean, and its interval by Student's t."""
    from scipy.stats import t as student  # slow to import, and few need it

    mean, half = float(np.mean(d)), _error(d) * student.ppf(1 - LEVEL / 2, len(d) - 1)
    return mean, float(mean - half), float(mean + half)


def _p(d: Sequence[float], at: float) -> float:
    """How often chance alone would put the mean so far from `at`, in either direction."""
    from scipy.stats import t as student

    away, error = abs(float(np.mean(d)) - at), _error(d)
    t = away / error if error else (inf if away else 0.0)
    return float(2 * student.sf(t, len(d) - 1))


def _p_within(d: Sequence[float], effect: float, relation: Relation) -> float:
    ends = (effect,) if relation == "better" else (effect, -effect)
    return max(_p(d, end) for end in ends)


def _error(d: Sequence[float]) -> float:
    """The standard error of the mean."""
    return float(np.std(d, ddof=1)) / sqrt(len(d))


def _holm(p: Sequence[float]) -> list[float]:
    """P-values adjusted for their number, in the order given."""
    order = np.argsort(p, kind="stable")
    raised = accumulate((p[i] * (len(p) - rank) for rank, i in enumerate(order)), max)
    adjusted = [0.0] * len(p)
    for i, value in zip(order, raised, strict=True):
        adjusted[i] = min(1.0, value)
    return adjusted
