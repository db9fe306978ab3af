"""A spec that stands alone: what a user writes as JSON, and reads back."""

from __future__ import annotations

import json
from typing import Any, Self

from pydantic import ValidationError

from engine.errors import ConfigError
from engine.failures import why
from engine.messages import Message
from engine.spec import Spec


def not_json(error: ValueError | RecursionError) -> Message:
    """The rule that a text broke which Python's parser of JSON refused."""
    if isinstance(error, json.JSONDecodeError):
        place = Message(
            "line {line}, column {column} is not", line=error.lineno, column=error.colno
        )
    elif isinstance(error, RecursionError):
        place = Message("it is nested too deeply")
    else:
        place = why(error)
    return Message("must be valid JSON; {detail}", detail=place)


class Document(Spec):
    """A spec with a text form of its own."""

    @classmethod
    def parse(cls, data: Any) -> Self:
        """The document from plain data; raises ConfigError naming each broken rule."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            raise ConfigError.from_validation(error, cls) from None

    @classmethod
    def parse_json(cls, text: str | bytes) -> Self:
        """The document from JSON text; raises ConfigError."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError.at((), not_json(error)) from None
        return cls.parse(data)

    def to_json(self, indent: int | None = None) -> str:
        return self.model_dump_json(indent=indent)
