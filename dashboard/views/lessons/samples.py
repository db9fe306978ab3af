"""What the numbers of an arm are counted by: seeds of runs, starts of paths, draws of what is
worked out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dashboard.words.i18n import integer, msg, ngettext
from engine.lessons.lesson import Lesson
from engine.lessons.scores import ArmKind


@dataclass(frozen=True, slots=True)
class Samples:
    """The words for them: so many, what stands above their number, a single one, what is compared
    with what, and what the dots of a figure are."""

    several: Callable[[int], str]
    heading: str
    one: str
    paired: str
    dotted: str


SEEDS = Samples(
    lambda n: ngettext("{n} seed", "{n} seeds", n),
    msg("Seeds (N)"),
    msg("Seed"),
    msg("Runs of one seed are compared with each other."),
    msg("A dot for each seed; the diamond is their mean, the bar its 95 % interval."),
)
STARTS = Samples(
    lambda n: ngettext("{n} start", "{n} starts", n),
    msg("Starts (N)"),
    msg("Start"),
    msg("Paths from one start are compared with each other."),
    msg("A dot for each start; the diamond is their mean, the bar its 95 % interval."),
)
DRAWS = Samples(
    lambda n: ngettext("{n} draw", "{n} draws", n),
    msg("Draws (N)"),
    msg("Draw"),
    msg("What belongs to one draw is compared with each other."),
    msg("A dot for each draw; the diamond is their mean, the bar its 95 % interval."),
)
SAMPLES: Mapping[ArmKind, Samples] = {
    "trained": SEEDS,
    "untrained": SEEDS,
    "brief": SEEDS,
    "path": STARTS,
    "worked": DRAWS,
}


def samples_of(lesson: Lesson) -> Samples:
    """By what a lesson's arms are counted."""
    return SAMPLES[lesson.kind]


def counted(lesson: Lesson, n: int) -> str:
    """So many of them: 3 seeds."""
    return samples_of(lesson).several(n).format(n=integer(n))
