"""Texts as data: a sentence is a template, which catalogues translate, and the values in it.

`Message("must be at least {least}", least=1)` stands where it is meant. The template is English, a
literal, and the key of the catalogues: their extraction finds it there, as gettext's way is. A
value is a number, a text that is data (a name, a path), another message, or several of these.
`str()` is the English sentence; `worded` is the sentence in any language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, TypeAlias, Union

Value: TypeAlias = Union[str, int, float, "Message", tuple["Value", ...]]

_PLACE = re.compile(r"\{(\w+)(?::(,?(?:\.\d)?[a-z]?))?\}")
"""Where a value goes: `{name}`, or with a number's format, `{size:,}`. Templates come from files
too, so nothing else of Python's formats is understood."""


@dataclass(frozen=True, slots=True, init=False)
class Message:
    """A template and its values, by the names that it gives them."""

    template: str
    values: Mapping[str, Value] = field(hash=False)

    def __init__(self, template: str, /, **values: object) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "values", {name: _value(v) for name, v in values.items()})

    def filled(self, **values: object) -> Message:
        """The same template with more values, or with others."""
        return Message(self.template, **{**self.values, **values})

    def got(self, value: object) -> Message:
        """A rule and the value that broke it: a message, or anything else as Python writes it."""
        found = value if isinstance(value, Message) else shown(value)
        return Message("{rule}; got {value}", rule=self, value=found)

    def then(self, other: Message) -> Message:
        """Both, one after the other."""
        return Message("{first}; {second}", first=self, second=other)

    def worded(self, translated: Callable[[str], str], *, comma: str = ", ") -> str:
        """The sentence in the language into which `translated` brings templates."""

        def text(value: Value) -> Any:
            if isinstance(value, Message):
                return value.worded(translated, comma=comma)
            return comma.join(str(text(v)) for v in value) if isinstance(value, tuple) else value

        def filled(place: re.Match[str]) -> str:
            name, form = place.groups(default="")
            if name not in self.values:
                return place[0]
            return _formatted(text(self.values[name]), form)

        return _PLACE.sub(filled, translated(self.template))

    def __str__(self) -> str:
        return self.worded(lambda template: template)

    def to_json(self) -> dict[str, Any]:
        """The message as JSON keeps it."""
        return {"template": self.template, "values": {n: _kept(v) for n, v in self.values.items()}}

    @classmethod
    def from_json(cls, data: Any) -> Message:
        """The message that JSON kept; a plain text, as it is.

        JSON comes from files of others too. So that no text grows without end, what is nested
        deeper than `_DEEPEST` is left out, and a template that takes a value twice stays as it is.
        """
        return _read_message(data, _DEEPEST)


_VERBATIM = "{text}"


def verbatim(text: str) -> Message:
    """A text that no catalogue holds: somebody's, or another program's."""
    return Message(_VERBATIM, text=text)


def either(*values: Message | str) -> Message:
    """One of several: `a, b or c`."""
    *some, last = values
    if not some:
        return last if isinstance(last, Message) else verbatim(last)
    return Message("{some} or {last}", some=some, last=last)


def shown(value: object) -> str:
    """A value as Python writes it, cut where it is long."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def places(template: str) -> frozenset[str]:
    """The names of the values that a template needs."""
    return frozenset(name for name, _form in _PLACE.findall(template))


def _value(value: object) -> Value:
    if isinstance(value, Message | str | int | float):
        return str(value) if isinstance(value, str | bool) else value
    if isinstance(value, Sequence) and not isinstance(value, bytes):
        return tuple(map(_value, value))
    return str(value)


def _formatted(value: Any, form: str) -> str:
    try:
        return format(value, form)
    except ValueError:  # a file may hold a text where the template expects a number
        return str(value)


def _kept(value: Value) -> Any:
    if isinstance(value, Message):
        return value.to_json()
    if isinstance(value, tuple):
        return list(map(_kept, value))
    if isinstance(value, float) and not isfinite(value):
        return {"number": str(value)}  # JSON has no such numbers
    return value


_NO_JSON = ("nan", "inf", "-inf")
_DEEPEST = 10


def _read_message(data: Any, depth: int) -> Message:
    template = data.get("template") if isinstance(data, Mapping) else data
    if not isinstance(template, str) or not depth:
        return verbatim("...")
    values = data.get("values") if isinstance(data, Mapping) else None
    if not isinstance(values, Mapping) or len(_PLACE.findall(template)) > len(places(template)):
        return verbatim(template)
    return Message(template, **{str(n): _read(v, depth - 1) for n, v in values.items()})


def _read(data: Any, depth: int) -> Value:
    if isinstance(data, Mapping):
        unknown = data.get("number") not in _NO_JSON
        return _read_message(data, depth) if unknown else float(data["number"])
    if isinstance(data, list) and depth:
        return tuple(_read(each, depth - 1) for each in data)
    return _value(data)
