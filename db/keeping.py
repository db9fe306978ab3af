"""Which of a run's checkpoints stay, and how much of each."""

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
    """What stays: about `kept` checkpoints, evenly spread, among them the first, the best and the
    newest. The newest `resumable` are whole, and so is the best. Of those up to step `remade`,
    where training is again in a moment, nothing is kept but the best and the newest. Steps that are
    no multiple of `every` are there to go on from alone: they go once there are newer ones.
    """

    kept: int = KEPT
    resumable: int = RESUMABLE
    remade: int = -1
    every: int = 1

    def plan(self, steps: Sequence[int], best: int | None) -> Mapping[int, Form]:
        """The form of each of the ascending `steps` that stays."""
        newest = set(steps[-self.resumable :])
        spare = set(steps) - newest - {best}
        lasting = [s for s in steps if s not in spare or s == steps[0] or s % self.every == 0]
        gone = set(surplus(lasting, spare, kept=self.kept))
        return {s: self._form(s, s in newest, s == best) for s in lasting if s not in gone}

    def _form(self, step: int, is_new: bool, is_best: bool) -> Form:
        lasts = step > self.remade
        if is_new or (is_best and lasts):
            return Form.WHOLE
        return Form.BARE if lasts or is_best else Form.REMADE


def surplus(steps: Sequence[int], spare: set[int], *, kept: int = KEPT) -> list[int]:
    """Which of the ordered `steps` to give up so that `kept` remain, evenly spread.

    One at a time, the spare step whose neighbours are closest together: its loss leaves the
    smallest hole. The first and the last step stay.
    """
    remaining, gone = list(steps), []
    while len(remaining) > kept:
        inner = range(1, len(remaining) - 1)
        holes = [(remaining[i + 1] - remaining[i - 1], i) for i in inner if remaining[i] in spare]
        if not holes:
            break
        gone.append(remaining.pop(min(holes)[1]))
    return gone
