"""Messages in the reader's language: their templates are translated, and the messages in them."""

from __future__ import annotations

from dashboard.words.i18n import _
from db.query.errors import QueryError
from engine.errors import LayerlabError
from engine.messages import Message


def sentence(message: Message) -> str:
    """A message as one sentence; several values are listed as the language lists them."""
    return message.worded(_, comma=_(", "))


def error_text(error: LayerlabError) -> str:
    """What an error says; where in a query it is, `pointer` says."""
    return sentence(error.problem if isinstance(error, QueryError) else error.message)
