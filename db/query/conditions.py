"""From a query to SQLAlchemy expressions: what a run must fulfil.

What a run does not have fulfils no comparison but `= none`, and `not` is true wherever its part is
not. A number that is NaN is neither larger nor smaller than another, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from operator import eq, ge, gt, le, lt, ne
from typing import Any, NoReturn

from lark import Token
from sqlalchemy import ColumnElement, Double, and_, false, func, literal, or_, select, true

from db.models import RunRow
from db.query import values
from db.query.anywhere import MOST_WORDS, contains, too_many
from db.query.errors import QueryError
from db.query.meanings import OTHER_WORDS, meanings, proposals
from db.query.names import Kind, Name, resolve
from db.query.syntax import Comparison, Junction, Negation, Node, Search, Word, parse
from db.types import NAN, Number
from db.words import spaced
from engine.messages import Message, either, verbatim

Condition = ColumnElement[bool]

EXAMPLES = (
    "adam lr<=0.01",
    'optimizer.kind = "adam" and optimizer.lr >= 0.01',
    "best.val_accuracy > 0.97 and not diverged",
    'tag = "week3" or owner in ("anna", "ben")',
    'layers.kind = "batch_norm" and layers.init.kind = "he"',
    'created >= 7 days ago and name like "%baseline%"',
    'status = failed and error like "%memory%"',
)
"""Queries to begin with."""

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": eq, "!=": ne, "<": lt, "<=": le, ">": gt, ">=": ge,
}  # fmt: skip


def condition(query: str, zone: tzinfo | None = None) -> Condition:
    """What a run must fulfil; an empty query asks nothing. Dates are those of a zone, by default
    this machine's. Raises QueryError."""
    query = spaced(query)
    return _Compiler(query, zone).compile(parse(query)) if query.strip() else true()


class _Compiler:
    """Compiles the tree of one query, which its errors point into."""

    def __init__(self, query: str, zone: tzinfo | None) -> None:
        self._query = query
        self._zone = zone
        self._words = 0  # looked for in all of it

    def compile(self, node: Node) -> Condition:
        match node:
            case Junction(kind, parts):
                join = and_ if kind == "all" else or_
                return join(*(self.compile(part) for part in parts))
            case Negation(part):
                return func.coalesce(self.compile(part), false()).is_(false())
            case Search(text):
                return self._search(text)
            case Word(token):
                name = resolve(str(token))
                if name is None or name.kind is not Kind.FLAG:
                    return self._search(token)
                return _of_run(name, name.column == literal(True))
            case Comparison():
                return self._comparison(node)

    def _search(self, token: Token) -> Condition:
        """Every word of a text stands somewhere, as it was typed or in half-width letters."""
        typed = token
        if token.type != "STRING":
            typed = token.update(value=self._query[token.start_pos : token.end_pos])
        words = dict(zip(values.text(token).split(), values.text(typed).split(), strict=True))
        self._words += len(words)
        if self._words > MOST_WORDS:
            self._refuse(too_many(self._words), token)
        forms = [dict.fromkeys(either) for either in words.items()]
        return and_(true(), *(or_(*map(contains, form)) for form in forms))

    def _comparison(self, node: Comparison) -> Condition:
        """What a comparison asks, of the one of its name's meanings that goes with its values."""
        found: dict[str, Condition] = {}
        problems = []
        for name in self._known(node.name):
            try:
                found[name.name] = self._held(name, node)
            except QueryError as problem:
                problems.append(problem)
        if not found:
            raise problems[0]
        likeliest = next(iter(found))
        if node.name.lower() not in OTHER_WORDS:
            alike = [name for name in found if name.count(".") == likeliest.count(".")]
            if len(alike) > 1:
                several = Message("`{name}` may be {names}; write one", name=str(node.name))
                self._refuse(several.filled(names=_either(alike[:3])), node.name)
        return found[likeliest]

    def _held(self, name: Name, node: Comparison) -> Condition:
        """A name held against values."""
        operator = node.operator
        missing = [values.is_missing(token) for token in node.values]
        found = [
            self._compare(name, "=" if operator == "in" else operator, token)
            for token, is_missing in zip(node.values, missing, strict=True)
            if not is_missing
        ]
        if any(missing):
            if operator not in ("=", "!=", "in"):
                self._refuse(Message("`none` goes with = and != only"), node.values[0])
            there = _of_run(name, name.column.is_not(None))
            found.append(there if operator == "!=" else ~there)
        return or_(*found)

    def _compare(self, name: Name, operator: str, token: Token) -> Condition:
        if operator == "!=" and name.listed:  # none of them is
            return ~self._compare(name, "=", token)
        held = {
            Kind.NUMBER: self._number,
            Kind.TEXT: self._text,
            Kind.TIME: self._time,
            Kind.FLAG: self._flag,
        }[name.kind](name, operator, token)
        return _of_run(name, held)

    def _number(self, name: Name, operator: str, token: Token) -> Condition:
        if operator == "like":
            rule = Message(
                "`{name}` is a number: compare it with =, <, <=, > or >=", name=name.name
            )
            self._refuse(rule, token)
        try:
            value = values.number(token)
        except (ValueError, OverflowError):
            self._refuse(_got(Message("`{name}` is a number", name=name.name), token), token)
        column: ColumnElement[Any] = name.column
        if isinstance(column.type, Number):
            compared = _COMPARE[operator](column, literal(value, Number()))
            return and_(compared, column < NAN) if operator in (">", ">=") else compared
        typed = literal(value) if isinstance(value, int) else literal(value, Double())
        return _COMPARE[operator](column, typed)  # type: ignore[no-any-return]

    def _text(self, name: Name, operator: str, token: Token) -> Condition:
        value = values.text(token)
        if name.choices and (known := value.lower().replace("-", "_")) in name.choices:
            value = known
        if operator == "like":
            return name.column.ilike(value, escape="\x01")  # no text holds that character
        if operator not in ("=", "!="):
            rule = Message("`{name}` is a text: compare it with =, !=, in or like", name=name.name)
            self._refuse(rule, token)
        if name.choices and value not in name.choices:
            rule = Message("`{name}` is one of {choices}", name=name.name, choices=name.choices)
            self._refuse(rule.got(verbatim(value)), token)
        return _COMPARE[operator](name.column, value)  # type: ignore[no-any-return]

    def _flag(self, name: Name, operator: str, token: Token) -> Condition:
        try:
            value = values.truth(token)
        except ValueError:
            self._refuse(_got(Message("`{name}` is true or false", name=name.name), token), token)
        if operator not in ("=", "!="):
            rule = Message("`{name}` is true or false: compare it with = or !=", name=name.name)
            self._refuse(rule, token)
        return name.column == literal(value is (operator == "="))

    def _time(self, name: Name, operator: str, token: Token) -> Condition:
        try:
            start, end = values.period(token, self._zone)
        except (ValueError, OverflowError, OSError):
            rule = Message("`{name}` is a date, such as 2026-11-21 or 7 days ago", name=name.name)
            self._refuse(_got(rule, token), token)
        column = name.column
        held: dict[str, Condition] = {
            "=": and_(column >= start, column < end),
            "!=": or_(column < start, column >= end),
            "<": column < start,
            "<=": column < end,
            ">": column >= end,
            ">=": column >= start,
        }
        if operator not in held:
            rule = Message("`{name}` is a date: compare it with =, <, <=, > or >=", name=name.name)
            self._refuse(rule, token)
        return held[operator]

    def _known(self, token: Token) -> list[Name]:
        """What a name may mean."""
        known = meanings(str(token))
        if not known:
            problem = Message("`{name}` is nothing known of a run", name=str(token))
            if close := proposals(str(token)):
                problem = problem.then(Message("did you mean {names}?", names=_either(close)))
            self._refuse(problem, token)
        return known

    def _refuse(self, problem: Message, token: Token) -> NoReturn:
        raise QueryError(problem, self._query, token.start_pos or 0, token.end_pos or 0)


def _either(names: Sequence[str]) -> Message:
    return either(*(f"`{name}`" for name in names))


def _got(rule: Message, token: Token) -> Message:
    """A rule and what was written instead, as it was written."""
    return rule.got(verbatim(str(token)))


def _of_run(name: Name, held: Condition) -> Condition:
    """A condition on a column as one on the run that it belongs to."""
    if name.table is None:
        return held
    return RunRow.id.in_(select(name.table.c.run_id).where(*name.scope, held))
