"""A golden case: a spec, and the arrays that an independent implementation computed for it.

One NPZ file a family; its keys are `case name/array name`, and `case name/spec` is JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Case:
    """What to build, as a configuration writes it, and the arrays given and expected."""

    spec: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def __getitem__(self, name: str) -> np.ndarray:
        return self.arrays[name]

    def under(self, prefix: str) -> dict[str, np.ndarray]:
        """The arrays named `prefix.…`, by what follows the point."""
        found = {k.partition("."): array for k, array in self.arrays.items()}
        return {name: array for (head, _, name), array in found.items() if name and head == prefix}


def write(family: str, cases: Mapping[str, Case]) -> Path:
    """Keep a family's cases; the same cases give the same bytes."""
    flat = {
        f"{name}/{key}": array for name, case in cases.items() for key, array in case.arrays.items()
    }
    flat |= {f"{name}/spec": np.asarray(json.dumps(case.spec)) for name, case in cases.items()}
    path = HERE / f"{family}.npz"
    np.savez_compressed(path, allow_pickle=False, **flat)
    return path


def read(family: str) -> dict[str, Case]:
    """A family's cases by name."""
    specs: dict[str, dict[str, Any]] = {}
    arrays: dict[str, dict[str, np.ndarray]] = {}
    with np.load(HERE / f"{family}.npz", allow_pickle=False) as archive:
        for key, array in archive.items():
            name, _, part = key.rpartition("/")
            if part == "spec":
                specs[name] = json.loads(str(array))
            else:
                arrays.setdefault(name, {})[part] = array
    return {name: Case(specs[name], arrays[name]) for name in specs}
