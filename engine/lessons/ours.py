"""The lessons that come with layerlab, in the order of the list."""

from __future__ import annotations

from engine.lessons import bending, inputs, inside, moving, normalizing, others, weights
from engine.lessons.lesson import Lesson

LESSONS: tuple[Lesson, ...] = (
    *weights.LESSONS,
    *bending.LESSONS,
    *inside.LESSONS,
    *normalizing.LESSONS,
    *inputs.LESSONS,
    *moving.LESSONS,
    *others.LESSONS,
)


def lesson(key: str) -> Lesson | None:
    """The lesson of that key, of those that come with layerlab."""
    return next((found for found in LESSONS if found.key == key), None)
