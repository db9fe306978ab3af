"""Texts that people type: names, owners, what to search for."""

from __future__ import annotations

import re
import unicodedata
from secrets import token_hex

from db.models import LESSON_LENGTH, NAME_LENGTH, OWNER_LENGTH, TAG_LENGTH
from engine.errors import ConfigError, RuleError
from engine.messages import Message

NOTE_LENGTH = 100_000

FORMULA = r"^([=+\-@\t\r＝＋－＠])"
"""How a text begins that a spreadsheet would take for a formula: it gets an apostrophe in front, by
which spreadsheets know texts. Numbers stay numbers."""

_HIDDEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff"  # controls, and halves of characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"  # what turns the text around it
)
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")  # controls, and halves of characters


def spaced(text: str) -> str:
    """The text with a space for each character that a database cannot hold or a list cannot show,
    so that every other one keeps its place."""
    return _UNSTORABLE.sub(" ", text)


def clean(text: str) -> str:
    """The text on one line, without what a database cannot hold or a list cannot show."""
    return " ".join(spaced(text).split())


def seen(name: str) -> str:
    """A name on one line; raises RuleError where it holds what nobody sees: a control character, or
    one that has the text around it run the other way, so that a name looks like another."""
    if found := _HIDDEN.search(name):
        rule = Message("must not hold control characters or ones that turn text around")
        raise RuleError(rule.got(f"U+{ord(found[0]):04X}"))
    return clean(name)


def clean_name(name: str) -> str:
    """A name; raises ConfigError where it is too long or holds what nobody sees."""
    return _name(name, "name", NAME_LENGTH)


def clean_owner(owner: str) -> str:
    """Who launched a run; raises ConfigError where it is too long or holds what nobody sees."""
    return _name(owner, "owner", OWNER_LENGTH)


def clean_tag(tag: str) -> str:
    """A tag; raises ConfigError where it is empty, too long or holds what nobody sees."""
    name = _name(tag, "tag", TAG_LENGTH)
    if not name:
        raise ConfigError.at(("tag",), Message("must hold at least one character"))
    return name


def clean_title(name: str) -> str:
    """A name that must be one; raises ConfigError where it is empty, too long or holds what nobody
    sees."""
    cleaned = clean_name(name)
    if not cleaned:
        raise ConfigError.at(("name",), Message("must hold at least one character"))
    return cleaned


def clean_note(text: str) -> str:
    """A note, its lines kept; raises ConfigError where it is too long."""
    return _short(clean_lines(text), "note", NOTE_LENGTH)


def clean_lines(text: str) -> str:
    """The text with its lines, without what a database cannot hold."""
    lines = text.replace("\r\n", "\n").split("\n")
    kept = "\n".join(spaced(line).rstrip() for line in lines)
    return kept.strip("\n")


def link_key(name: str, *, otherwise: str) -> str:
    """What of a name a link can carry (`otherwise`, where that is nothing), and something that
    nobody can guess."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    word = "-".join(re.findall("[a-z0-9]+", plain))[: LESSON_LENGTH - 13].strip("-")
    return f"{word or otherwise}-{token_hex(6)}"


def _name(text: str, field: str, length: int) -> str:
    try:
        return _short(seen(text), field, length)
    except RuleError as error:
        raise ConfigError.at((field,), error.rule) from None


def _short(text: str, field: str, length: int) -> str:
    if len(text) > length:
        rule = Message("must be at most {most} characters long", most=length)
        raise ConfigError.at((field,), rule.got(len(text)))
    return text
