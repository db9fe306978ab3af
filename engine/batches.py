"""How the samples of an epoch are cut into batches."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Batches:
    """An epoch of `samples` in batches of `size`. What is left over makes a last, shorter batch, or
    is left out of the epoch: which samples those are, the epoch's own order decides."""

    samples: int
    size: int
    drop_last: bool = False

    @property
    def short(self) -> int:
        """Samples of the last batch where it is shorter than the others; 0 where none is."""
        return 0 if self.drop_last else self.samples % self.size

    @property
    def count(self) -> int:
        """Batches of an epoch."""
        return self.samples // self.size + bool(self.short)
