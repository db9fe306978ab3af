"""python -m benchmarks.lessons [KEY ...] --seeds 3 --json FILE [--data FOLDER] [--workers 2]

Trains the arms of the named lessons, or of all, with the seeds 0 to N - 1, and compares each
verdict with the lesson's own word for it, which was measured on scikit-learn's digits. `--data`
names a folder with MNIST's four files (`--data mnist`: the folder `mnist` below the data directory)
that take the place of the digits; lessons on other data stay as they are.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # runs side by side share no cores

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.lessons.training import Trial, score
from engine.analyses.verdicts import Verdict
from engine.datasets import IDX, Digits
from engine.errors import DataError
from engine.lessons.arms import AnyArm, Brief, Trained
from engine.lessons.instant import instant_scores, shown_seeds
from engine.lessons.lesson import Lesson
from engine.lessons.ours import LESSONS

DIGITS = "digits"
Scores = dict[str, dict[int, float]]


@dataclass(frozen=True)
class Row:
    """A lesson: its verdict, and whether that is what the lesson says."""

    lesson: str
    verdict: str
    expected: str | None
    n: int
    seconds: float
    means: dict[str, float]
    findings: list[dict[str, Any]]

    @property
    def met(self) -> bool:
        return self.verdict == self.expected

    def plain(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def main() -> None:
    """Train, judge, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lessons", description=__doc__)
    parser.add_argument("keys", nargs="*", metavar="KEY")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--data", default=DIGITS, metavar="FOLDER")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    wanted = [each for each in LESSONS if not asked.keys or each.key in asked.keys]
    if missing := set(asked.keys) - {each.key for each in wanted}:
        parser.error(f"no such lesson: {', '.join(sorted(missing))}")
    images = None if asked.data == DIGITS else mnist(asked.data)
    try:
        if images is not None:
            images.info()
    except DataError as error:
        parser.error(str(error))
    rows = []
    with ProcessPoolExecutor(asked.workers) as pool:
        for each in wanted:
            rows.append(measure(on(images, each), range(asked.seeds), pool))
            print(f"{each.key}: {rows[-1].verdict}", flush=True)
    show(rows)
    if asked.json:
        setting = {"data": asked.data, "seeds": asked.seeds, "workers": asked.workers}
        content = {"setting": setting, "rows": [row.plain() for row in rows]}
        asked.json.write_text(json.dumps(content, indent=2) + "\n")


def mnist(folder: str) -> IDX:
    """MNIST's files in a folder, wherever it is, or below the data directory."""
    place = Path(folder).absolute()
    if place.is_dir():  # the processes that train look there, too
        os.environ["LAYERLAB_DATA_DIR"] = str(place.parent)
        return IDX(folder=place.name)
    return IDX(folder=folder)


def on(images: IDX | None, lesson: Lesson) -> Lesson:
    """The lesson with these images in place of the digits."""
    if images is None:
        return lesson
    arms = [_moved(arm, images) for arm in lesson.arms]
    return lesson.model_copy(update={"arms": tuple(arms)})


def _moved(arm: AnyArm, images: IDX) -> AnyArm:
    if not isinstance(arm, Trained | Brief) or not isinstance(arm.config.dataset, Digits):
        return arm
    digits = arm.config.dataset
    as_many = {"layout": digits.layout, "train_samples": digits.train_samples}
    dataset = images.model_copy(update=as_many)
    config = arm.config.model_copy(update={"dataset": dataset})
    return arm.model_copy(update={"config": config})


def measure(lesson: Lesson, seeds: Sequence[int], pool: ProcessPoolExecutor) -> Row:
    """One lesson's verdict and what it took."""
    begun = time.perf_counter()
    if lesson.instant:
        scores = instant_scores(lesson, max(seeds, shown_seeds(lesson), key=len))
    else:
        scores = _trained(lesson, seeds, pool)
    verdict = lesson.judge(scores)
    return Row(
        lesson.key,
        verdict.state,
        lesson.expected,
        verdict.n,
        round(time.perf_counter() - begun, 1),
        {name: _mean(own.values()) for name, own in scores.items()},
        _findings(verdict),
    )


def _trained(lesson: Lesson, seeds: Sequence[int], pool: ProcessPoolExecutor) -> Scores:
    trials = [
        Trial(arm.name, arm.config.model_copy(update={"seed": seed}), lesson.score)
        for seed in seeds
        for arm in lesson.arms
        if isinstance(arm, Trained)
    ]
    scores: Scores = {arm.name: {} for arm in lesson.arms}
    for trial, value in zip(trials, pool.map(score, trials), strict=True):
        if value is not None:
            scores[trial.arm][trial.config.seed] = value
    return scores


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else float("nan")


def _findings(verdict: Verdict) -> list[dict[str, Any]]:
    return [
        {
            **finding.compared.model_dump(),
            "state": finding.state,
            "n": finding.n,
            "mean": finding.mean,
            "low": finding.low,
            "high": finding.high,
            "p": finding.p,
        }
        for finding in verdict.findings
    ]


def show(rows: Sequence[Row]) -> None:
    """Print the rows, and each arm's mean score."""
    table = Table("lesson", "verdict", "expected", "met", "N", "s", "means")
    for row in rows:
        means = ", ".join(f"{name}: {value:.4g}" for name, value in row.means.items())
        met = "yes" if row.met else "NO"
        table.add_row(
            row.lesson, row.verdict, row.expected, met, str(row.n), f"{row.seconds:.0f}", means
        )
    Console(width=160).print(table)


if __name__ == "__main__":
    main()
