"""Sweeps as a table: how far each is, and the best point so far."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.views.rows import Cell, Column, Row, Table
from dashboard.views.runs.table import state
from dashboard.views.status import status_name
from dashboard.words.i18n import _, integer, moment, number, percent
from dashboard.words.parameters import short_fact, title, value_text
from db.records import Status, Sweep, SweepState, Trial


def sweeps_table(sweeps: Sequence[Sweep], best: dict[int, Trial | None]) -> Table:
    """One row per sweep. Its best point is that of the best mean over its seeds."""
    columns = {
        "status": Column(_("Status"), "state"),
        "ended": Column(_("Runs ended")),
        "varies": Column(_("What varies")),
        "best": Column(_("Best"), "number", _("The best mean over the seeds of a point")),
        "at": Column(_("Best at")),
        "owner": Column(_("Owner")),
        "created": Column(_("Created")),
    }
    rows = [Row(sweep.id, sweep.label, _cells(sweep, best.get(sweep.id))) for sweep in sweeps]
    return Table(_("Name"), columns, rows)


def standing(sweep: Sweep) -> Status:
    """How a sweep stands, in the words for runs."""
    if sweep.state is SweepState.CANCELLED:
        return Status.CANCELLED
    if sweep.ended:
        return Status.DONE
    if sweep.state is SweepState.PAUSED:
        return Status.PAUSED
    return Status.RUNNING if sweep.counts[Status.RUNNING] else Status.QUEUED


def _cells(sweep: Sweep, best: Trial | None) -> dict[str, Cell]:
    status = standing(sweep)
    words = status_name(status)
    if not sweep.ended and 0 < sweep.progress < 1:
        words = f"{words} {percent(sweep.progress, 0)}"
    return {
        "status": state(status, words),
        "ended": _("{n} of {all}").format(n=integer(sweep.ended_runs), all=integer(sweep.runs)),
        "best": _score(sweep, best),
        "at": _("; ").join(_facts(best)) if best else None,
        "varies": _("; ").join(title(a.name).split(" · ")[-1] for a in sweep.config.axes),
        "owner": sweep.owner,
        "created": moment(sweep.created_at),
    }


def _score(sweep: Sweep, best: Trial | None) -> str | None:
    """The mean of the best point, and what it is a mean of."""
    if best is None or best.mean is None:
        return None
    if sweep.config.minimizes:
        return _("loss {loss}").format(loss=number(best.mean))
    return percent(best.mean)


def _facts(best: Trial) -> list[str]:
    """The values of a point that have a short word; whole stacks have none."""
    facts = []
    for name, value in best.values.items():
        if isinstance(value, dict) and "kind" in value:
            facts.append(value_text("kind.kind", value["kind"]))
        elif not isinstance(value, dict | list):
            facts.append(short_fact(name, value))
    return facts
