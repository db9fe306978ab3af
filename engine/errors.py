"""The errors a user may cause, each one clear sentence.

LayerlabError
├── ConfigError     a configuration breaks a rule (several problems may be named at once)
├── DataError       a data set cannot be read or does not fit
└── BackendError    the array library asked for does not answer

RuleError           a ValueError: raised where a spec is checked, told by a ConfigError
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import reduce
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from engine.messages import Message, places, verbatim
from engine.spec import specs_in

Path = tuple[str | int, ...]

_LONGEST = 200  # characters of a place: its names may come from a file of others


class LayerlabError(Exception):
    """Something the user can mend; `message` is all that there is to say."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class DataError(LayerlabError):
    """A data set cannot be read or does not fit the configuration."""


class BackendError(LayerlabError):
    """The array library asked for does not answer on this machine."""


class Need(Enum):
    """What a stack of layers lacks, for whoever offers to mend it."""

    FLAT_SAMPLES = auto()
    IMAGES = auto()
    OUTPUTS = auto()


class RuleError(ValueError):
    """A value breaks a rule of its spec; whoever knows the field makes a ConfigError of it."""

    def __init__(self, rule: Message, *, need: Need | None = None) -> None:
        super().__init__(rule)
        self.rule, self.need = rule, need


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: where, what the rule is and the value received."""

    path: Path
    rule: Message
    need: Need | None = None

    @property
    def field(self) -> str:
        """The place as a user writes it: `layers[0].units`."""
        text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path)
        shown = "".join(c if c.isprintable() else "?" for c in text.lstrip(".")[:_LONGEST])
        return shown or "configuration"

    @property
    def message(self) -> Message:
        return Message("`{field}` {rule}", field=self.field, rule=self.rule)

    def __str__(self) -> str:
        return str(self.message)


class ConfigError(LayerlabError):
    """A configuration breaks one or more rules; `problems` holds each with its path."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(reduce(Message.then, (problem.message for problem in problems)))
        self.problems = tuple(problems)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)

    @classmethod
    def at(cls, path: Path, rule: Message, *, need: Need | None = None) -> ConfigError:
        return cls([Problem(path, rule, need)])

    @classmethod
    def from_validation(cls, error: ValidationError, model: type[BaseModel]) -> ConfigError:
        """Pydantic's findings on data for `model`, in this project's words."""
        found = error.errors(include_url=False)
        return cls([_problem(details, model) for details in found if not _follows(details, found)])


def nearest(name: str, names: Iterable[str]) -> Message:
    """The existing names, the closest first where one is close."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return Message("did you mean `{close}`? known: {known}", close=close[0], known=known)
    return Message("known: {known}", known=known)


RULES = {
    "greater_than": Message("must be greater than {gt}"),
    "greater_than_equal": Message("must be at least {ge}"),
    "less_than": Message("must be less than {lt}"),
    "less_than_equal": Message("must be at most {le}"),
    "int_parsing": Message("must be a whole number"),
    "int_type": Message("must be a whole number"),
    "int_from_float": Message("must be a whole number"),
    "float_parsing": Message("must be a number"),
    "float_type": Message("must be a number"),
    "finite_number": Message("must be a finite number"),
    "bool_parsing": Message("must be true or false"),
    "bool_type": Message("must be true or false"),
    "string_type": Message("must be a text"),
    "string_too_short": Message("must be at least {min_length} characters long"),
    "string_too_long": Message("must be at most {max_length} characters long"),
    "literal_error": Message("must be one of {choices}"),
    "enum": Message("must be one of {choices}"),
    "string_pattern_mismatch": Message("must have the form {pattern}"),
    "datetime_parsing": Message("must be a date and time"),
    "datetime_from_date_parsing": Message("must be a date and time"),
    "datetime_type": Message("must be a date and time"),
    "timezone_aware": Message("must name its time zone"),
    "json_invalid": Message("must be valid JSON"),
    "missing": Message("is missing"),
    "extra_forbidden": Message("is not a known field"),
    "union_tag_not_found": Message("must name its `kind`"),
    "union_tag_invalid": Message("names an unknown kind"),
    "too_short": Message("must hold at least {min_length} item(s)"),
    "too_long": Message("must hold at most {max_length} item(s)"),
    "tuple_type": Message("must be a list"),
    "list_type": Message("must be a list"),
    "dict_type": Message("must be an object"),
    "model_type": Message("must be an object"),
    "model_attributes_type": Message("must be an object"),
}
"""What Pydantic finds, by its name for it."""


def _problem(details: Mapping[str, Any], model: type[BaseModel]) -> Problem:
    context = details.get("ctx", {})
    path, holder = _locate(details["loc"], model)
    cause = context.get("error")
    if isinstance(cause, RuleError):
        return Problem(path, cause.rule, cause.need)
    rule = _rule(details, holder)
    if details["type"] == "union_tag_invalid":
        kinds = [tag.strip(" '") for tag in context["expected_tags"].split(",")]
        tag = context["tag"]
        return Problem((*path, "kind"), rule.got(tag).then(nearest(tag, kinds)))
    if details["type"] in ("missing", "union_tag_not_found", "json_invalid"):
        return Problem(path, rule)
    if details["type"] == "extra_forbidden":
        return Problem(path, rule.then(nearest(str(path[-1]), holder.model_fields)))
    return Problem(path, rule.got(details["input"]))


def _rule(details: Mapping[str, Any], holder: type[BaseModel]) -> Message:
    """What Pydantic says, as one of RULES; what none of them says, in Pydantic's own words."""
    rule = RULES.get(details["type"])
    if rule is None:
        return verbatim(details["msg"])
    choices = _choices(details["loc"], holder)
    found = {"choices": choices, **details.get("ctx", {})}
    if not choices:
        found["choices"] = found.get("expected", "")
    return rule.filled(**{name: found[name] for name in places(rule.template)})


def _choices(loc: Path, holder: type[BaseModel]) -> tuple[str, ...]:
    """The values that a field may have where they are named one by one."""
    field = holder.model_fields.get(str(loc[-1])) if loc else None
    return tuple(map(repr, _literals(field.annotation))) if field else ()


def _literals(annotation: Any) -> tuple[Any, ...]:
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(member.value for member in annotation)
    return tuple(value for arm in get_args(annotation) for value in _literals(arm))


def _models(annotation: Any) -> tuple[type[BaseModel], ...]:
    """The models that a field may hold, as itself or in a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return (annotation,)
    return tuple(model for arm in get_args(annotation) for model in _models(arm))


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
            field = model.model_fields[str(part)]
            held = specs_in(field)
            choices = {spec.kind_name(): spec for spec in held} if len(held) > 1 else {}
            one = held or _models(field.annotation)
            model = one[0] if len(one) == 1 else model
    return tuple(path), model
