"""Who may do what: one table of actions and roles.

    store.acting_as(person).runs.rename(7, "mine")   # RightsError where run 7 is another's

The Store asks it in the transaction that would change something (`db/acting.py`), whatever a page
offers.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Literal

from engine.errors import LayerlabError
from engine.messages import Message

Kind = Literal["run", "sweep", "view", "data", "class", "lesson", "queue", "person"]
"""Kinds of things that people change."""


class RightsError(LayerlabError):
    """Whoever asks may not do this."""


class Role(StrEnum):
    """What somebody is here; each may do what those before it may."""

    VIEWER = "viewer"
    STUDENT = "student"
    TEACHER = "teacher"
    ADMIN = "admin"


class Reach(IntEnum):
    """How far a right goes: to nothing, to what one has made oneself, to everything."""

    NONE = 0
    OWN = 1
    ALL = 2


class Action(StrEnum):
    """Something that changes what is kept, or shows what is not everybody's."""

    LAUNCH = "launch"
    PREDICT = "predict"
    ADD_DATA = "add data"
    IMPORT = "import"
    SAVE_VIEW = "save view"

    CANCEL = "cancel"
    PAUSE = "pause"
    RESUME = "resume"
    RETRY = "retry"
    EXTEND = "extend"
    RENAME = "rename"
    TAG = "tag"
    NOTE = "note"
    ARCHIVE = "archive"
    DELETE = "delete"
    REMOVE_DATA = "remove data"

    PRIORITIZE = "prioritize"
    HOLD_QUEUE = "hold queue"
    LIMIT_OWNERS = "limit owners"
    MAKE_CLASS = "make class"
    WRITE_LESSON = "write lesson"
    READ_AUDIT = "read audit"

    PURGE = "purge"
    MANAGE_PEOPLE = "manage people"


def _rights(viewer: Reach, student: Reach, teacher: Reach, admin: Reach) -> Mapping[Role, Reach]:
    return MappingProxyType(dict(zip(Role, (viewer, student, teacher, admin), strict=True)))


_ADD = _rights(Reach.NONE, Reach.OWN, Reach.ALL, Reach.ALL)
_CHANGE = _rights(Reach.NONE, Reach.OWN, Reach.ALL, Reach.ALL)
_LEAD = _rights(Reach.NONE, Reach.NONE, Reach.ALL, Reach.ALL)
_RULE = _rights(Reach.NONE, Reach.NONE, Reach.NONE, Reach.ALL)

RIGHTS: Mapping[Action, Mapping[Role, Reach]] = MappingProxyType(
    {
        Action.LAUNCH: _ADD,
        Action.PREDICT: _ADD,
        Action.ADD_DATA: _ADD,
        Action.IMPORT: _ADD,
        Action.SAVE_VIEW: _ADD,
        Action.CANCEL: _CHANGE,
        Action.PAUSE: _CHANGE,
        Action.RESUME: _CHANGE,
        Action.RETRY: _CHANGE,
        Action.EXTEND: _CHANGE,
        Action.RENAME: _CHANGE,
        Action.TAG: _CHANGE,
        Action.NOTE: _CHANGE,
        Action.ARCHIVE: _CHANGE,
        Action.DELETE: _CHANGE,
        Action.REMOVE_DATA: _CHANGE,
        Action.PRIORITIZE: _LEAD,
        Action.HOLD_QUEUE: _LEAD,
        Action.LIMIT_OWNERS: _LEAD,
        Action.MAKE_CLASS: _LEAD,
        Action.WRITE_LESSON: _LEAD,
        Action.READ_AUDIT: _LEAD,
        Action.PURGE: _RULE,
        Action.MANAGE_PEOPLE: _RULE,
    }
)

WORDS: Mapping[Action, Message] = MappingProxyType(
    {
        Action.LAUNCH: Message("launch runs"),
        Action.PREDICT: Message("answer lessons"),
        Action.ADD_DATA: Message("add data"),
        Action.IMPORT: Message("import runs"),
        Action.SAVE_VIEW: Message("save views"),
        Action.CANCEL: Message("cancel this"),
        Action.PAUSE: Message("pause this"),
        Action.RESUME: Message("let this go on"),
        Action.RETRY: Message("queue this again"),
        Action.EXTEND: Message("extend this"),
        Action.RENAME: Message("rename this"),
        Action.TAG: Message("tag this"),
        Action.NOTE: Message("write a note about this"),
        Action.ARCHIVE: Message("archive this, or bring it back"),
        Action.DELETE: Message("delete this, or restore it"),
        Action.REMOVE_DATA: Message("remove this data"),
        Action.PRIORITIZE: Message("set priorities"),
        Action.HOLD_QUEUE: Message("hold the queue"),
        Action.LIMIT_OWNERS: Message("limit how many runs of each owner train at a time"),
        Action.MAKE_CLASS: Message("make classes"),
        Action.WRITE_LESSON: Message("write lessons"),
        Action.READ_AUDIT: Message("read who changed what"),
        Action.PURGE: Message("remove runs for good"),
        Action.MANAGE_PEOPLE: Message("say who may do what"),
    }
)
"""What a refusal says of each action."""

_THINGS: Mapping[Kind, Message] = MappingProxyType(
    {
        "run": Message("run {key}"),
        "sweep": Message("sweep {key}"),
        "view": Message("view {key}"),
        "data": Message("data {key}"),
        "class": Message("class {key}"),
        "lesson": Message("lesson {key}"),
    }
)

ROLES: Mapping[Role, Message] = MappingProxyType(
    {
        Role.VIEWER: Message("viewer"),
        Role.STUDENT: Message("student"),
        Role.TEACHER: Message("teacher"),
        Role.ADMIN: Message("administrator"),
    }
)


def refusal(action: Action, role: Role) -> RightsError:
    """The error for somebody of a role that may not do this at all."""
    told = Message("You may not {what}: you are a {role} here.")
    return RightsError(told.filled(what=WORDS[action], role=ROLES[role]))


def not_yours(action: Action, role: Role, kind: Kind, key: object) -> RightsError:
    """The error for somebody who may do this with what is their own, but not with this thing."""
    thing = _THINGS[kind].filled(key=key)
    told = Message("You may not {what}: {thing} is another person's, and you are a {role} here.")
    return RightsError(told.filled(what=WORDS[action], thing=thing, role=ROLES[role]))


def may(role: Role, action: Action, *, own: bool = True) -> bool:
    """Whether somebody of a role may do this, with what is their `own` or with what is not."""
    return RIGHTS[action][role] >= (Reach.OWN if own else Reach.ALL)
