"""Memory: what would need more than may be used is refused before a byte of it is allocated.

The most is what LAYERLAB_MEMORY_MB says, else three quarters of what the machine has, or of what
its container may take. What is estimated is the numbers that lie side by side at the worst moment;
where an allocation fails all the same, that is one sentence, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import DataError
from engine.failures import why
from engine.messages import Message

VARIABLE = "LAYERLAB_MEMORY_MB"

_OF_CONTAINER = Path("/sys/fs/cgroup/memory.max")
_SHARE = 0.75
_GIGA = 1e9


class TooLargeError(DataError):
    """What somebody asks for needs more memory than may be used."""


def most() -> int | None:
    """Bytes that may be used; None where nothing tells how many there are."""
    given = os.environ.get(VARIABLE, "")
    if given.isdecimal() and int(given):
        return int(given) * 10**6
    there = [size for size in (_of_machine(), _of_container()) if size]
    return int(_SHARE * min(there)) if there else None


def require(size: int, what: Message) -> None:
    """Raises TooLargeError where `what` would take more bytes than may be used."""
    limit = most()
    if limit is not None and size > limit:
        large = Message(
            "{what} would take about {size:,.1f} GB of memory; at most {most:,.1f} GB may be used"
            " ({variable})"
        )
        sizes = {"size": size / _GIGA, "most": limit / _GIGA}
        raise TooLargeError(large.filled(what=what, variable=VARIABLE, **sizes))


@contextmanager
def enough(what: Message) -> Iterator[None]:
    """Around work that may find no memory: that is a TooLargeError that names it."""
    try:
        yield
    except MemoryError as error:
        short = Message("there is not enough memory for {what}: {detail}")
        raise TooLargeError(short.filled(what=what, detail=why(error))) from error


def _of_machine() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows has no such call
        return None


def _of_container() -> int | None:
    try:
        said = _OF_CONTAINER.read_text().strip()
    except OSError:
        return None
    return int(said) if said.isdecimal() else None
