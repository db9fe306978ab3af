"""From the text of a query to a tree: `or` of `and` of `not` of comparisons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.visitors import v_args

from db.query.errors import QueryError

LONGEST = 2000  # characters
DEEPEST = 40  # levels: both databases end a statement that is nested too deeply

GRAMMAR = r"""
?start: any
?any: all (_OR all)*
?all: one (_AND one)*
?one: _NOT one              -> negation
    | "(" any ")"
    | NAME OPERATOR _value  -> comparison
    | NAME _LIKE _value     -> likeness
    | NAME _NOT _LIKE _value             -> unlikeness
    | NAME _IN "(" _value ("," _value)* ")"       -> membership
    | NAME _NOT _IN "(" _value ("," _value)* ")"  -> absence
    | NAME                  -> flag
    | STRING                -> search
_value: NUMBER | STRING | TIME | NAME

_AND.2: /and(?![\w.-])/i
_OR.2: /or(?![\w.-])/i
_NOT.2: /not(?![\w.-])/i
_IN.2: /in(?![\w.-])/i
_LIKE.2: /like(?![\w.-])/i
OPERATOR: "<=" | ">=" | "!=" | "<>" | "==" | "=" | "<" | ">"
TIME.3: /\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d)?)?)?(?![\w.:-])/
    | /\d{1,6} *(minute|hour|day|week)s? +ago(?![\w.-])/i
NUMBER.2: /[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?(?![\w.])/i | /[+-]inf(?![\w.-])/i
STRING: /"(\\.|[^"\\])*"/s | /'(\\.|[^'\\])*'/s
NAME: /[^\W\d][\w.-]*/
%ignore /\s+/
"""

# What may come next, as people would say it, in this order.
_WORDS = {
    "NAME": "a name",
    "STRING": "a text in quotes",
    "NUMBER": "a number",
    "TIME": "a date",
    "OPERATOR": "a comparison (=, !=, <, <=, >, >=)",
    "_LIKE": "`like`",
    "_IN": "`in`",
    "_NOT": "`not`",
    "_AND": "`and`",
    "_OR": "`or`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "$END": "the end",
}


@dataclass(frozen=True)
class Comparison:
    """A name held against values: one of them, or for `in` any of them."""

    name: Token
    operator: str  # =, !=, <, <=, >, >=, like, in
    values: tuple[Token, ...]
    depth: int = 0


@dataclass(frozen=True)
class Flag:
    """A name that is true or false by itself."""

    name: Token
    depth: int = 0


@dataclass(frozen=True)
class Search:
    """A text that stands somewhere in what people know a run by."""

    text: Token
    depth: int = 0


@dataclass(frozen=True)
class Negation:
    part: Node
    depth: int


@dataclass(frozen=True)
class Junction:
    """All of its parts, or any of them."""

    kind: Literal["all", "any"]
    parts: tuple[Node, ...]
    depth: int


Node = Comparison | Flag | Search | Negation | Junction

_SAME = {"==": "=", "<>": "!="}


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Builds the tree as the parser goes, from the leaves up."""

    def comparison(self, name: Token, operator: Token, value: Token) -> Node:
        return Comparison(name, _SAME.get(operator, str(operator)), (value,))

    def likeness(self, name: Token, value: Token) -> Node:
        return Comparison(name, "like", (value,))

    def unlikeness(self, name: Token, value: Token) -> Node:
        return self.negation(self.likeness(name, value))

    def membership(self, name: Token, *values: Token) -> Node:
        return Comparison(name, "in", values)

    def absence(self, name: Token, *values: Token) -> Node:
        return self.negation(self.membership(name, *values))

    def flag(self, name: Token) -> Node:
        return Flag(name)

    def search(self, text: Token) -> Node:
        return Search(text)

    def negation(self, part: Node) -> Node:
        return Negation(part, _deeper(part))

    def all(self, *parts: Node) -> Node:
        return Junction("all", parts, _deeper(*parts))

    def any(self, *parts: Node) -> Node:
        return Junction("any", parts, _deeper(*parts))


class _TooDeepError(Exception):
    pass


def _deeper(*parts: Node) -> int:
    depth = 1 + max(part.depth for part in parts)
    if depth > DEEPEST:
        raise _TooDeepError
    return depth


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


@lru_cache(maxsize=256)
def parse(query: str) -> Node:
    """The tree of a query that is not empty; raises QueryError."""
    if len(query) > LONGEST:
        problem = f"a query is at most {LONGEST:,} characters long; got {len(query):,}"
        raise QueryError(problem, query, LONGEST, len(query))
    try:
        return _parser().parse(query)  # type: ignore[return-value]
    except UnexpectedCharacters as error:
        raise _unreadable(query, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _misplaced(query, error) from None
    except _TooDeepError:
        problem = f"at most {DEEPEST} levels of `not`, `and` and `or` are understood"
        raise QueryError(problem, query, 0, len(query)) from None


def _unreadable(query: str, start: int) -> QueryError:
    character = query[start]
    if character in "\"'":
        problem = f"the text that begins here needs a closing {character}"
        return QueryError(problem, query, start, len(query))
    return QueryError(f"`{character}` means nothing here", query, start, start + 1)


def _misplaced(query: str, error: UnexpectedToken) -> QueryError:
    expected = _listed([word for kind, word in _WORDS.items() if kind in error.accepts])
    token = error.token
    if token.type == "$END":
        problem = f"the query ends too soon: expected {expected}"
        return QueryError(problem, query, len(query.rstrip()), len(query))
    start, end = token.start_pos or 0, token.end_pos or 0
    return QueryError(f"expected {expected}; got `{token}`", query, start, end)


def _listed(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
