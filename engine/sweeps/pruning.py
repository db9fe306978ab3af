"""Which runs of a sweep are given up before their end."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from engine.spec import Spec, hyper


class NoPruning(Spec):
    """None: every run trains to its end."""

    kind: Literal["none"] = "none"


class MedianPruning(Spec):
    """Median: a run ends that does worse than the others' median at the same epoch.

    By its best validation loss so far (Golovin et al., "Google Vizier", 2017, section 3.2.2).
    """

    kind: Literal["median"] = "median"
    startup: int = hyper(
        5, description="Runs that must be done before any is given up.", unit="runs", ge=1, le=1000
    )
    warm_up: int = hyper(
        3, description="Epochs that every run may train.", unit="epochs", ge=1, le=100_000
    )

    def bar(self, epoch: int, others: Sequence[float]) -> float | None:
        """The loss that a run must have reached by `epoch`, from what others had at it, best so
        far; None where it is too early to tell."""
        if epoch < self.warm_up or len(others) < self.startup:
            return None
        bar = float(np.median([loss if isfinite(loss) else np.inf for loss in others]))
        return bar if isfinite(bar) else None


AnyPruning = Annotated[NoPruning | MedianPruning, Field(discriminator="kind")]
