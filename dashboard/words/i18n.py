"""Two languages from one text: `_("English text")` in the reader's own language.

The English text is the key; `catalogues/<language>/layerlab.po` holds the others and is read as it
is, without a compile step. Texts that are declared elsewhere (a field's description, a statistic's
label) go through the same `_`. A text that is written now and translated later is marked by `msg`.
Numbers, dates and durations are worded here too.
"""

from __future__ import annotations

import gettext
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path

from babel.dates import format_datetime, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from dashboard.words.reader import language, time_zone

CATALOGUES = Path(__file__).parent / "catalogues"


def msg(text: str) -> str:
    """Mark a text for the catalogue where it is written; `_` translates it where it is shown."""
    return text


def _(text: str) -> str:
    """A text in the reader's language."""
    return translations(language()).gettext(text) if text else text


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of a text that fits `n`, in the reader's language."""
    return translations(language()).ngettext(singular, plural, n)


@cache
def translations(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; English needs none."""
    path = CATALOGUES / language / "layerlab.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def integer(value: int) -> str:
    """A count with its thousands apart: 34,310."""
    return format_decimal(value, locale=language())


def number(value: float | None, digits: int = 3) -> str:
    """A measured value to `digits` significant digits; NaN and infinities as they are. A thousand
    is 1000, and only what is far from 1 has an exponent."""
    if value is None:
        return "–"
    if value != value or value in (float("inf"), float("-inf")):
        return {"nan": "NaN", "inf": "∞", "-inf": "−∞"}[str(value)]
    return f"{float(f'{value:.{digits}g}'):.6g}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as a percentage: 97.5%."""
    if share is None or share != share:
        return "–" if share is None else "NaN"
    return _percent(share, digits, language())


@lru_cache(maxsize=10_000)
def _percent(share: float, digits: int, language: str) -> str:
    return format_percent(share, format=f"0.{'0' * digits}%", locale=language)


def moment(at: datetime | None) -> str:
    """A time in the reader's time zone."""
    if at is None:
        return "–"
    return format_datetime(at, "yyyy-MM-dd HH:mm:ss", tzinfo=time_zone(), locale=language())


def ago(at: datetime | None) -> str:
    """How long ago something was: 5 minutes ago."""
    if at is None:
        return "–"
    return format_timedelta(at - datetime.now(UTC), add_direction=True, locale=language())


def duration(seconds: float) -> str:
    """A length of time to its two largest units of hours, minutes and seconds."""
    whole = max(0, round(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "hour"), (minutes, "minute"), (rest, "second")]
    shown = [(n, unit) for n, unit in parts if n][:2] or [(0, "second")]
    return " ".join(
        format_timedelta(
            timedelta(**{f"{unit}s": n}),
            granularity=unit,  # type: ignore[arg-type]
            threshold=10**9,
            format="narrow" if language() == "en" else "short",
            locale=language(),
        )
        for n, unit in shown
    )
