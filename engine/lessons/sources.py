"""The sources whose claims the lessons judge, by the keys that a chapter names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """What a source is called, and which of its chapters are covered."""

    title: str
    chapters: str = ""


SOURCES: Mapping[str, Source] = {
    "hands-on": Source("Hands-On Machine Learning", "11.1.3 to 11.2.3"),
    "from-scratch": Source("Deep Learning from Scratch", "6.2 and 6.3"),
    "article": Source("An article on Batch Normalization"),
    "note": Source("A note on optimizers, initial weights and activations"),
    "questions": Source("Questions on Batch Normalization"),
    "laboratory": Source("Beside the books"),
}
