"""What was found out of data, kept on this machine: found out once, by whoever asks first.

An answer is a frozen record, kept as JSON under what was asked. One that is damaged, or cannot be
kept, is found out again. Files of the data directory may change: what is asked names their state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from engine.datasets.directory import cache_directory, written_whole

T = TypeVar("T")

_SETTLED = 2.0  # seconds: no file system's times are coarser
FORMAT = 1
"""Counts whenever data is read otherwise than before, so that old answers are asked anew."""


def known(asked: str, kind: type[T], find_out: Callable[[], T]) -> T:
    """The answer to what was asked, a record of that kind."""
    name = sha256(f"{FORMAT} {kind.__name__} {asked}".encode()).hexdigest()
    path = cache_directory() / "known" / f"{name}.json"
    adapter = TypeAdapter(kind)
    try:
        return adapter.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        answer = find_out()
        _keep(path, adapter.dump_json(answer))
        return answer


def state_of(files: Sequence[Path]) -> str | None:
    """Where files lie, how large they are and when they were written: whatever is written to them
    changes it. None where one is not there, or was written to so lately that its time may not tell
    the next change."""
    try:
        states = [(str(file), file.stat()) for file in files]
    except (OSError, ValueError):
        return None
    if any(abs(time.time() - state.st_mtime) < _SETTLED for _, state in states):
        return None
    return repr([(name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in states])


def _keep(path: Path, answer: bytes) -> None:
    """Write the answer whole, or not at all: it can be found out again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(path) as file:
            file.write(answer)
    except OSError:
        pass
