"""Words that stand anywhere in what people know a run by: its name, owner, number, status and
settings."""

from __future__ import annotations

from sqlalchemy import CTE, ColumnElement, func, or_, select

from db.models import ParamRow, RunRow
from db.query.errors import QueryError
from db.records import Status
from engine.messages import Message

MOST_WORDS = 50
"""No run is known by more, and a database refuses a condition of a thousand parts."""


def words_of(text: str) -> list[str]:
    """The words to look for, each once; raises QueryError where there are too many."""
    words = list(dict.fromkeys(text.split()))
    if len(words) > MOST_WORDS:
        raise QueryError(too_many(len(words)), text, 0, len(text))
    return words


def too_many(count: int) -> Message:
    return Message("at most {n} words are looked for at a time", n=MOST_WORDS).got(count)


def contains(word: str) -> ColumnElement[bool]:
    """Whether a word stands in a run's name, owner or texts among its hyperparameters, or is its
    number or status."""
    matching = select(_TEXTS.c.text).where(_TEXTS.c.text.icontains(word, autoescape=True))
    places: list[ColumnElement[bool]] = [
        RunRow.name.icontains(word, autoescape=True),
        RunRow.owner.icontains(word, autoescape=True),
        RunRow.id.in_(select(ParamRow.run_id).where(ParamRow.text.in_(matching))),
    ]
    number = word.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 9:
        places.append(RunRow.id == int(number))
    if word.lower() in set(Status):
        places.append(RunRow.status == Status(word.lower()))
    return or_(*places)


def _texts() -> CTE:
    """Every text among the hyperparameters once, from one to the next by the index on them.

    Thousands of runs share a few dozen, so they are searched, not the rows.
    """
    text = ParamRow.text
    texts = select(func.min(text).label("text")).where(text.is_not(None)).cte(recursive=True)
    following = select(func.min(text)).where(text > texts.c.text).scalar_subquery()
    return texts.union_all(select(following).where(texts.c.text.is_not(None)))


_TEXTS = _texts()
