"""A report before it has a form: headings, sentences, tables and charts, in one language."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from dashboard.views.charts.written import Chart


@dataclass(frozen=True)
class Figure:
    """A chart and what it shows; `name` is its file's. A `wide` one has a row to itself."""

    name: str
    title: str
    chart: Chart
    wide: bool = False


@dataclass(frozen=True)
class Block:
    """A table of texts, and what it shows."""

    title: str
    frame: pd.DataFrame


@dataclass(frozen=True)
class Section:
    """A heading with what stands below it."""

    title: str
    text: str = ""
    tables: tuple[Block, ...] = ()
    figures: tuple[Figure, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Report:
    """The whole: `remarks` are its author's words, `facts` say what of and when."""

    title: str
    language: str
    facts: tuple[str, ...]
    remarks: str
    sections: tuple[Section, ...]

    @property
    def figures(self) -> list[Figure]:
        return [figure for section in self.sections for figure in section.figures]
