"""The errors a user may cause, each one clear sentence.

LayerlabError
├── ConfigError     a configuration breaks a rule (several problems may be named at once)
├── DataError       a data set cannot be read or does not fit
└── BackendError    the array library asked for does not answer
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from engine.spec import specs_in

Path = tuple[str | int, ...]


class LayerlabError(Exception):
    """Something the user can mend; its text is the whole message."""


class DataError(LayerlabError):
    """A data set cannot be read or does not fit the configuration."""


class BackendError(LayerlabError):
    """The array library asked for does not answer on this machine."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where, what the rule is and the value received."""

    path: Path
    rule: str

    @property
    def field(self) -> str:
        """The place as a user writes it: `layers[0].units`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        return text.lstrip(".") or "configuration"

    def __str__(self) -> str:
        return f"`{self.field}` {self.rule}"


class ConfigError(LayerlabError):
    """A configuration breaks one or more rules; `problems` holds each with its path."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(map(str, self.problems)))

    @classmethod
    def at(cls, path: Path, rule: str) -> ConfigError:
        return cls([Problem(path, rule)])

    @classmethod
    def from_validation(cls, error: ValidationError, model: type[BaseModel]) -> ConfigError:
        """Pydantic's findings on data for `model`, in this project's words."""
        found = error.errors(include_url=False)
        return cls([_problem(details, model) for details in found if not _follows(details, found)])


def nearest(name: str, names: Iterable[str]) -> str:
    """The existing names, the closest first where one is close."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    return f"{hint}known: {', '.join(known)}"


RULES = {
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "string_type": "must be a text",
    "literal_error": "must be one of {expected}",
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "union_tag_not_found": "must name its `kind`",
    "union_tag_invalid": "names an unknown kind",
    "too_short": "must hold at least {min_length} item(s)",
    "too_long": "must hold at most {max_length} item(s)",
    "tuple_type": "must be a list",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "json_invalid": "is not valid JSON ({error})",
    "value_error": "{error}",
}


def _problem(details: Mapping[str, Any], model: type[BaseModel]) -> Problem:
    context = details.get("ctx", {})
    template = RULES.get(details["type"])
    rule = template.format(**context) if template else details["msg"]
    path, holder = _locate(details["loc"], model)
    if details["type"] == "union_tag_invalid":
        kinds = [tag.strip(" '") for tag in context["expected_tags"].split(",")]
        return Problem(
            (*path, "kind"), f"{rule}; got {context['tag']!r}; {nearest(context['tag'], kinds)}"
        )
    if details["type"] in ("missing", "union_tag_not_found", "json_invalid"):
        return Problem(path, rule)
    if details["type"] == "extra_forbidden":
        return Problem(path, f"{rule}; {nearest(str(path[-1]), holder.model_fields)}")
    return Problem(path, f"{rule}; got {_shown(details['input'])}")


def _follows(details: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list is only too short because its items were refused."""
    loc = details["loc"]
    return details["type"] == "too_short" and any(
        len(other["loc"]) > len(loc) and other["loc"][: len(loc)] == loc for other in found
    )


def _locate(loc: Path, model: type[BaseModel]) -> tuple[Path, type[BaseModel]]:
    """`loc` without the tags that Pydantic puts between a union and its member, and the model whose
    field it ends in."""
    path: list[str | int] = []
    choices: dict[str | int, type[BaseModel]] = {}  # of the union that was just entered, by tag
    for part in loc:
        if part in choices:
            model, choices = choices[part], {}
            continue
        path.append(part)
        if part in model.model_fields:
            held = specs_in(model.model_fields[str(part)])
            choices = {spec.kind_name(): spec for spec in held} if len(held) > 1 else {}
            model = held[0] if len(held) == 1 else model
    return tuple(path), model


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
