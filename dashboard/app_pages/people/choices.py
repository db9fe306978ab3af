"""Which changes are shown: by whom, what was done, and to which things."""

from __future__ import annotations

from dashboard.state.choices import Numbers, OneOf, Text
from db.audit import KINDS
from db.rights import Action

_ANEW = ("page", "selected")
LONGEST_KEY = 142

WHO: OneOf[int | None] = OneOf("who", None, _ANEW)
"""Somebody's number, or that of the command line."""

ACTION: OneOf[Action | None] = OneOf("action", None, _ANEW, tuple(Action))
KIND: OneOf[str | None] = OneOf("kind", None, ("key", *_ANEW), KINDS)
KEY = Text("key", "", _ANEW, LONGEST_KEY)
"""One thing of a kind: its number, or what else it is known by."""

SELECTED = Numbers("selected", ())
"""The change of which all is shown."""
