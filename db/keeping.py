"""Which of a run's checkpoints stay, and how much of each: by the configuration alone, however many
of them come at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto

KEPT = 20
RESUMABLE = 2


class Form(Enum):
    """How much is kept of a checkpoint."""

    WHOLE = auto()
    BARE = auto()  # without the optimizer's slots
    REMADE = auto()  # nothing: training makes it again


@dataclass(frozen=True, slots=True)
class Keeping:
    """What stays: of the steps that are multiples of `every` about `kept`, evenly spread, the first
    among them; beside them the best, the newest two, and the one that the run began with at step
    `start`, where it is a branch. The newest two and the best are whole; once the run has `ended`,
    the newest alone. Of those up to step `remade`, where training is again in a moment, nothing is
    kept but the best and the newest.
    """

    kept: int = KEPT
    remade: int = -1
    every: int = 1
    start: int = 0
    ended: bool = False

    def plan(self, steps: Sequence[int], best: int | None) -> Mapping[int, Form]:
        """The form of each of the ascending `steps` that stays."""
        newest = steps[-1 if self.ended else -RESUMABLE :]
        lasting = {*newest, *self._spread(steps), best, self.start}
        return {s: self._form(s, s in newest, s == best) for s in steps if s in lasting}

    def _spread(self, steps: Sequence[int]) -> list[int]:
        places = {step: step // self.every for step in steps if step % self.every == 0}
        if len(places) <= self.kept:
            return list(places)
        first, last = self.start // self.every + 1, steps[-1] // self.every
        return [s for s, place in places.items() if stays(place - first, last - first, self.kept)]

    def _form(self, step: int, is_new: bool, is_best: bool) -> Form:
        lasts = step > self.remade
        if is_new or (is_best and lasts and not self.ended):
            return Form.WHOLE
        return Form.BARE if is_best or lasts else Form.REMADE


def stays(place: int, last: int, kept: int) -> bool:
    """Whether a place is among the `kept` that stay of the places 0 to `last`, evenly spread.

    As `last` grows every second place goes, from the front on, then every second of those that are
    left. What has gone is never wanted again.
    """
    stride = 1 << max(0, (last // (kept - 1)).bit_length() - 1)
    surplus = last // stride + 1 - kept
    return place % stride == 0 and (place % (2 * stride) == 0 or place > 2 * stride * surplus)
