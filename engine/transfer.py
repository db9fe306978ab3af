"""One transfer: gather device arrays of any shapes, bring them to the host together."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array, to_host


class Transfer:
    """Collects arrays while a step is measured; `fetch` brings all of them back in one copy."""

    def __init__(self, xp: Any) -> None:
        self.xp = xp
        self._parts: list[Array] = []

    def add(self, array: Array) -> int:
        """Queue an array; the number finds it again in `fetch`'s list."""
        self._parts.append(array)
        return len(self._parts) - 1

    def fetch(self) -> list[NDArray[np.float64]]:
        """Every array on the host, in float64, in the order they were added."""
        if not self._parts:
            return []
        flat = self.xp.concatenate([part.reshape(-1) for part in self._parts], dtype=np.float64)
        host = to_host(flat)
        ends = list(accumulate(part.size for part in self._parts))
        return [
            host[end - part.size : end].reshape(part.shape)
            for end, part in zip(ends, self._parts, strict=True)
        ]
