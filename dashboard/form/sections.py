"""The order of the launch form: sections, and the rows of fields within each."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.i18n import msg


@dataclass(frozen=True)
class Section:
    """A part of the form: fields of a configuration, those of one row together."""

    title: str
    rows: tuple[tuple[str, ...], ...] = ()
    is_stack: bool = False


SECTIONS = (
    Section(msg("Data"), (("dataset",), ("scaling",))),
    Section(msg("Network"), is_stack=True),
    Section(msg("Training"), (("optimizer",), ("batch_size", "epochs", "seed", "loss"))),
    Section(msg("Recording and arithmetic"), (("record",), ("dtype", "backend"))),
)
