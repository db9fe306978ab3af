"""Axes as people type them: `optimizer.lr=0.1,0.01`, or a range, `optimizer.lr=1e-4..1:log`."""

from __future__ import annotations

import json
import re
from typing import Any

from engine.errors import ConfigError
from engine.messages import Message
from engine.sweeps.axes import AnyAxis, Choices, Range

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})\.\.(?P<high>{_NUMBER})(?P<options>(?::\w+)*)", re.I)


def axis_of(text: str) -> AnyAxis:
    """The axis that a text describes; raises ConfigError.

    `NAME=VALUE,VALUE` names its values, each JSON or else text. `NAME=LOW..HIGH` is a range; it may
    be followed by `:log`, `:int`, and by how many points of it a grid takes, `:7`.
    """
    name, equals, values = text.partition("=")
    if not (equals and name.strip() and values.strip()):
        rule = Message("must be NAME=VALUE,VALUE or NAME=LOW..HIGH")
        raise ConfigError.at(("axes",), rule.got(text))
    ends = _RANGE.fullmatch(values.strip())
    if ends is None:
        return Choices(name=name.strip(), values=tuple(_values(values)))
    low, high = float(ends["low"]), float(ends["high"])
    return Range(name=name.strip(), low=low, high=high, **_options(ends["options"], text))


def _values(text: str) -> list[Any]:
    try:
        values: list[Any] = json.loads(f"[{text}]")
    except ValueError:
        return [_value(each.strip()) for each in text.split(",")]
    return values


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _options(text: str, given: str) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for word in text.lower().split(":")[1:]:
        if word.isdecimal():
            options["points"] = int(word)
        elif word in ("log", "int"):
            options["log" if word == "log" else "integer"] = True
        else:
            rule = Message("may be followed by :log, :int and a number of points")
            raise ConfigError.at(("axes",), rule.got(given))
    return options
