"""Text from users is data: it is shown as typed, whatever it means in Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+\-.!~|<>$:&^=@]")


def plain(text: str, *, keep: str = "") -> str:
    """Markdown that shows `text` literally: no emphasis, links, math, colours, icons or HTML.

    The characters of `keep` stay as they are, for texts of our own that use them.
    """
    return _SPECIAL.sub(
        lambda found: found[0] if found[0] in keep else f"\\{found[0]}", " ".join(text.split())
    )
