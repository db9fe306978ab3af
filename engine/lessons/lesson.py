"""What a lesson is: a question, a prediction, the arms that answer it, one figure, one claim to
judge, and what it is expected to come to.

A lesson is a document: it can be written, sent and read as JSON (`Lesson.to_json`,
`Lesson.parse_json`; docs/lessons.md). Its texts are data, shown as they are written; those of the
lessons that come with layerlab stand in the catalogues, too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Self, TypeVar

from pydantic import Field, model_validator

from engine.analyses.verdicts import Compared, Scores, State, Verdict, judge
from engine.config import RunConfig
from engine.document import Document
from engine.errors import ConfigError, RuleError
from engine.layers import Activation
from engine.lessons.arms import (
    Arm,
    Brief,
    Line,
    Trained,
    Untrained,
    Walk,
    name_parts,
    place_of,
)
from engine.lessons.figures import FIGURES, Figure, Functions, Grid, Outcomes, Over
from engine.lessons.scores import SCORES, ArmKind, LessonScore
from engine.lessons.worked import DRAWN
from engine.messages import Message
from engine.spec import Spec, hyper

KEY = r"^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$"
MOST_WORDS = 120
MOST_ARMS = 40
LARGEST = 1_000_000
"""Characters of a lesson as JSON."""

Equation = Annotated[str, Field(pattern=r"^[^$\n\r]{1,300}$")]
"""LaTeX without its dollars, which would end it."""


class Chapter(Spec):
    """Chapter: where a claim is made."""

    source: str = hyper(description="The source, by its key or its title.", max_length=200)
    chapter: str = hyper("", description="The chapter or section.", max_length=100)


class Lesson(Document):
    """Lesson: a claim of a book, predicted, run, seen and judged."""

    key: Annotated[str, Field(pattern=KEY)] = hyper(
        description="The name that links carry: small letters, digits and hyphens."
    )
    chapters: tuple[Chapter, ...] = hyper(
        description="Where the claim is made.", min_length=1, max_length=10
    )
    name: Line = hyper(description="What it is called.")
    question: Line = hyper(description="What is asked.")
    text: str = hyper(description="What to read first, at most 120 words.", max_length=2_000)
    equations: tuple[Equation, ...] = hyper((), description="LaTeX.", max_length=2)
    choices: tuple[Line, ...] = hyper(
        description="What one may predict.", min_length=2, max_length=6
    )
    arms: tuple[Arm, ...] = hyper(
        description="What is compared.", min_length=2, max_length=MOST_ARMS
    )
    figure: Figure = hyper(description="The one figure that answers the question.")
    claim: Line = hyper(description="What is judged, as the source says it.")
    score: LessonScore = hyper(description="By what the arms are judged.")
    comparisons: tuple[Compared, ...] = hyper(
        description="What the claim says of the arms.", min_length=1, max_length=MOST_ARMS
    )
    effect: float = hyper(
        description="The smallest difference that matters.", gt=0, allow_inf_nan=False
    )
    expected: State | None = hyper(
        None, description="What the claim comes to, as far as it was measured."
    )
    measured: str = hyper(
        "", description="What was measured, with how many seeds.", max_length=1_000
    )
    further: str = hyper("", description="What to try next.", max_length=1_000)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        words = len(self.text.split())
        if words > MOST_WORDS:
            rule = Message("`text` must have at most {most} words", most=MOST_WORDS)
            raise RuleError(rule.got(words))
        kinds = {arm.kind for arm in self.arms}
        names = [arm.name for arm in self.arms]
        if len(kinds) > 1:
            raise RuleError(Message("`arms` must all be of one kind").got(tuple(sorted(kinds))))
        if (twice := _twice(names)) is not None:
            raise RuleError(Message("`arms` must have different names").got(twice))
        if (twice := _twice(self.choices)) is not None:
            raise RuleError(Message("`choices` must be different").got(twice))
        self._check_arms()
        self._check_scores()
        self._check_places()
        self._check_comparisons(names)
        return self

    def _check_arms(self) -> None:
        """There is something to look at in each."""
        surfaces = {arm.surface for arm in self.arms if isinstance(arm, Walk)}
        if len(surfaces) > 1:
            rule = Message("`arms` must all be on one surface")
            raise RuleError(rule.got(tuple(sorted(surfaces))))
        for arm in self.arms:
            if not isinstance(arm, Untrained | Brief):
                continue
            if not any(isinstance(layer, Activation) for layer in arm.config.layers[1:]):
                rule = Message("`arms` must have a layer with an activation behind another layer")
                raise RuleError(rule.got(arm.name))

    def _check_scores(self) -> None:
        """The figure and the scores are of what the arms are."""
        drawn = self.figure.scores if isinstance(self.figure, Outcomes) else ()
        judged: tuple[LessonScore, ...] = (self.score, *drawn)
        for score in judged:
            if SCORES[score].of != self.kind:
                fitting = tuple(name for name, info in SCORES.items() if info.of == self.kind)
                rule = Message("`score` must be one of {choices}", choices=fitting)
                raise RuleError(rule.got(score))
        if self.kind not in FIGURES[self.figure.kind]:
            drawing = tuple(name for name, kinds in FIGURES.items() if self.kind in kinds)
            rule = Message("`figure` must be one of {choices}", choices=drawing)
            raise RuleError(rule.got(self.figure.kind))

    def _check_places(self) -> None:
        """A figure over a hyperparameter has a place of its own for each arm of a line."""
        figure = self.figure
        if not isinstance(figure, Over | Grid):
            return
        places = [place_of(arm, figure.field) for arm in self.arms]
        if None in places:
            rule = Message("`figure.field` must name a number that every arm has")
            raise RuleError(rule.got(figure.field))
        if isinstance(figure, Over) and any(place is None or place <= 0 for place in places):
            rule = Message("`figure.field` must name a number that is above 0 in every arm")
            raise RuleError(rule.got(figure.field))
        held = [(arm.line, place) for arm, place in zip(self.arms, places, strict=True)]
        if (twice := _twice(held)) is not None:
            rule = Message("`arms` of one `line` must differ in `{field}`", field=figure.field)
            raise RuleError(rule.got(twice[1]))

    def _check_comparisons(self, names: list[str]) -> None:
        """The claim is of these arms."""
        for compared in self.comparisons:
            for name in (compared.arm, compared.than):
                if name not in names:
                    rule = Message("`comparisons` must name arms: {names}", names=tuple(names))
                    raise RuleError(rule.got(name))
            if compared.arm == compared.than:
                rule = Message("`comparisons` must be of two different arms")
                raise RuleError(rule.got(compared.arm))

    @classmethod
    def parse_json(cls, text: str | bytes) -> Self:
        """The lesson from JSON text; raises ConfigError, of a text that is too large at once."""
        if len(text) > LARGEST:
            rule = Message("must be at most {most:,} characters of JSON; got {length:,}")
            raise ConfigError.at(("lesson",), rule.filled(most=LARGEST, length=len(text)))
        return super().parse_json(text)

    @property
    def kind(self) -> ArmKind:
        """Whether its arms are trained, or looked at or walked at once."""
        return self.arms[0].kind

    @property
    def instant(self) -> bool:
        """Whether nothing is queued."""
        return self.kind != "trained"

    @property
    def configs(self) -> tuple[RunConfig, ...]:
        """The runs of its arms, where they have any."""
        return tuple(
            arm.config for arm in self.arms if isinstance(arm, Trained | Untrained | Brief)
        )

    def arm_set(self) -> str:
        """What its arms are, in a word: runs of other arms are never pooled with them."""
        arms = [arm.model_dump(mode="json", exclude={"name", "line"}) for arm in self.arms]
        return hashlib.sha256(json.dumps(arms, sort_keys=True).encode()).hexdigest()[:16]

    def judge(self, scores: Scores) -> Verdict:
        """What the scores of its arms, by name and seed, say of its claim."""
        higher = SCORES[self.score].higher
        return judge(scores, self.comparisons, effect=self.effect, higher=higher)


_T = TypeVar("_T")


def _twice(values: Sequence[_T]) -> _T | None:
    """The first value that is there more than once."""
    return next((value for value in values if values.count(value) > 1), None)


def texts_of(lesson: Lesson) -> Iterator[str]:
    """Every text of a lesson that a reader sees."""
    texts = (
        lesson.name,
        lesson.question,
        lesson.text,
        lesson.claim,
        lesson.measured,
        lesson.further,
        *lesson.choices,
        *(chapter.chapter for chapter in lesson.chapters),
        *(text for arm in lesson.arms for text in (arm.line, *name_parts(arm))),
        *([lesson.figure.label] if isinstance(lesson.figure, Over | Grid) else ()),
        *(_drawn(lesson.figure) if isinstance(lesson.figure, Functions) else ()),
    )
    yield from (text for text in texts if text and not _number(text))


def _drawn(figure: Functions) -> Iterator[str]:
    """What stands at the axes and beside the lines of functions."""
    for panel in DRAWN[figure.of]():
        yield from (panel.title, panel.x, panel.y, *(line.name for line in panel.lines))


def _number(text: str) -> bool:
    return text.replace(".", "").replace("e-", "", 1).isdecimal()
