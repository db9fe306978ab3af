"""Where data sets are kept, and names of files there that come from users."""

from __future__ import annotations

import os
from pathlib import Path, PurePath
from typing import Annotated

import platformdirs
from pydantic import AfterValidator

from engine.errors import RuleError
from engine.messages import Message

LARGEST = 4 * 2**30
"""Bytes: no file's header makes a process reserve more."""

NO_FILE = Message(
    "`dataset.file` must name a file; there is no {path} (set LAYERLAB_DATA_DIR to its folder)"
)


def data_directory() -> Path:
    """LAYERLAB_DATA_DIR, else `data` in the platform's user data folder."""
    given = os.environ.get("LAYERLAB_DATA_DIR")
    return Path(given) if given else platformdirs.user_data_path("layerlab") / "data"


def _stays_below(name: str) -> str:
    path = PurePath(name)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\0" in name:
        raise RuleError(Message("must name something below the data directory").got(name))
    return name


BelowDataDirectory = Annotated[str, AfterValidator(_stays_below)]
"""A path of a file or folder that cannot leave the data directory."""
