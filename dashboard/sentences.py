"""Errors in the reader's language.

An error is one English sentence made from a template. The catalogue knows the templates: here a
sentence is matched back to its own, so that no room below needs to know of languages. A sentence of
an unknown template stays English.
"""

from __future__ import annotations

import re
from functools import cache

from dashboard.i18n import _, msg
from engine.errors import RULES, LayerlabError

_GOT = "; got "

TEMPLATES = (
    # db.errors and db.schema
    msg("The disk that holds the database {place} is full, so this was not kept; free some space."),
    msg("The database {place} is read-only; make it (and a file's folder) writable for you."),
    msg("The database {place} stayed locked by another program; close it and try again."),
    msg(
        "The database {place} cannot be reached ({detail}); start its server, or correct the"
        " address in LAYERLAB_DATABASE_URL."
    ),
    msg(
        "The database {place} cannot be opened; its folder must exist and you need the right to"
        " write there."
    ),
    msg("The file {place} is no SQLite database, or is damaged; restore it, or name another."),
    msg("The database {place} failed: {detail}."),
    msg("There is no database {place} yet; run `layerlab db upgrade`."),
    msg(
        "The tables of the database {place} are older than this program (revision {revision},"
        " needed {head}); run `layerlab db upgrade`."
    ),
    msg(
        "The database {place} was made by a newer layerlab (revision {revision}, this one knows"
        " {head}); update the program."
    ),
    # engine: data sets, shapes and arrays
    msg(
        "`dataset.folder` must hold {files}; none in {folder} (set LAYERLAB_DATA_DIR to the folder"
        " above it)"
    ),
    msg("must name a folder below the data directory"),
    msg("{path} is not an IDX file: it begins with {begin}"),
    msg("{path} is cut off in its header; fetch it again"),
    msg("{path} is cut off: {size} bytes announced; fetch it again"),
    msg("{path} cannot be read: {detail}"),
    msg("must end in {n} outputs, one a class of the data set"),
    msg("needs flat samples"),
    msg("must be valid JSON; {detail}"),
    msg("must be at most {n} characters long"),
)


def sentence(text: str) -> str:
    """An error's sentence in the reader's language."""
    rule, got, value = text.partition(_GOT)
    translated = _matched(rule)
    if not got:
        return translated
    return _("{rule}; got {value}").format(rule=translated, value=value)


def error_text(error: LayerlabError) -> str:
    """The whole message of an error in the reader's language."""
    return sentence(str(error))


def _matched(text: str) -> str:
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return _(template).format(**found.groupdict())
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each template and what its sentences look like; those without holes first."""
    templates = sorted({*TEMPLATES, *RULES.values()} - {"{error}"}, key=lambda t: "{" in t)
    return [(template, _pattern(template)) for template in templates]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(text, re.DOTALL)
