"""Changes in words: who did what to which thing, and what differed before and after."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pandas as pd

from dashboard.views.rows import Cell, Column, Row, Table
from dashboard.views.status import status_name
from dashboard.words.i18n import _, moment, msg
from dashboard.words.parameters import NO, YES
from dashboard.words.sentences import sentence
from dashboard.words.text import plain
from db.records import Change, Request, Status, SweepState
from db.rights import ROLES, Action, Role

ACTIONS: Mapping[Action, str] = MappingProxyType(
    {
        Action.LAUNCH: msg("Launch"),
        Action.PREDICT: msg("Predict"),
        Action.WRITE_LESSON: msg("Write a lesson"),
        Action.ADD_DATA: msg("Add data"),
        Action.IMPORT: msg("Import"),
        Action.SAVE_VIEW: msg("Save a view"),
        Action.CANCEL: msg("Cancel"),
        Action.PAUSE: msg("Pause"),
        Action.RESUME: msg("Resume"),
        Action.RETRY: msg("Retry"),
        Action.EXTEND: msg("Extend"),
        Action.RENAME: msg("Rename"),
        Action.TAG: msg("Tag"),
        Action.NOTE: msg("Note"),
        Action.ARCHIVE: msg("Archive, or bring back"),
        Action.DELETE: msg("Delete, or restore"),
        Action.REMOVE_DATA: msg("Remove data"),
        Action.PRIORITIZE: msg("Priority"),
        Action.HOLD_QUEUE: msg("Hold the queue, or release it"),
        Action.LIMIT_OWNERS: msg("Limit owners"),
        Action.MAKE_CLASS: msg("Make a class"),
        Action.READ_AUDIT: msg("Read who changed what"),
        Action.PURGE: msg("Remove for good"),
        Action.MANAGE_PEOPLE: msg("People"),
    }
)

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "run": msg("Run"),
        "sweep": msg("Sweep"),
        "view": msg("Saved view"),
        "data": msg("Data"),
        "class": msg("Class"),
        "lesson": msg("Lesson"),
        "queue": msg("Queue"),
        "person": msg("Person"),
        "prediction": msg("Prediction"),
    }
)

FACTS: Mapping[str, str] = MappingProxyType(
    {
        "name": msg("Name"),
        "owner": msg("Owner"),
        "status": msg("Status"),
        "request": msg("Asked to"),
        "priority": msg("Priority"),
        "time_limit": msg("Time limit (s)"),
        "archived_at": msg("Archived at"),
        "deleted_at": msg("Deleted at"),
        "tags": msg("Tags"),
        "note": msg("Note"),
        "state": msg("State"),
        "definition": msg("Definition"),
        "version": msg("Version"),
        "content": msg("Content (SHA-256)"),
        "lessons": msg("Lessons"),
        "until": msg("Until"),
        "document": msg("Document"),
        "paused": msg("Held"),
        "owner_limit": msg("Runs of each owner"),
        "issuer": msg("Issuer"),
        "subject": msg("Subject"),
        "role": msg("Role"),
        "disabled": msg("Disabled"),
        "sessions_valid_after": msg("Sessions valid after"),
        "choice": msg("Choice"),
    }
)
"""What is compared of things (`db/audit.py`), as readers know it."""

_SWEEPS = {
    SweepState.ACTIVE: msg("Goes on"),
    SweepState.PAUSED: msg("Paused"),
    SweepState.CANCELLED: msg("Cancelled"),
}
_REQUESTS = {
    Request.CANCEL: msg("Cancel"),
    Request.PAUSE: msg("Pause"),
    Request.PRUNE: msg("Give up"),
}

IN_A_LIST = 300
"""Letters of a change that a list shows."""

WHOLE = 5_000
"""Letters of a value that are shown of a change; the file holds all."""

_PAGES = {
    "run": ("run", "id"),
    "sweep": ("compare", "sweep"),
    "data": ("data", "data"),
    "class": ("lessons", "class"),
    "lesson": ("lessons", "lesson"),
}


def action_name(action: Action) -> str:
    """What was done, in the reader's words."""
    return _(ACTIONS[action])


def kind_name(kind: str) -> str:
    """A kind of things, in the reader's words."""
    return _(KINDS[kind])


def thing_name(change: Change) -> str:
    """The thing that was changed: Run 7."""
    if change.kind == "queue":
        return kind_name(change.kind)
    return f"{kind_name(change.kind)} {change.key}"


def page_of(change: Change) -> tuple[str, dict[str, str]] | None:
    """The page that shows the thing, and the address of it there; None where none does."""
    if change.kind not in _PAGES or change.after is None:
        return None
    page, name = _PAGES[change.kind]
    return page, {name: change.key}


def changes_table(changes: Sequence[Change]) -> Table:
    """A row for each change."""
    columns = {
        "at": Column(_("When")),
        "who": Column(_("Who")),
        "what": Column(_("What was done")),
        "change": Column(_("What changed")),
    }
    return Table(_("To what"), columns, [_row(change) for change in changes])


def _row(change: Change) -> Row:
    cells: dict[str, Cell] = {
        "at": moment(change.at),
        "who": change.name,
        "what": action_name(change.action),
        "change": change_text(change)[:IN_A_LIST],
    }
    return Row(change.id, thing_name(change), cells)


def change_text(change: Change) -> str:
    """What differs, on one line."""
    before, after = change.before, change.after
    if after is None:
        return _("Gone: {facts}").format(facts=_facts(before or {}))
    if before is None:
        return _("New: {facts}").format(facts=_facts(after))
    return _("; ").join(
        _fact(name, f"{_value(name, before.get(name))} → {_value(name, value)}")
        for name, value in after.items()
    )


def _facts(facts: Mapping[str, Any]) -> str:
    told = {name: value for name, value in facts.items() if value not in (None, "", [])}
    return _("; ").join(_fact(name, _value(name, value)) for name, value in told.items())


def _fact(name: str, value: str) -> str:
    return _fact_text(_fact_name(name), value)


def _fact_text(name: str, value: str) -> str:
    return _("{name}: {value}").format(name=name, value=value)


def told_whole(change: Change) -> str:
    """A heading for all of a change. Markdown."""
    return plain(_fact_text(f"#{change.id} {thing_name(change)}", action_name(change.action)))


def by_whom(change: Change) -> str:
    """Who made a change, and when. Markdown."""
    return plain(f"{change.name}, {moment(change.at)}")


def whole_change(change: Change) -> pd.DataFrame:
    """A row for each fact that differs, with all that stood there. Cells are Markdown."""
    before, after = change.before or {}, change.after or {}
    lines = {
        plain(_fact_name(name)): [_whole(name, facts) for facts in (before, after)]
        for name in dict.fromkeys((*before, *after))
    }
    columns = [_("Before"), _("After")]
    return pd.DataFrame.from_dict(lines, orient="index", columns=columns)


def _whole(name: str, facts: Mapping[str, Any]) -> str:
    text = _value(name, facts[name]) if name in facts else "–"
    return plain(text if len(text) <= WHOLE else text[:WHOLE] + "…")


def _fact_name(name: str) -> str:
    return _(FACTS[name]) if name in FACTS else name


def _value(name: str, value: Any) -> str:
    """A value in the reader's words."""
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _(YES if value else NO)
    if name == "status":
        return status_name(Status(value))
    if name == "state" and isinstance(value, str):
        return _(_SWEEPS[SweepState(value)])
    if name == "request":
        return _(_REQUESTS[Request(value)])
    if name == "role":
        return sentence(ROLES[Role(value)])
    if name in ("until", "sessions_valid_after") or name.endswith("_at"):
        return moment(datetime.fromisoformat(value))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
