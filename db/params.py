"""Hyperparameters as rows: numbers, texts and truths each in a column of their own."""

from __future__ import annotations

from typing import Any

from db.words import clean
from engine.config import RunConfig

Param = float | str | bool | None


def param_rows(run_id: int, config: RunConfig) -> list[dict[str, Any]]:
    """One row per hyperparameter, by its dotted name."""
    return [
        {"run_id": run_id, "name": name, "place": place, **_columns(value)}
        for place, (name, value) in enumerate(config.flat().items())
    ]


def _columns(value: Any) -> dict[str, Any]:
    columns: dict[str, Any] = {"number": None, "text": None, "flag": None}
    if isinstance(value, bool):
        columns["flag"] = value
    elif isinstance(value, int | float):
        columns["number"] = value
    elif value is not None:
        columns["text"] = clean(str(value))
    return columns


def value_of(number: float | None, text: str | None, flag: bool | None) -> Param:
    """The value that a row holds; whole numbers as int."""
    if number is not None:
        return int(number) if number.is_integer() else number
    return text if text is not None else flag
