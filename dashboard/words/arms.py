"""What the arms of a lesson are called in the reader's language."""

from __future__ import annotations

from dashboard.words.i18n import _
from engine.lessons.arms import AnyArm, name_parts
from engine.lessons.lesson import Lesson


def arm_name(arm: AnyArm) -> str:
    """The name of an arm."""
    return _(", ").join(map(_, name_parts(arm)))


def arm_names(lesson: Lesson) -> dict[str, str]:
    """The names of a lesson's arms, by those that it knows them by."""
    return {arm.name: arm_name(arm) for arm in lesson.arms}
