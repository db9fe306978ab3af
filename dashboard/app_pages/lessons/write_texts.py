"""The texts of a lesson that is being written: what is read, and what may be predicted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.words.i18n import _
from engine.lessons.lesson import MOST_WORDS, Lesson
from engine.lessons.sources import SOURCES

LONG = 2_000
LINE = 300


class Pen:
    """Draws the fields of one draft, whose keys no other draft has. They begin with what the
    lesson says that is changed; `missing` are the labels of those that must still be filled in."""

    def __init__(self, draft: str, start: Lesson | None) -> None:
        self._draft, self.start = draft, start
        self.missing: list[str] = []

    def name(self, field: str) -> str:
        """The key of a widget."""
        return f"{self._draft} {field}"

    def line(
        self, field: str, label: str, start: str = "", *, longest: int = LINE, needed: bool = True
    ) -> str:
        """A text of one line."""
        text = st.text_input(
            label, start, max_chars=longest, key=self.name(field), persist_state="session"
        )
        return self._read(str(text or ""), label, needed=needed)

    def area(
        self,
        field: str,
        label: str,
        start: str = "",
        *,
        longest: int = LONG,
        height: int = 120,
        needed: bool = True,
        **options: Any,
    ) -> str:
        """A text of several lines."""
        text = st.text_area(
            label,
            start,
            max_chars=longest,
            height=height,
            key=self.name(field),
            persist_state="session",
            **options,
        )
        return self._read(str(text or ""), label, needed=needed)

    def choose(
        self, field: str, label: str, words: Mapping[Any, str], start: Any = None, **options: Any
    ) -> Any:
        """One of a few."""
        keys = list(words)
        return st.selectbox(
            label,
            keys,
            index=keys.index(start) if start in keys else 0,
            format_func=words.__getitem__,
            key=self.name(field),
            persist_state="session",
            **options,
        )

    def _read(self, text: str, label: str, *, needed: bool) -> str:
        if needed and not text.strip():
            self.missing.append(label)
        return text.strip()


def texts(pen: Pen) -> dict[str, Any]:
    """What is read first, where the claim is made, and the predictions."""
    start = pen.start
    left, right = st.columns(2, gap="medium")
    with left:
        name = pen.line("name", _("Title"), _(start.name) if start else "")
        question = pen.area(
            "question", _("Question"), _(start.question) if start else "", longest=LINE, height=80
        )
        label = _("What to read first (at most {n} words)").format(n=MOST_WORDS)
        text = pen.area("text", label, _(start.text) if start else "", height=200)
    with right:
        choices = pen.area(
            "choices",
            _("Predictions (two to six, one in each line)"),
            "\n".join(map(_, start.choices)) if start else "",
            height=120,
        )
        equations = pen.area(
            "equations",
            _("Equations (at most two, LaTeX without dollars, one in each line)"),
            "\n".join(start.equations) if start else "",
            height=80,
            needed=False,
        )
        chapter = _chapter(pen)
    return {
        "name": name,
        "question": question,
        "text": text,
        "choices": _lines(choices),
        "equations": _lines(equations),
        "chapters": [chapter, *(start.chapters[1:] if start else ())],
    }


def _chapter(pen: Pen) -> dict[str, str]:
    """Where the claim is made: one of the sources that are known, or another."""
    first = pen.start.chapters[0] if pen.start else None
    words = {source: _(named.title) for source, named in SOURCES.items()}
    if first and first.source not in words:
        words = {first.source: first.source, **words}
    usual = first.source if first else "laboratory"
    source = st.selectbox(
        _("Source"),
        list(words),
        index=list(words).index(usual),
        format_func=lambda key: words.get(key, key),
        accept_new_options=True,
        key=pen.name("source"),
        persist_state="session",
        help=_("One of these, or type another."),
    )
    chapter = pen.line(
        "chapter",
        _("Chapter (optional)"),
        _(first.chapter) if first else "",
        longest=100,
        needed=False,
    )
    return {"source": str(source)[:200], "chapter": chapter}


def _lines(text: str) -> Sequence[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
