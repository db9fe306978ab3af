"""Nothing that a reader sees is left untranslated, and nothing in a catalogue is dead."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

import dashboard
from dashboard.messages import KEYWORDS, catalogue
from dashboard.state.pages import PAGES
from dashboard.words.i18n import CATALOGUES, translations
from dashboard.words.reader import LANGUAGES

TRANSLATED = [language for language in LANGUAGES if language != "en"]


def held(language: str) -> Catalog:
    with (CATALOGUES / language / "layerlab.po").open("rb") as file:
        return read_po(file, locale=language)


def texts(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


@pytest.fixture(scope="module")
def template() -> Catalog:
    return catalogue()


def test_no_text_is_marked_where_it_cannot_be_found() -> None:
    """Inside an f-string the extraction is blind: such a text would stay English for everybody."""
    hidden = [
        f"{path.name}:{call.lineno}"
        for path in Path(dashboard.__file__).parent.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
        and isinstance(call.args[0], ast.Constant)
    ]
    assert hidden == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str, template: Catalog) -> None:
    translated = held(language)
    missing = [m.id for m in template if m.id and m.id not in translated]
    empty = [m.id for m in translated if m.id and not all(texts(m))]
    fuzzy = [m.id for m in translated if m.id and m.fuzzy]
    hint = "run `python -m dashboard.messages`, then translate what is empty"
    assert (missing, empty, fuzzy) == ([], [], []), hint


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_dead(language: str, template: Catalog) -> None:
    translated = held(language)
    assert [m.id for m in translated if m.id and m.id not in template] == []
    assert not translated.obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_keeps_the_holes_of_its_text(language: str) -> None:
    def holes(text: str) -> set[str]:
        return set(re.findall(r"\{\w*\}", text))

    for message in held(language):
        if message.id:
            source = message.id if isinstance(message.id, str) else message.id[-1]
            for text in texts(message):
                assert holes(text) == holes(source), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_catalogue_is_read_at_run_time(language: str) -> None:
    assert translations(language).gettext(PAGES[0].title) != PAGES[0].title
