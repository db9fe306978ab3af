"""The dispatcher's log: on stderr for whoever watches, and in a file that stays small."""

from __future__ import annotations

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_BYTES, _FILES = 1_000_000, 4
_FORMAT = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S")


def log_to(folder: Path) -> None:
    """Send what layerlab and Dask log to stderr and to a file in `folder`."""
    handlers: list[logging.Handler] = [logging.StreamHandler(sys.stderr)]
    problem = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / "dispatcher.log"
        handlers.append(RotatingFileHandler(path, maxBytes=_BYTES, backupCount=_FILES - 1))
    except OSError as error:
        problem = error
    for handler in handlers:
        handler.setFormatter(_FORMAT)
    logging.root.handlers[:] = handlers
    logging.getLogger("runner").setLevel(logging.INFO)
    dask = logging.getLogger("distributed")
    dask.handlers.clear()  # whose level Dask changes as it likes
    dask.setLevel(logging.ERROR)
    dask.propagate = True
    if problem:
        logging.getLogger(__name__).warning("no log file is kept in %s: %s", folder, problem)


def hush_dask() -> None:
    """Whoever leaves need not read what a cluster says of itself while it is taken apart."""
    for name in ("distributed", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
