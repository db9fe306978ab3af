"""What training prints, warns of and logs, line by line: for the run's own log."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout

_OURS = ("engine", "db", "runner")  # of which more than warnings is wanted


@contextmanager
def captured(keep: Callable[[str], None]) -> Iterator[None]:
    """Hand every line that this process writes or logs to `keep`, from whatever thread."""
    handler = _Handler(keep)
    logging.root.addHandler(handler)
    logging.captureWarnings(True)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.INFO)
    lines = _Lines(keep)
    try:
        with redirect_stdout(lines), redirect_stderr(lines):
            yield
    finally:
        lines.end()
        logging.captureWarnings(False)
        logging.root.removeHandler(handler)


class _Handler(logging.Handler):
    def __init__(self, keep: Callable[[str], None]) -> None:
        super().__init__()
        self._keep = keep

    def emit(self, record: logging.LogRecord) -> None:
        text = self.format(record)
        if record.levelno >= logging.WARNING:
            text = f"{record.levelname}: {text}"
        for line in text.splitlines():
            self._keep(line)


class _Lines(io.TextIOBase):
    """A stream that gives on whole lines."""

    def __init__(self, keep: Callable[[str], None]) -> None:
        self._keep = keep
        self._rest = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._keep(line)
        return len(text)

    def end(self) -> None:
        if self._rest:
            self._keep(self._rest)
            self._rest = ""
