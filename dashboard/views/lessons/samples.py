"""What the numbers of an arm are counted by: seeds of runs, starts of paths, draws of what is
worked out."""

from __future__ import annotations

from dashboard.words.i18n import _, integer, ngettext
from engine.lessons.lesson import Lesson


def counted(lesson: Lesson, n: int) -> str:
    """So many of them: 3 seeds."""
    if lesson.kind == "path":
        text = ngettext("{n} start", "{n} starts", n)
    elif lesson.kind == "worked":
        text = ngettext("{n} draw", "{n} draws", n)
    else:
        text = ngettext("{n} seed", "{n} seeds", n)
    return text.format(n=integer(n))


def heading(lesson: Lesson) -> str:
    """What stands above their number."""
    if lesson.kind == "path":
        return _("Starts (N)")
    return _("Draws (N)") if lesson.kind == "worked" else _("Seeds (N)")


def one(lesson: Lesson) -> str:
    """A single one."""
    if lesson.kind == "path":
        return _("Start")
    return _("Draw") if lesson.kind == "worked" else _("Seed")


def paired(lesson: Lesson) -> str:
    """What is compared with what."""
    if lesson.kind == "path":
        return _("Paths from one start are compared with each other.")
    if lesson.kind == "worked":
        return _("What belongs to one draw is compared with each other.")
    return _("Runs of one seed are compared with each other.")


def dotted(lesson: Lesson) -> str:
    """What the dots of a figure are."""
    if lesson.kind == "path":
        return _("A dot for each start; the diamond is their mean, the bar its 95 % interval.")
    if lesson.kind == "worked":
        return _("A dot for each draw; the diamond is their mean, the bar its 95 % interval.")
    return _("A dot for each seed; the diamond is their mean, the bar its 95 % interval.")
