"""Texts are data in every room: what is raised, told of a run or found is a template and its
values, and each template is in every catalogue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from typing import TypeGuard

import pytest
from babel.messages.pofile import read_po

from dashboard.messages import HOUSE, ROOMS
from dashboard.words.i18n import CATALOGUES
from dashboard.words.reader import LANGUAGES
from engine.messages import places

pytestmark = pytest.mark.xdist_group("texts")  # they read the same

TELLS = {"log", "tell", "release", "end", "finish", "explain", "prune", "Ending", "Hindrance"}
"""Calls that say of a run why: their reasons are kept as events."""

WHOLE = ast.Constant | ast.JoinedStr
IN_WORDS = re.compile(r"[a-z]{2,}[,;:]? [a-z]{2,}")
NOT_SHOWN = {"AssertionError", "NotImplementedError", "TypeError", "ValueError"}
NOT_SHOWN |= {"ClusterError", "SystemExit"}
"""Mistakes of the program, and what is said only to the dispatcher's log or to a terminal."""


@cache
def sources() -> list[tuple[str, list[ast.AST]]]:
    """Every file of the rooms, and all that it holds."""
    return [
        (path.relative_to(HOUSE).as_posix(), [*ast.walk(ast.parse(path.read_text("utf-8")))])
        for room in ROOMS
        for path in sorted((HOUSE / room).rglob("*.py"))
    ]


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """Hundreds of thousands of objects are read, which no other test needs."""
    yield
    sources.cache_clear()


def called(call: ast.AST) -> str:
    """The last name of what is called: `release` of `store.queue.release(...)`."""
    function = call.func if isinstance(call, ast.Call) else call
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def written(node: ast.AST) -> Iterator[str]:
    """The texts in an expression but for those of its messages."""
    if isinstance(node, WHOLE):
        parts = [node] if isinstance(node, ast.Constant) else node.values
        yield "".join(str(part.value) for part in parts if _text(part))
    elif not (isinstance(node, ast.Call) and called(node) == "Message"):
        for child in ast.iter_child_nodes(node):
            yield from written(child)


def _text(node: ast.AST) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def raises(*, shown: bool = True) -> list[tuple[str, ast.Raise]]:
    """Every raise of something that a user may meet, with its place; or every ValueError."""
    return [
        (f"{name}:{node.lineno}", node)
        for name, nodes in sources()
        for node in nodes
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and (called(node.exc) not in NOT_SHOWN if shown else called(node.exc) == "ValueError")
    ]


def templates() -> dict[str, str]:
    """Every template, and a place where it stands."""
    found = {}
    for name, nodes in sources():
        for node in nodes:
            if isinstance(node, ast.Call) and called(node) == "Message" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant):
                    found[str(first.value)] = f"{name}:{node.lineno}"
    return found


def test_every_raise_says_what_it_says_in_a_message() -> None:
    found = raises()
    bare = [
        f"{place}: {text}"
        for place, node in found
        for text in written(node)
        if IN_WORDS.search(text)
    ]
    assert bare == [], "write it as Message(template, ...)"
    assert len(found) > 180, "the walk has lost its way"


def test_a_rule_of_a_spec_is_broken_with_a_message() -> None:
    """A ValueError would pass through Pydantic too, as an English text."""
    engine = [place for place, node in raises(shown=False) if place.startswith("engine/")]
    assert engine == []


def test_no_error_of_ours_is_raised_with_a_text_that_was_put_together_before() -> None:
    """`rule = "must ..."; raise ConfigError.at(("lr",), rule)`: the template would be nowhere."""
    bare = []
    for name, nodes in sources():
        for function in nodes:
            if not isinstance(function, ast.FunctionDef):
                continue
            prose = {
                target.id: text
                for node in ast.walk(function)
                if isinstance(node, ast.Assign) and isinstance(node.value, WHOLE)
                for text in written(node.value)
                for target in node.targets
                if isinstance(target, ast.Name) and IN_WORDS.search(text)
            }
            used = {
                part.id
                for node in ast.walk(function)
                if isinstance(node, ast.Raise) and node.exc and called(node.exc) not in NOT_SHOWN
                for part in ast.walk(node)
                if isinstance(part, ast.Name)
            }
            bare += [f"{name}: {prose[each]}" for each in prose.keys() & used]
    assert bare == []


def test_every_reason_of_an_event_is_a_message() -> None:
    calls = [
        (f"{name}:{node.lineno}", node)
        for name, nodes in sources()
        if not name.startswith("dashboard/")
        for node in nodes
        if isinstance(node, ast.Call) and called(node) in TELLS
    ]
    bare = [
        f"{place}: {text}"
        for place, node in calls
        for text in written(node)
        if IN_WORDS.search(text)
    ]
    assert bare == []
    assert len(calls) > 50


def test_every_template_is_a_literal_where_it_stands() -> None:
    """Anything else would be in no catalogue; only what reads messages back makes others."""
    unmarked = [
        f"{name}:{node.lineno}"
        for name, nodes in sources()
        for node in nodes
        if isinstance(node, ast.Call)
        and called(node) == "Message"
        and not (node.args and _text(node.args[0]))
        and name != "engine/messages.py"
    ]
    assert unmarked == []


def test_no_text_of_ours_is_passed_off_as_somebody_elses() -> None:
    """`verbatim` is for what no catalogue can hold."""
    ours = [
        f"{name}:{node.lineno}: {text}"
        for name, nodes in sources()
        for node in nodes
        if isinstance(node, ast.Call) and called(node) == "verbatim"
        for text in written(node)
        if IN_WORDS.search(text)
    ]
    assert ours == []


def test_a_template_takes_each_value_once() -> None:
    """A message that a database or a file kept would else be shown as it stands."""
    twice = {
        place: template
        for template, place in templates().items()
        if len(re.findall(r"\{\w+", template)) > len(places(template))
    }
    assert twice == {}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_template_is_translated_with_its_values(language: str) -> None:
    with (CATALOGUES / language / "layerlab.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    found = templates()
    missing = {t: p for t, p in found.items() if not (t in catalogue and catalogue[t].string)}
    assert missing == {}
    uneven = {t: p for t, p in found.items() if places(t) != places(str(catalogue[t].string))}
    assert uneven == {}
    assert len(found) > 250
