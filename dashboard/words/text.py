"""Text from users is data: it is shown as typed, whatever it means in Markdown."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[\\`*_{}\[\]()#+\-.!~|<>$:&^=@]")


def plain(text: str) -> str:
    """Markdown that shows `text` literally: no emphasis, links, math, colours, icons or HTML."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))


def prose(text: str) -> str:
    """Markdown of a sentence of our own: names between backticks are code, the rest is literal."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its partner
        return plain(text)
    return "".join(
        f"`{part}`" if i % 2 else _edges(part) for i, part in enumerate(parts) if part or not i % 2
    )


def _edges(part: str) -> str:
    """`plain`, which would lose the spaces beside a name."""
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return f"{before}{plain(part)}{after}"


def written(note: str) -> str:
    """A note's Markdown, but that no image of it is fetched from elsewhere: its place shows its
    link."""
    return note.replace("![", "!\\[")
