"""The shape of the format: every field of its documents and every column that a table must have."""

from __future__ import annotations

from collections.abc import Iterator
from enum import EnumMeta
from typing import Any, get_args

from pydantic import BaseModel

from db.portable.container import Manifest
from db.portable.documents import RunDocument, SweepDocument
from db.portable.tables import TABLES, must_have

DOCUMENTS = {"manifest": Manifest, "run": RunDocument, "sweep": SweepDocument}


def shape() -> dict[str, list[str]]:
    """By the kind of member. What differs from it is another version of the format."""
    documents = {name: sorted(_fields(model)) for name, model in DOCUMENTS.items()}
    return documents | {name: must_have(table) for name, table in TABLES.items()}


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """`events.kind: cancelled, claimed, ...`: names, and the words that one may be."""
    for name, field in model.model_fields.items():
        held = [*_types(field.annotation)]
        words = sorted(str(word) for kind in held if isinstance(kind, EnumMeta) for word in kind)
        yield f"{prefix}{name}{': ' * bool(words)}{', '.join(words)}"
        for kind in held:
            if issubclass(kind, BaseModel):
                yield from _fields(kind, f"{prefix}{name}.")


def _types(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type) and not get_args(annotation):
        yield annotation
    for argument in get_args(annotation):
        yield from _types(argument)
