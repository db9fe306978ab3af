"""Every text that the catalogues must hold, found rather than listed.

Those written in the dashboard are marked by `_`, `msg` and `ngettext`, messages of all rooms are
written as `Message`, and those declared by specs and records are walked.
`python -m dashboard.messages` brings the catalogues up to date: new texts come in empty, those that
are gone go.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po
from pydantic.fields import FieldInfo

from dashboard.words.i18n import CATALOGUES
from dashboard.words.parameters import kinds
from dashboard.words.reader import LANGUAGES
from db.models import ParamRow
from db.query.names import names
from engine.analyses.surfaces import SURFACES
from engine.config import RunConfig
from engine.records import STATISTICS
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
        yield "engine/records.py", statistic.label
        yield "engine/records.py", statistic.description
    for surface in SURFACES.values():
        yield "engine/analyses/surfaces.py", surface.title
    for name in names().values():
        if name.table is not ParamRow.__table__:  # those are the specs'
            yield "db/query/names.py", name.description


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
    for language in LANGUAGES:
        path = CATALOGUES / language / "layerlab.po"
        if path.exists():
            with path.open("rb") as file:
                held = read_po(file, locale=language)
            held.update(template, no_fuzzy_matching=True)
            held.obsolete.clear()
            with path.open("wb") as out:
                write_po(
                    out, held, width=100, sort_by_file=True, include_lineno=False, omit_header=True
                )


if __name__ == "__main__":
    update()
