"""Words of a query as values: numbers, texts, truths and times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from lark import Token

from db.words import clean

MISSING = "none"  # what is held against a name to ask for runs that have no such value
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_AGO = re.compile(r"(\d+) *(minute|hour|day|week)s? +ago", re.I)
_TIME = re.compile(r"(\d{4})-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?)?")


def is_missing(token: Token) -> bool:
    """Whether a value is the bare word `none`."""
    return token.type == "NAME" and token.lower() == MISSING


def text(token: Token) -> str:
    """What a token says, without its quotes."""
    if token.type != "STRING":
        return str(token)
    return clean(re.sub(r"\\([\\\"'])", r"\1", token[1:-1]))


def number(token: Token) -> int | float:
    """A number; raises ValueError."""
    said = text(token)
    if re.fullmatch(r"[+-]?\d{1,9}", said, re.ASCII):
        return int(said)
    return float(said.replace("_", "x"))  # Python would take an underscore


def truth(token: Token) -> bool:
    """true or false; raises ValueError."""
    try:
        return _TRUTHS[text(token).lower()]
    except KeyError:
        raise ValueError(text(token)) from None


def period(token: Token) -> tuple[datetime, datetime]:
    """From when until when a time lasts, in this machine's zone: `2026-11-21` is a whole day, and
    a moment ago no time at all. Raises ValueError."""
    said = text(token)
    if found := _AGO.fullmatch(said):
        moment = datetime.now().astimezone() - timedelta(**{f"{found[2].lower()}s": int(found[1])})
        return moment, moment
    if said.lower() in ("today", "yesterday"):
        midnight = datetime.combine(date.today(), time())
        return _lasting(midnight - timedelta(days=said.lower() == "yesterday"), _NEXT[1])
    if not (found := _TIME.fullmatch(said)):
        raise ValueError(said)
    year, month, *rest = (int(part) for part in found.groups() if part is not None)
    day, hour, minute, second, *_ = *rest, *(1, 0, 0, 0)[len(rest) :]
    return _lasting(datetime(year, month, day, hour, minute, second), _NEXT[len(rest)])


def _lasting(start: datetime, end: Callable[[datetime], datetime]) -> tuple[datetime, datetime]:
    return start.astimezone(), end(start).astimezone()


def _next_month(start: datetime) -> datetime:
    return (start + timedelta(days=31)).replace(day=1)


# The end of what was said, by how many parts of it follow the month: day, hour and minute, second.
_NEXT: dict[int, Callable[[datetime], datetime]] = {
    0: _next_month,
    1: lambda start: start + timedelta(days=1),
    3: lambda start: start + timedelta(minutes=1),
    4: lambda start: start + timedelta(seconds=1),
}
