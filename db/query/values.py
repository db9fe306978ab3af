"""Words of a query as values: numbers, texts, truths and times."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo

from lark import Token

from db.words import clean

MISSING = "none"  # what is held against a name to ask for runs that have no such value
_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}
_AGO = re.compile(r"(\d+) *(minute|hour|day|week)s? +ago", re.I)
_TIME = re.compile(
    r"(?P<said>(\d{4})[-/](\d\d)(?:[-/](\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?)?)"
    r" ?(?P<zone>Z|(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?",
    re.IGNORECASE,
)


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


def period(token: Token, zone: tzinfo | None = None) -> tuple[datetime, datetime]:
    """From when until when a time lasts: `2026-11-21` is a whole day, and a moment ago no time at
    all. A time is of the zone that is written behind it (`Z`, `+09:00`), else of `zone`, else of
    this machine's. Raises ValueError."""
    said = text(token)
    if found := _AGO.fullmatch(said):
        moment = datetime.now(UTC) - timedelta(**{f"{found[2].lower()}s": int(found[1])})
        return moment, moment
    if said.lower() in ("today", "yesterday"):
        midnight = datetime.combine(datetime.now(zone).date(), time())
        start = midnight - timedelta(days=said.lower() == "yesterday")
        return _lasting(start, _NEXT[1], zone)
    if not (found := _TIME.fullmatch(said)):
        raise ValueError(said)
    year, month, *rest = (int(part) for part in re.findall(r"\d+", found["said"]))
    day, hour, minute, second, *_ = *rest, *(1, 0, 0, 0)[len(rest) :]
    start = datetime(year, month, day, hour, minute, second)
    return _lasting(start, _NEXT[len(rest)], _written_zone(found) or zone)


def _written_zone(found: re.Match[str]) -> tzinfo | None:
    """The zone that stands behind a time."""
    if found["sign"] is None:
        return UTC if found["zone"] else None
    offset = timedelta(hours=int(found["hours"]), minutes=int(found["minutes"]))
    return timezone(-offset if found["sign"] == "-" else offset)


def _lasting(
    start: datetime, end: Callable[[datetime], datetime], zone: tzinfo | None
) -> tuple[datetime, datetime]:
    """Both ends of a time by the clocks of a zone, in UTC."""
    ends = start, end(start)
    first, last = (at.replace(tzinfo=zone) if zone else at.astimezone() for at in ends)
    return first.astimezone(UTC), last.astimezone(UTC)


def _next_month(start: datetime) -> datetime:
    return (start + timedelta(days=31)).replace(day=1)


# The end of what was said, by how many parts of it follow the month: day, hour and minute, second.
_NEXT: dict[int, Callable[[datetime], datetime]] = {
    0: _next_month,
    1: lambda start: start + timedelta(days=1),
    3: lambda start: start + timedelta(minutes=1),
    4: lambda start: start + timedelta(seconds=1),
}
