"""One declaration per hyperparameter.

A spec is a frozen Pydantic model named by its `kind`. A field carries its default, bounds, label,
unit, symbol and description once; validation, JSON, the launch form, the command line and the
reference page all read it from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Union, cast, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    ValidationError,
    model_validator,
)
from pydantic.fields import FieldInfo

if TYPE_CHECKING:
    _Model = type
else:
    _Model = type(BaseModel)


class SpecClass(_Model):
    """The class of specs: one that is written out, `Dense(-1)`, breaks its rules in this project's
    words, as one that is read does."""

    positional: tuple[str, ...]

    def __call__(self, *values: Any, **fields: Any) -> Any:
        from engine.errors import ConfigError  # which knows specs

        if len(values) > len(self.positional):
            raise TypeError(
                f"{self.__name__} takes {len(self.positional)} value(s) by position,"
                f" the others by name; got {len(values)}"
            )
        by_position = dict(zip(self.positional, values, strict=False))
        if twice := by_position.keys() & fields.keys():
            raise TypeError(f"{self.__name__} got {min(twice)} by position and by name")
        try:
            return super().__call__(**by_position, **fields)
        except ValidationError as error:
            raise ConfigError.from_validation(error, cast(type[BaseModel], self)) from None


if TYPE_CHECKING:
    Checked = BaseModel
else:

    class Checked(BaseModel, metaclass=SpecClass):
        pass


class Spec(Checked):
    """Hyperparameters of one thing: immutable, comparable, no arrays, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    positional: ClassVar[tuple[str, ...]] = ()
    """Fields that a notebook may give by position, in this order: `Dense(16)`."""

    @model_validator(mode="before")
    @classmethod
    def _from_before(cls, data: Any) -> Any:
        """What a program wrote that knew none of the fields declared with `before`: it wrote all
        the others, and meant of these what they say."""
        fields = cls.model_fields.items()
        later = {name: extra(f, "before") for name, f in fields if _is_later(f)}
        if not later or not isinstance(data, Mapping) or later.keys() & data.keys():
            return data
        written = cls.model_fields.keys() - later.keys() <= data.keys()
        return {**data, **later} if written else data

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """What differs from the defaults: `Dense(units=16)`."""
        for name, value in super().__repr_args__():
            if name is None or value != type(self).model_fields[name].default:
                yield name, value

    @classmethod
    def kind_name(cls) -> str:
        """The word that names this spec in a configuration, such as `adam`."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def title(cls) -> str:
        """The name people use, such as `Adam`: the first line of the docstring up to its colon."""
        return cls._opening()[0]

    @classmethod
    def summary(cls) -> str:
        """What it is, often its equation: the first line of the docstring after its colon."""
        return cls._opening()[1]

    @classmethod
    def _opening(cls) -> tuple[str, str]:
        first = (cls.__doc__ or cls.__name__).strip().splitlines()[0].rstrip(".")
        title, _, summary = first.partition(":")
        return title, summary.strip()


def hyper(
    default: Any = ...,
    *,
    description: str,
    label: str | None = None,
    symbol: str | None = None,
    unit: str | None = None,
    log: bool = False,
    before: Any = None,
    **bounds: Any,
) -> Any:
    """Declare a hyperparameter: its default, what it means, its name where its key does not read
    as one, its letter, its unit, its bounds.

    `log` says that it is best searched and shown on a logarithmic scale. `before` is what a whole
    configuration means that was written before there was the field, so that old runs stay what they
    were. `bounds` are Pydantic's (`ge`, `gt`, `le`, `lt`, `min_length`, ...).
    """
    given = {"label": label, "symbol": symbol, "unit": unit, "log": log}
    kept: dict[str, Any] = {key: value for key, value in given.items() if value}
    if before is not None:
        kept["before"] = before
    return Field(default, description=description, json_schema_extra=kept, **bounds)


def extra(field: FieldInfo, key: str) -> Any:
    """What `hyper` was told of a field beside Pydantic's own: its label, symbol, unit, log or
    before."""
    declared = field.json_schema_extra
    return declared.get(key) if isinstance(declared, dict) else None


def _is_later(field: FieldInfo) -> bool:
    return extra(field, "before") is not None


def label_of(name: str, field: FieldInfo) -> str:
    """What people call a field: its declared label, or its key as words."""
    return str(extra(field, "label") or name.replace("_", " ").capitalize())


def family(union: Any) -> tuple[type[Spec], ...]:
    """The members of a union of specs, in the order they were declared."""
    if get_origin(union) is Annotated:
        return family(get_args(union)[0])
    if get_origin(union) in (Union, UnionType):
        return tuple(member for arm in get_args(union) for member in family(arm))
    return (union,)


def member(union: Any, kind: str) -> type[Spec]:
    """The member of a union of specs that `kind` names."""
    return {spec.kind_name(): spec for spec in family(union)}[kind]


def union_of(field: FieldInfo) -> Any | None:
    """The union of specs that a field chooses from, or None where it holds a plain value."""
    annotation = field.annotation
    if get_origin(annotation) is tuple:
        annotation = get_args(annotation)[0]
    arms = [arm for arm in get_args(annotation) if arm is not Discriminator]
    candidates = (annotation, *arms)
    for candidate in candidates:
        found = [arm for arm in family(candidate) if isinstance(arm, type)]
        if found and all(issubclass(arm, Spec) and "kind" in arm.model_fields for arm in found):
            return candidate
    return None


def specs_in(field: FieldInfo) -> tuple[type[Spec], ...]:
    """The specs that a field may hold: a union's members, the one it always holds, or none."""
    if union := union_of(field):
        return family(union)
    kind = field.annotation
    return (kind,) if isinstance(kind, type) and issubclass(kind, Spec) else ()
