"""What happened to a run, and when, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from dashboard.views.status import event_text
from dashboard.words.i18n import moment
from db.records import Event


def events_table(events: Sequence[Event]) -> pd.DataFrame:
    """A row for each event, the newest first."""
    newest_first = events[::-1]
    return pd.DataFrame(
        {
            "time": [moment(event.at) for event in newest_first],
            "event": [event_text(event) for event in newest_first],
            "attempt": [str(event.attempt or "–") for event in newest_first],
        }
    )
