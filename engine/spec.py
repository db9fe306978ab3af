"""One declaration per hyperparameter.

A spec is a frozen Pydantic model named by its `kind`. A field carries its default, bounds, unit,
symbol and description once; validation, JSON, the launch form, the command line and the reference
page all read it from here.
"""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Discriminator, Field
from pydantic.fields import FieldInfo


class Spec(BaseModel):
    """Hyperparameters of one thing: immutable, comparable, no arrays, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @classmethod
    def kind_name(cls) -> str:
        """The word that names this spec in a configuration, such as `adam`."""
        return str(cls.model_fields["kind"].default)

    @classmethod
    def title(cls) -> str:
        """The name people use, such as `Adam`: the first line of the docstring up to its colon."""
        return (cls.__doc__ or cls.__name__).strip().splitlines()[0].split(":")[0].rstrip(".")


def hyper(
    default: Any = ...,
    *,
    description: str,
    symbol: str | None = None,
    unit: str | None = None,
    log: bool = False,
    **bounds: Any,
) -> Any:
    """Declare a hyperparameter: its default, what it means, its letter, its unit, its bounds.

    `log` says that it is best searched and shown on a logarithmic scale. `bounds` are Pydantic's
    (`ge`, `gt`, `le`, `lt`, `min_length`, ...).
    """
    extra = {"symbol": symbol, "unit": unit, "log": log}
    return Field(
        default,
        description=description,
        json_schema_extra={key: value for key, value in extra.items() if value},
        **bounds,
    )


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
