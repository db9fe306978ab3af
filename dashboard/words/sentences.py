"""Errors in the reader's language.

An error is one English sentence made from a template. The catalogue knows the templates: here a
sentence is matched back to its own, so that no room below needs to know of languages. A sentence of
an unknown template stays English.
"""

from __future__ import annotations

import re
from functools import cache

from dashboard.words.i18n import _, msg
from db.query.errors import QueryError
from engine.errors import RULES, LayerlabError

_GOT = "; got "
_HINT = re.compile(r"(?P<text>.+); (?:did you mean `(?P<close>.+?)`\? )?known: (?P<known>.+)", re.S)

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
    # db.queue: why a run was stopped
    msg("Its time limit of {seconds} s was reached."),
    msg(
        "Its sweep gave it up: by epoch {epoch} its best validation loss was {loss}, above the"
        " others' median of {median}."
    ),
    # db.branches and engine.branching
    msg("there is no run {id}"),
    msg("run {id} has not ended yet: it is {status}"),
    msg(
        "run {id} diverged and would again; branch it from an earlier checkpoint, with other values"
    ),
    msg("run {id} keeps no checkpoint to go on from"),
    msg("run {id} keeps no checkpoint of its best validation; kept: {steps}"),
    msg("run {id} keeps no checkpoint of step {step}; kept: {steps}"),
    msg("the checkpoint of step {step} of run {id} is damaged; branch that run again"),
    msg("must be more than the {n} of the checkpoint"),
    msg("must keep the shapes that were trained, {shapes}"),
    msg("must keep the {n} layers that were trained"),
    msg("must keep the {n} steps of an epoch, in which runs are counted"),
    # engine.sweeps: what a sampler cannot work on
    msg("must vary two ranges or more with CMA-ES, which draws choices at random"),
    msg("needs PyTorch, which is not installed here: pip install torch"),
    # db.portable
    msg(
        "The file {file} is damaged or was not written by layerlab ({problem}), so nothing was"
        " imported; export the runs again."
    ),
    msg(
        "The file {file} is of version {found} of the format, which layerlab {program} wrote; this"
        " one reads versions up to {known}, so nothing was imported: update layerlab."
    ),
    # db.sweeps
    msg("must be active, neither paused nor cancelled, to grow; got {sweep}"),
    # runner.cluster: why a run waits
    msg("no worker runs layerlab {version} as the dispatcher does; update them"),
    msg("no worker has a GPU; start one with `--resources GPU=1`"),
    # engine: data sets, shapes and arrays
    msg(
        "`dataset.folder` must hold {files}; none in {folder} (set LAYERLAB_DATA_DIR to the folder"
        " above it)"
    ),
    msg("must name something below the data directory"),
    msg("`dataset.folder` must hold at least two samples"),
    msg("`dataset.folder` holds {images} {split} images but {labels} labels"),
    msg("`dataset.folder` cannot be read: {detail}"),
    msg(
        "`dataset.file` must name a file; there is no {path} (set LAYERLAB_DATA_DIR to its folder)"
    ),
    msg("`dataset.target` must be a column"),
    msg("{path} cannot be read as CSV: {detail}"),
    msg("{path} must have a feature and a target"),
    msg("{path} must have no empty cell; line {line} has one"),
    msg("the features of {path} must be numbers; column {column} is not"),
    msg("column {column} of {path} must hold numbers to be predicted"),
    msg("{path} unpacks to {size} bytes; at most {most} are read"),
    msg("{path} cannot be read as NPZ, it may be cut off: {detail}"),
    msg("{path} must hold an array {name}; it holds {found}"),
    msg("`{name}` in {path} must hold numbers, one row per sample"),
    msg(
        "{title} cannot be fetched from OpenML: {detail}. On a machine without access, put its IDX"
        " files into a folder below {folder} and use the data set `idx`, or an NPZ file and `npz`"
    ),
    msg("{path} cannot be read: {detail}; delete it to fetch it again"),
    msg("{path} must hold samples {shape}"),
    msg("a data set must hold at least 2 samples"),
    msg("the {split} samples must be finite"),
    msg("{path} is not an IDX file: it begins with {begin}"),
    msg("{path} is cut off in its header; fetch it again"),
    msg("{path} is cut off: {size} bytes announced; fetch it again"),
    msg("{path} cannot be read: {detail}"),
    msg("must end in {n} outputs, one per class of the data set"),
    msg("must end in {n} outputs, one per target of the data set"),
    msg("must be mean_squared_error where the data set has numbers to predict, not classes"),
    msg("needs flat samples"),
    msg("needs images (height, width, channels)"),
    msg("needs images of at least {size} x {size_too} cells, or `padding` same"),
    msg("must be valid JSON; {detail}"),
    msg("must be at most {n} characters long"),
    # db.query
    msg("at most {n} words are looked for at a time"),
    msg("`{name}` is nothing known of a run"),
    msg("`{name}` is nothing known of a run; did you mean {names}?"),
    msg("expected {what}"),
    msg("the query ends too soon: expected {what}"),
    msg("`{name}` may be {names}; write one"),
    msg("`{name}` is a number: compare it with =, <, <=, > or >="),
    msg("`{name}` is a number"),
    msg("`{name}` is a text: compare it with =, !=, in or like"),
    msg("`{name}` is one of {choices}"),
    msg("`{name}` is true or false: compare it with = or !="),
    msg("`{name}` is true or false"),
    msg("`{name}` is a date: compare it with =, <, <=, > or >="),
    msg("`{name}` is a date, such as 2026-11-21 or 7 days ago"),
    msg("`none` goes with = and != only"),
    msg("`{character}` means nothing here"),
    msg("the text that begins here needs a closing {quote}"),
    msg("at most {n} levels of `not`, `and` and `or` are understood"),
    msg("a query is at most {n} characters long"),
)


def sentence(text: str) -> str:
    """An error's sentence in the reader's language."""
    hinted = _HINT.fullmatch(text)
    if hinted is None:
        return _plain(text)
    facts = hinted.groupdict() | {"text": _plain(hinted["text"])}
    hint = _("{text}; did you mean `{close}`? known: {known}")
    return (hint if hinted["close"] else _("{text}; known: {known}")).format_map(facts)


def _plain(text: str) -> str:
    """A sentence without its hints."""
    rule, got, value = text.partition(_GOT)
    translated = _matched(rule)
    if not got:
        return translated
    return _("{rule}; got {value}").format(rule=translated, value=value)


def error_text(error: LayerlabError) -> str:
    """The whole message of an error in the reader's language; where in a query it is, `pointer`
    says."""
    return sentence(error.problem if isinstance(error, QueryError) else str(error))


def _matched(text: str) -> str:
    for template, pattern in _patterns():
        found = pattern.fullmatch(text)
        if found:
            return _(template).format(**found.groupdict())
    return text


@cache
def _patterns() -> list[tuple[str, re.Pattern[str]]]:
    """Each template and what its sentences look like; those that say most themselves first, so that
    none is taken for a vaguer one."""

    def said(template: str) -> int:
        return len(re.sub(r"\{\w+\}", "", template))

    rules = (rule.template for rule in RULES.values())
    templates = sorted({*TEMPLATES, *rules}, key=lambda t: (-said(t), t))
    return [(template, _pattern(template)) for template in templates]


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    text = "".join(f"(?P<{part}>.+?)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(text, re.DOTALL)
