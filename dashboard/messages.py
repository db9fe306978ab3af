"""Every text that the catalogues must hold, found rather than listed.

Those written in the dashboard are marked by `_`, `msg` and `ngettext`, messages of all rooms are
written as `Message`, and those declared by specs and records are walked.
`python -m dashboard.messages` brings the catalogues up to date: new texts come in empty, those that
are gone go. With `--init fr` it begins a catalogue of a new language.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from babel.core import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic.fields import FieldInfo

from dashboard.words.i18n import CATALOGUES
from dashboard.words.parameters import kinds
from db.models import ParamRow
from db.query.names import names
from engine.analyses.surfaces import SURFACES
from engine.config import RunConfig
from engine.layer_statistics import STATISTICS
from engine.lessons.lesson import texts_of
from engine.lessons.ours import LESSONS
from engine.lessons.scores import SCORES
from engine.lessons.sources import SOURCES
from engine.spec import Spec, extra, label_of
from engine.stack import Multilayer
from engine.sweeps.config import SweepConfig

HOUSE = Path(__file__).parent.parent
ROOMS = ("dashboard", "db", "engine", "runner")
KEYWORDS = {"_": None, "msg": None, "ngettext": (1, 2), "Message": None}


def catalogue() -> Catalog:
    """All messages, untranslated, each with the places it comes from."""
    found = Catalog(project="layerlab", charset="utf-8")
    for room in ROOMS:
        for name, line, message, comments, _context in extract_from_dir(
            HOUSE / room, [("**.py", "python")], keywords=KEYWORDS
        ):
            found.add(message, locations=[(f"{room}/{name}", line)], auto_comments=comments)
    for place, text in declared():
        found.add(text, locations=[(place, 0)])
    return found


def declared() -> Iterator[tuple[str, str]]:
    """The texts that other rooms declare, each with its place."""
    roots = (RunConfig, Multilayer, SweepConfig)
    specs: list[type[Spec]] = [*roots, *(kind for root in roots for kind in kinds(root))]
    for spec in dict.fromkeys(specs):
        yield from _of_spec(spec)
    for statistic in STATISTICS:
        yield "engine/layer_statistics.py", statistic.label
        yield "engine/layer_statistics.py", statistic.description
    for surface in SURFACES.values():
        yield "engine/analyses/surfaces.py", surface.title
    yield from _of_lessons()
    for name in names().values():
        if name.table is not ParamRow.__table__:  # those are the specs'
            yield "db/query/names.py", name.description


def _of_lessons() -> Iterator[tuple[str, str]]:
    place = "engine/lessons"
    for score in SCORES.values():
        yield f"{place}/scores.py", score.label
    for source in SOURCES.values():
        for text in filter(None, (source.title, source.chapters)):
            yield f"{place}/sources.py", text
    for lesson in LESSONS:
        for text in texts_of(lesson):
            yield f"{place}/ours.py", text


def _of_spec(spec: type[Spec]) -> Iterator[tuple[str, str]]:
    place = f"{spec.__module__.replace('.', '/')}.py"
    if "kind" in spec.model_fields:
        yield place, spec.title()
        if spec.summary():
            yield place, spec.summary()
    for name, field in spec.model_fields.items():
        if name != "kind":
            for text in _of_field(name, field):
                yield place, text
            inner = field.annotation
            if isinstance(inner, type) and issubclass(inner, Spec):
                yield from _of_spec(inner)


def _of_field(name: str, field: FieldInfo) -> Iterator[str]:
    yield label_of(name, field)
    yield str(field.description)
    if extra(field, "unit"):
        yield str(extra(field, "unit"))
    if get_origin(field.annotation) is Literal:
        yield from map(str, get_args(field.annotation))


def update() -> None:
    """Bring every catalogue up to date."""
    template = catalogue()
    for path in sorted(CATALOGUES.glob("*/layerlab.po")):
        with path.open("rb") as file:
            held = read_po(file, locale=path.parent.name)
        held.update(template, no_fuzzy_matching=True)
        held.obsolete.clear()
        _write(held, path)


def begin(language: str) -> Path:
    """A new language's catalogue, every text in it still to be translated."""
    try:
        Locale.parse(language)
    except (ValueError, UnknownLocaleError):
        raise SystemExit(f"`{language}` must be a language's code, such as fr or pt_BR.") from None
    path = CATALOGUES / language / "layerlab.po"
    if path.exists():
        raise SystemExit(f"There is a catalogue {path} already; translate what is empty in it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    empty = catalogue()
    empty.locale = Locale.parse(language)
    _write(empty, path)
    return path


def _write(catalogue: Catalog, path: Path) -> None:
    with path.open("wb") as out:
        write_po(
            out, catalogue, width=100, sort_by_file=True, include_lineno=False, omit_header=True
        )


def main() -> None:
    """Bring the catalogues up to date, or begin one."""
    parser = argparse.ArgumentParser(prog="python -m dashboard.messages", description=main.__doc__)
    parser.add_argument("--init", metavar="LANGUAGE", help="begin a catalogue: fr")
    language = parser.parse_args().init
    if language is None:
        update()
    else:
        path = begin(language)
        print(f"Translate {path}, and add its label to LANGUAGES in dashboard/words/reader.py.")


if __name__ == "__main__":
    main()
