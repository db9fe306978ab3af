"""From the text of a query to a tree: `or` of `and` of `not` of comparisons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal
from unicodedata import normalize

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.visitors import v_args

from db.query.errors import QueryError
from engine.messages import Message, either, verbatim

LONGEST = 2000  # characters
DEEPEST = 40  # levels: both databases end a statement that is nested too deeply

# A word ends where a space, a parenthesis, a comma, a quote or a comparison begins.
GRAMMAR = r"""
?start: any
?any: all (_OR all)*
?all: one (_join? one)*
_join: _AND | "," _AND?
?one: _NOT one              -> negation
    | "(" any ")"
    | NAME OPERATOR _value  -> comparison
    | NAME _LIKE _value     -> likeness
    | NAME _NOT_LIKE _value              -> unlikeness
    | NAME _IN "(" _value ("," _value)* ")"       -> membership
    | NAME _NOT_IN "(" _value ("," _value)* ")"   -> absence
    | NAME                  -> word
    | (STRING | NUMBER | TIME | WORD)    -> search
_value: NUMBER | STRING | TIME | NAME | WORD

_AND.3: /(and|&&)END/i
_OR.3: /(or|\|\|)END/i
_NOT.3: /notEND/i
_IN.3: /inEND/i
_NOT_IN.4: /not\s+inEND/i
_LIKE.3: /likeEND/i
_NOT_LIKE.4: /not\s+likeEND/i
OPERATOR.3: "<=" | ">=" | "!=" | "<>" | "==" | "=" | "<" | ">" | "≤" | "≥" | "≠"
TIME.3: /\d{4}[-\/]\d\d([-\/]\d\d([T ]\d\d:\d\d(:\d\d)?)?)? ?(Z|[+-]\d\d:?\d\d)?END/i
    | /\d{1,6} *(minute|hour|day|week)s? +agoEND/i
NUMBER.2: /[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?END/i | /[+-]infEND/i
STRING.2: /"(\\.|[^"\\])*"/s | /'(\\.|[^'\\])*'/s
NAME.1: /[^\W\d][\w.-]*END/
WORD: /[^\s()<>=!≤≥≠,"'][^\s()<>=!≤≥≠,]*/
%ignore /\s+/
""".replace("END", r"(?![^\s()<>=!≤≥≠,\"'])")

_QUOTED = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|.""", re.DOTALL)

# What may come next, as people would say it, in this order.
_WORDS: dict[str, Message | str] = {
    "NAME": Message("a name"),
    "STRING": Message("a text in quotes"),
    "NUMBER": Message("a number"),
    "TIME": Message("a date"),
    "OPERATOR": Message("a comparison (=, !=, <, <=, >, >=)"),
    "_LIKE": "`like`",
    "_IN": "`in`",
    "_NOT": "`not`",
    "_AND": "`and`",
    "_OR": "`or`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "COMMA": "`,`",
    "$END": Message("the end"),
}


@dataclass(frozen=True)
class Comparison:
    """A name held against values: one of them, or for `in` any of them."""

    name: Token
    operator: str  # =, !=, <, <=, >, >=, like, in
    values: tuple[Token, ...]
    depth: int = 0


@dataclass(frozen=True)
class Word:
    """A word by itself: a name that is true or false, or else a text to look for."""

    text: Token
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


Node = Comparison | Word | Search | Negation | Junction

_SAME = {"==": "=", "<>": "!=", "≠": "!=", "≤": "<=", "≥": ">="}


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

    def word(self, text: Token) -> Node:
        return Word(text)

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


def half_width(query: str) -> str:
    """The query in plain letters, digits and signs where it has full-width ones (NFKC), and with
    straight quotes; what stands between quotes stays as it is. Each character keeps its place, so
    that what is said of a place holds for what was typed."""
    return _QUOTED.sub(lambda found: found[1] or _plain(found[0]), query)


def _plain(character: str) -> str:
    plain = '"' if character in "“”„" else normalize("NFKC", character)
    return plain if len(plain) == 1 else character


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", lexer="basic", transformer=_Builder())


@lru_cache(maxsize=256)
def parse(query: str) -> Node:
    """The tree of a query that is not empty; raises QueryError."""
    if len(query) > LONGEST:
        problem = Message("a query is at most {n:,} characters long; got {length:,}", n=LONGEST)
        raise QueryError(problem.filled(length=len(query)), query, LONGEST, len(query))
    try:
        return _parser().parse(half_width(query))  # type: ignore[return-value]
    except UnexpectedCharacters as error:
        raise _unreadable(query, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise _misplaced(query, error) from None
    except _TooDeepError:
        problem = Message("at most {n} levels of `not`, `and` and `or` are understood", n=DEEPEST)
        raise QueryError(problem, query, 0, len(query)) from None


def _unreadable(query: str, start: int) -> QueryError:
    character = half_width(query)[start]
    if character in "\"'":
        problem = Message("the text that begins here needs a closing {quote}", quote=character)
        return QueryError(problem, query, start, len(query))
    problem = Message("`{character}` means nothing here", character=character)
    return QueryError(problem, query, start, start + 1)


def _misplaced(query: str, error: UnexpectedToken) -> QueryError:
    expected = either(*(word for kind, word in _WORDS.items() if kind in error.accepts))
    token = error.token
    if token.type == "$END":
        problem = Message("the query ends too soon: expected {what}", what=expected)
        return QueryError(problem, query, len(query.rstrip()), len(query))
    start, end = token.start_pos or 0, token.end_pos or 0
    problem = Message("expected {what}", what=expected).got(verbatim(f"`{token}`"))
    return QueryError(problem, query, start, end)
