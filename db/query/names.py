"""What a query may name: what is known of every run, and every hyperparameter of the specs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import chain
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from sqlalchemy import ColumnElement, FromClause, String, and_, or_, type_coerce

from db.models import NoteRow, ParamRow, RunRow, SummaryRow, TagRow
from db.records import Request, Status
from db.scores import Which, score_column
from db.types import seconds_between
from engine.config import RunConfig
from engine.messages import Message
from engine.spec import Spec, specs_in

_RUN = RunRow.__table__.c
_SUMMARY = SummaryRow.__table__.c
_PARAM = ParamRow.__table__
_NUMBER = re.compile(r"\.\d+(?=\.|$)")


class Kind(StrEnum):
    """What a name stands for, and so what it may be held against; a column of `run_param` too."""

    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    FLAG = "flag"


KINDS = {
    Kind.NUMBER: Message("number"),
    Kind.TEXT: Message("text"),
    Kind.TIME: Message("time"),
    Kind.FLAG: Message("flag"),
}
"""Kinds as people read them."""


@dataclass(frozen=True)
class Name:
    """A name of the query language.

    `column` holds what it stands for. Where that is in rows apart from the run's own, `table` and
    `scope` say in which. One that is `listed` has several in a run (`tag`, `layers.kind`), and
    means any of them.
    """

    name: str
    kind: Kind
    description: str
    column: ColumnElement[Any]
    table: FromClause | None = None
    scope: tuple[ColumnElement[bool], ...] = ()
    choices: tuple[str, ...] = ()
    listed: bool = False


# (kind, column, what it is)
_OF_RUN: dict[str, tuple[Kind, ColumnElement[Any], str]] = {
    "id": (Kind.NUMBER, _RUN.id, "The run's number."),
    "name": (Kind.TEXT, _RUN.name, "What the run is called."),
    "owner": (Kind.TEXT, _RUN.owner, "Who launched it."),
    "status": (Kind.TEXT, type_coerce(_RUN.status, String), "Where it stands."),
    "created": (Kind.TIME, _RUN.created_at, "When it was launched."),
    "started": (Kind.TIME, _RUN.started_at, "When its training began."),
    "ended": (Kind.TIME, _RUN.ended_at, "When it ended."),
    "duration": (
        Kind.NUMBER,
        seconds_between(_RUN.started_at, _RUN.ended_at),
        "How many seconds it took.",
    ),
    "priority": (Kind.NUMBER, _RUN.priority, "Higher ones are trained first."),
    "attempt": (Kind.NUMBER, _RUN.attempt, "How often it was begun."),
    "step": (Kind.NUMBER, _RUN.step, "The step it has reached."),
    "steps": (Kind.NUMBER, _RUN.steps, "The steps it was planned to take."),
    "seconds": (Kind.NUMBER, _RUN.seconds, "How many seconds it has trained, over all attempts."),
    "time_limit": (Kind.NUMBER, _RUN.time_limit, "After how many seconds of training it stops."),
    "gpu": (Kind.FLAG, _RUN.gpu, "Whether it trains on a GPU only."),
    "request": (
        Kind.TEXT,
        type_coerce(_RUN.request, String),
        "What a running run has been asked to do.",
    ),
    "parent": (Kind.NUMBER, _RUN.parent_id, "The run whose checkpoint it began from."),
    "parent_step": (Kind.NUMBER, _RUN.parent_step, "The step of that checkpoint."),
    "sweep": (Kind.NUMBER, _RUN.sweep_id, "The sweep that it belongs to."),
    "trial": (Kind.NUMBER, _RUN.trial, "Which point of its sweep it tries, from 0."),
    "replicate": (Kind.NUMBER, _RUN.replicate, "Which of the runs of that point it is, from 0."),
    "parameters": (Kind.NUMBER, _RUN.parameters, "How many numbers it learns."),
    "error": (Kind.TEXT, _RUN.error, "Why it failed."),
    "worker": (Kind.TEXT, _RUN.worker, "Where it trained, as host:process."),
    "diverged": (
        Kind.FLAG,
        or_(_RUN.status == Status.DIVERGED, _SUMMARY.diverged_step.is_not(None)),
        "Whether its loss was no longer finite.",
    ),
    "diverged_step": (
        Kind.NUMBER,
        _SUMMARY.diverged_step,
        "The first step at which its loss was not finite.",
    ),
    "baseline_loss": (
        Kind.NUMBER,
        _SUMMARY.baseline_loss,
        "The validation loss of predicting the mean of the training targets, where these are"
        " numbers.",
    ),
    "ended_early": (
        Kind.FLAG,
        and_(_RUN.status == Status.DONE, _RUN.step < _RUN.steps),
        "Whether early stopping ended it.",
    ),
}
_WORDS: dict[str, tuple[str, ...]] = {"status": tuple(Status), "request": tuple(Request)}
_EVALUATIONS: dict[Which, str] = {
    "last": "the newest evaluation",
    "best": "the best evaluation on validation",
}
_SCORES = {
    "step": "The step of {evaluation}.",
    "epoch": "The epoch of {evaluation}.",
    "loss": "Mean loss of the epoch's batches, in training mode, at {evaluation}.",
    "accuracy": "Mean accuracy of the epoch's batches, in training mode, at {evaluation}, between 0"
    " and 1.",
    "val_loss": "Validation loss at {evaluation}.",
    "val_accuracy": "Validation accuracy at {evaluation}, between 0 and 1.",
    "train_loss": "Loss on a sample of the training set, in inference mode, at {evaluation}.",
    "train_accuracy": "Accuracy on a sample of the training set, in inference mode, at"
    " {evaluation}, between 0 and 1.",
    "mean_loss": "Mean loss over training: of all epochs up to {evaluation}.",
    "gap": "Generalization gap at {evaluation}: training accuracy less validation accuracy.",
    "loss_gap": "Generalization gap in loss at {evaluation}: validation loss less training loss.",
    "val_r2": "R² on validation at {evaluation}: the share of the targets' variance that is"
    " explained, 0 for predicting their mean.",
    "train_r2": "R² on a sample of the training set at {evaluation}.",
}


@cache
def names() -> dict[str, Name]:
    """Every name, those of the run first."""
    return {name.name: name for name in (*_of_run(), *_of_people(), *_of_specs())}


def resolve(text: str) -> Name | None:
    """What a text names. `layers.0.units` is one layer's, `layers.units` any layer's."""
    found = names().get(_NUMBER.sub("", text))
    if found is None or not _NUMBER.search(text):
        return found
    one = replace(found, name=text, scope=(_PARAM.c.name == text,), listed=False)
    return one if found.listed else None


def _of_run() -> Iterator[Name]:
    for name, (kind, column, description) in _OF_RUN.items():
        yield Name(name, kind, description, column, choices=_WORDS.get(name, ()))
    for which, evaluation in _EVALUATIONS.items():
        for score, template in _SCORES.items():
            column = score_column(which, score)
            description = template.format(evaluation=evaluation)
            yield Name(f"{which}.{score}", Kind.NUMBER, description, column)


def _of_people() -> Iterator[Name]:
    tag, note = TagRow.__table__, NoteRow.__table__
    yield Name("tag", Kind.TEXT, "Any of its tags.", tag.c.name, tag, listed=True)
    yield Name("note", Kind.TEXT, "What was written about it, in Markdown.", note.c.text, note)


def _of_specs() -> Iterator[Name]:
    """Every hyperparameter; `%` stands where a list is numbered."""
    for pattern, held in _paths(RunConfig, "").items():
        kind = _kind(held[0])
        choices = [_choices(field) for field in held]
        listed = "%" in pattern
        its_name = _PARAM.c.name == pattern
        if listed:
            deeper = pattern.replace("%", "%.%")
            its_name = and_(_PARAM.c.name.like(pattern), _PARAM.c.name.not_like(deeper))
        yield Name(
            pattern.replace(".%", ""),
            kind,
            "Which kind it is." if pattern.endswith(".kind") else str(held[0].description),
            _PARAM.c[kind.value],
            _PARAM,
            (its_name,),
            tuple(dict.fromkeys(chain(*choices))) if all(choices) else (),
            listed,
        )


def _paths(spec: type[Spec], prefix: str) -> dict[str, list[FieldInfo]]:
    """Every path to a plain value, with the fields that may stand there."""
    found: dict[str, list[FieldInfo]] = {}
    for name, field in spec.model_fields.items():
        path = f"{prefix}{name}{'.%' if get_origin(field.annotation) is tuple else ''}"
        held = specs_in(field)
        for inner in held:
            for deeper, fields in _paths(inner, f"{path}.").items():
                found.setdefault(deeper, []).extend(fields)
        if not held:
            found.setdefault(path, []).append(field)
    return found


def _kind(field: FieldInfo) -> Kind:
    annotation = field.annotation
    if bool in (annotation, *get_args(annotation)):
        return Kind.FLAG
    is_text = annotation is str or get_origin(annotation) is Literal
    return Kind.TEXT if is_text else Kind.NUMBER


def _choices(field: FieldInfo) -> tuple[str, ...]:
    """The words that a field may hold, where it holds one of a few."""
    return get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
