"""A run's state in the reader's words: its name, its badge, what happened to it."""

from __future__ import annotations

from dashboard.views.palette import STATUS_COLORS
from dashboard.words.i18n import _, integer, msg
from dashboard.words.sentences import sentence
from db.records import Event, EventKind, Status
from engine.messages import Message

_NAMES = {
    Status.QUEUED: msg("Queued"),
    Status.RUNNING: msg("Running"),
    Status.PAUSED: msg("Paused"),
    Status.DONE: msg("Done"),
    Status.DIVERGED: msg("Diverged"),
    Status.FAILED: msg("Failed"),
    Status.STOPPED: msg("Stopped"),
    Status.CANCELLED: msg("Cancelled"),
}

STATUS_ICONS = {
    Status.QUEUED: ":material/schedule:",
    Status.RUNNING: ":material/play_circle:",
    Status.PAUSED: ":material/pause_circle:",
    Status.DONE: ":material/check_circle:",
    Status.DIVERGED: ":material/trending_up:",
    Status.FAILED: ":material/error:",
    Status.STOPPED: ":material/stop_circle:",
    Status.CANCELLED: ":material/cancel:",
}

_EVENTS = {
    EventKind.ENQUEUED: msg("Queued"),
    EventKind.BRANCHED: msg("Begun from the checkpoint of run {parent} at step {step}"),
    EventKind.WAITING: msg("Cannot start: {reason}"),
    EventKind.CLAIMED: msg("Taken by a worker"),
    EventKind.STARTED: msg("Training began on {host} with {backend}"),
    EventKind.RESUMED: msg("Resumed from the checkpoint at step {step}"),
    EventKind.CHECKPOINT: msg("Checkpoint kept at step {step}"),
    EventKind.DAMAGED: msg("The checkpoint at step {step} is damaged; an older one was taken"),
    EventKind.LOST: msg("The attempt was lost: {reason}"),
    EventKind.REQUEUED: msg("Queued again"),
    EventKind.CANCEL_REQUESTED: msg("Cancel asked for by {by}"),
    EventKind.CANCELLED: msg("Cancelled"),
    EventKind.PAUSE_REQUESTED: msg("Pause asked for by {by}"),
    EventKind.PAUSED: msg("Paused"),
    EventKind.UNPAUSED: msg("Resumed by {by}"),
    EventKind.RETRIED: msg("Queued again by {by}"),
    EventKind.PRIORITY: msg("Priority set to {priority} by {by}"),
    EventKind.KILLED: msg("The training process was killed: {reason}"),
    EventKind.PRUNE_REQUESTED: msg("Given up by its sweep: {reason}"),
    EventKind.STOPPED: msg("Stopped at step {step}: {error}"),
    EventKind.DIVERGED: msg("Diverged at step {step}: the loss or a weight is no longer finite"),
    EventKind.FAILED: msg("Failed: {error}"),
    EventKind.DONE: msg("Training ended at step {step}"),
    EventKind.IMPORTED: msg("Imported from a file that layerlab {program} wrote"),
}


def status_name(status: Status) -> str:
    """The state in the reader's language."""
    return _(_NAMES[status])


def status_badge(status: Status) -> str:
    """The state as a coloured badge, in Markdown."""
    return f":{STATUS_COLORS[status]}-badge[{STATUS_ICONS[status]} {status_name(status)}]"


def event_text(event: Event) -> str:
    """What happened, in a sentence of plain text; what the event does not say stays open."""
    data = {key: _shown(value) for key, value in event.data.items()}
    return _(_EVENTS[event.kind]).format_map(_Open(data))


class _Open(dict[str, str]):
    """Facts of an event; a dash stands for one that was not recorded."""

    def __missing__(self, key: str) -> str:
        return "–"


def _shown(value: object) -> str:
    """A number as the reader writes it, a message in the reader's language."""
    if isinstance(value, Message):
        return sentence(value)
    return integer(value) if isinstance(value, int) else str(value)
