"""Errors in the reader's language.

An error is one English sentence made from a template. Here each template is known to the catalogue,
and a sentence is matched back to its template, so that no room below needs to know of languages.
"""

from __future__ import annotations

import re
from functools import cache

from dashboard.i18n import _
from engine.errors import RULES

GOT = re.compile(r"(?s)(?P<rule>.*?); got (?P<value>.*)")


def sentence(text: str) -> str:
    """An error's sentence in the reader's language, or as it is where its template is unknown."""
    return _(text)


__all__ = ["GOT", "RULES", "cache", "sentence"]
