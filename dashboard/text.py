"""Text from users is data: it is shown as typed, whatever it means in Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+\-.!~|<>$:&^=])")


def plain(text: str) -> str:
    """Markdown that shows `text` literally: no emphasis, links, math, colours, icons or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
