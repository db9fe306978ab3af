"""Texts that people type: names, owners, what to search for."""

from __future__ import annotations

import re

from db.models import NAME_LENGTH, OWNER_LENGTH
from engine.errors import ConfigError

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")  # controls, and halves of characters


def clean(text: str) -> str:
    """The text on one line, without what a database cannot hold or a list cannot show."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())


def clean_name(name: str) -> str:
    """A run's name; raises ConfigError where it is too long."""
    return _short(clean(name), "name", NAME_LENGTH)


def clean_owner(owner: str) -> str:
    """Who launched a run; raises ConfigError where it is too long."""
    return _short(clean(owner), "owner", OWNER_LENGTH)


def _short(text: str, field: str, length: int) -> str:
    if len(text) > length:
        rule = f"must be at most {length} characters long; got {len(text)}"
        raise ConfigError.at((field,), rule)
    return text
