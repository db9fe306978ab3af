"""What the launch form holds: the fields that it has now, and the value of each.

Fields are read from the session, not from their widgets: one that is folded away has its value all
the same, and what an edit comes to is known before anything is drawn again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, get_args, get_origin

import streamlit as st
from pydantic.fields import FieldInfo

from dashboard.words.typed import typed_number, typed_widths
from engine.errors import Path
from engine.layers.trainable import Trainable
from engine.spec import Spec, family, union_of

Mark = tuple[object, ...]


@dataclass(frozen=True)
class Form:
    """A form: its widgets keep their state under its key. A part of one has a key of its own and
    stands `at` a place of the whole."""

    key: str
    at: Path = ()

    def name(self, path: Path) -> str:
        """The key of a field's widget."""
        return ".".join((self.key, *map(str, path)))

    def part(self, key: str, at: Path = ()) -> Form:
        """A part of the form with keys of its own."""
        return Form(f"{self.key}.{key}", (*self.at, *at))


class Node(Protocol):
    """Something that a form asks for: a value of the configuration, or several."""

    @property
    def at(self) -> Path:
        """Its place in the configuration."""

    @property
    def value(self) -> Any:
        """What it holds, as typed."""

    @property
    def mark(self) -> Mark:
        """What, where it changes, changes which fields there are."""

    def places(self) -> Iterator[Path]:
        """Where a complaint can be shown."""


@dataclass(frozen=True)
class Leaf:
    """One field: a number, a word, one of a few."""

    name: str
    info: FieldInfo
    at: Path
    key: str
    start: Any

    @property
    def value(self) -> Any:
        if self.key not in st.session_state:
            return self.start
        return typed(self.info, st.session_state[self.key])

    @property
    def mark(self) -> Mark:
        return (self.key,)

    def places(self) -> Iterator[Path]:
        yield self.at


@dataclass(frozen=True)
class Branch:
    """A spec with its fields; where it is one of several kinds, the choice among them."""

    name: str
    info: FieldInfo
    at: Path
    key: str
    kind: type[Spec]
    kinds: tuple[type[Spec], ...] = ()
    fields: tuple[Leaf | Branch, ...] = field(default=())

    @property
    def value(self) -> dict[str, Any]:
        kind = {"kind": self.kind.kind_name()} if self.kinds else {}
        return kind | {field.name: field.value for field in self.fields}

    @property
    def mark(self) -> Mark:
        return (self.key, self.kind, *(field.mark for field in self.fields))

    def places(self) -> Iterator[Path]:
        yield self.at
        for inner in self.fields:
            yield from inner.places()


def node(form: Form, name: str, info: FieldInfo, path: Path, start: Any) -> Leaf | Branch:
    """What a form asks for one field, beginning with `start` or else with its default."""
    at, key = (*form.at, *path), form.name((*path, "kind"))
    if (union := union_of(info)) is not None:
        kinds = family(union)
        begin = start or info.get_default().model_dump(mode="json")
        chosen = st.session_state.get(key, begin["kind"]) if len(kinds) > 1 else begin["kind"]
        kind = next(spec for spec in kinds if spec.kind_name() == chosen)
        # Each kind keeps what was typed into its own fields.
        inner = begin if begin["kind"] == chosen else {}
        fields = fields_of(form.part(chosen), kind, path, inner)
        return Branch(name, info, at, key, kind, kinds, fields)
    if isinstance(info.annotation, type) and issubclass(info.annotation, Spec):
        fields = fields_of(form, info.annotation, path, start or {})
        return Branch(name, info, at, key, info.annotation, fields=fields)
    return Leaf(name, info, at, form.name(path), plain_default(info) if start is None else start)


def fields_of(
    form: Form, spec: type[Spec], path: Path, start: Mapping[str, Any]
) -> tuple[Leaf | Branch, ...]:
    """The fields of a spec; what all layers with parameters share comes after what makes this
    one."""
    names = sorted(spec.model_fields, key=lambda name: name in Trainable.model_fields)
    return tuple(
        node(form, name, spec.model_fields[name], (*path, name), start.get(name))
        for name in names
        if name != "kind"
    )


def plain_default(info: FieldInfo) -> Any:
    """A field's default as plain data."""
    default = info.get_default(call_default_factory=True)
    return list(default) if isinstance(default, tuple) else default


def typed(info: FieldInfo, held: Any) -> Any:
    """What a field's widget holds, as a value of the configuration."""
    kinds = set(get_args(info.annotation)) or {info.annotation}
    if not isinstance(held, str) or str in kinds or bool in kinds:
        return held
    if get_origin(info.annotation) is tuple:
        return typed_widths(held)
    return typed_number(held, optional=type(None) in kinds) if float in kinds else held
