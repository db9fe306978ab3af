"""Single values of a configuration, changed by their dotted names: `--set optimizer.lr=0.1`, or a
point of a sweep."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from engine.config import RunConfig
from engine.errors import ConfigError
from engine.messages import Message

Names = tuple[str | int, ...]


def override(config: RunConfig, assignments: Iterable[str]) -> RunConfig:
    """The configuration with `name=value` applied; values are JSON, or else text.

    Setting a `kind` to another one starts from that kind's defaults, whatever the order in which it
    and its fields are set. Raises ConfigError.
    """
    return _changed(config, [_parse(assignment) for assignment in assignments])


def with_values(config: RunConfig, values: Mapping[str, Any]) -> RunConfig:
    """The configuration with plain values by their dotted names: `{"optimizer.lr": 0.1}`.

    The same rules as `override`.
    """
    plain = deepcopy(dict(values))  # a value may hold others, which later names change
    return _changed(config, [(_names(name, name), value) for name, value in plain.items()])


def _changed(config: RunConfig, parsed: list[tuple[Names, Any]]) -> RunConfig:
    data = config.model_dump(mode="json")
    kinds = sorted((p for p in parsed if p[0][-1] == "kind"), key=lambda p: len(p[0]))
    for names, value in kinds:
        _set_kind(data, names, value)
    for names, value in parsed:
        if names[-1] != "kind":
            _holder(data, names)[names[-1]] = value
    return RunConfig.parse(data)


def _parse(assignment: str) -> tuple[Names, Any]:
    text, equals, value = assignment.partition("=")
    if not equals:
        raise ConfigError.at(("set",), Message("must be name=value").got(assignment))
    names = _names(text, assignment)
    try:
        return names, json.loads(value)
    except ValueError:
        return names, value


def _names(text: str, given: str) -> Names:
    parts = text.strip().replace("[", ".").replace("]", "").split(".")
    names = tuple(int(part) if part.isdecimal() else part for part in parts)
    if "" in names:
        raise ConfigError.at(("set",), Message("must be name=value").got(given))
    return names


def _set_kind(data: Any, names: Names, kind: Any) -> None:
    if len(names) == 1:
        raise ConfigError.at(names, Message("is not a known field; a run has no kind"))
    holder, name = _holder(data, names[:-1]), names[-2]
    held = holder.get(name) if isinstance(holder, dict) else holder[name]
    if not isinstance(held, dict) or held.get("kind") != kind:
        holder[name] = {"kind": kind}


def _holder(data: Any, names: Names) -> Any:
    """The object or list that holds the last name. A field that nothing has is left to `parse`."""
    for depth, name in enumerate(names):
        if isinstance(data, list):
            _check_index(data, names[: depth + 1])
        elif not isinstance(data, dict):
            rule = Message("is not there; {name} is a value", name=names[depth - 1])
            raise ConfigError.at(names[: depth + 1], rule)
        if depth < len(names) - 1:
            data = data.setdefault(name, {}) if isinstance(data, dict) else data[int(name)]
    return data


def _check_index(items: list[Any], names: Names) -> None:
    name = names[-1]
    if not isinstance(name, int) or name >= len(items):
        rule = Message("is not there; the list has {n} item(s), from 0", n=len(items))
        raise ConfigError.at(names, rule)
