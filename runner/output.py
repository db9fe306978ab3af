"""Standard output and standard error, whose readers may leave before a command ends.

Wrapped once for every command, below Python's own buffers, so that no print, no progress bar and no
last flush of the interpreter meets a pipe that is closed or a terminal that has gone.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, TextIO, cast

READER_LEFT = 128 + 13
"""The exit status of a command whose output is not read to its end.

It is what a shell reports of a tool that SIGPIPE has ended, as in `yes | head -1`, so that scripts
with `set -o pipefail` meet nothing new. The signal itself stays ignored, as Python has it: it would
also end a command whose connection to a database breaks.
"""

_LEFT = (errno.EPIPE, errno.ECONNRESET, errno.EIO, errno.EINVAL)
"""What writing fails with once a pipe, a socket or a terminal is closed at its other end, and on
Windows (EINVAL)."""


@contextmanager
def standard_streams() -> Iterator[None]:
    """While this lasts, a reader of standard output that leaves ends the command with READER_LEFT.

    What standard error says is never an answer: without a reader it goes nowhere, and the command
    goes on.
    """
    if sys.stdin is None:  # closed from the start
        sys.stdin = _nowhere("r")
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = _wrapped(before[0], answers=True), _wrapped(before[1], answers=False)
    try:
        yield
    finally:
        ours = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = before
        for stream in ours:  # now, while a reader that has left can still be told from success
            stream.flush()


def serve_unread() -> None:
    """From here on nothing that is printed is an answer: a reader that leaves ends no server."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if isinstance(raw, _Output):
        raw.answers = False


class _Output(io.RawIOBase):
    """What an unbuffered stream writes, until its reader leaves; from then on, nothing."""

    def __init__(self, raw: io.RawIOBase, *, answers: bool) -> None:
        self._raw = raw
        self.answers = answers
        self._left = False

    def write(self, data: bytes) -> int | None:  # type: ignore[override]
        if self._left:
            return len(data)
        try:
            return self._raw.write(data)
        except OSError as error:
            self._left = True
            if not self.answers:
                return len(data)
            full = f"layerlab: standard output cannot be written to ({error.strerror})"
            raise SystemExit(READER_LEFT if error.errno in _LEFT else full) from None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode)  # noqa: PTH123 (as long as the process)


def _wrapped(stream: TextIO | None, *, answers: bool) -> TextIO:
    """The same stream on an `_Output`; one that was closed from the start leads nowhere."""
    if stream is None:
        return _nowhere("w")
    stream.flush()
    text = cast(io.TextIOWrapper, stream)
    raw = getattr(text.buffer, "raw", text.buffer)  # the buffer is raw with PYTHONUNBUFFERED
    return io.TextIOWrapper(
        io.BufferedWriter(cast(io.RawIOBase, _Output(cast(io.RawIOBase, raw), answers=answers))),
        encoding=text.encoding,
        errors=text.errors,
        line_buffering=text.line_buffering,
        write_through=text.write_through,
    )
