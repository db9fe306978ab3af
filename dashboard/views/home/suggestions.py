"""What to look at next, from the runs that are there; what to try, from the lessons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dashboard.reads.differences import differences
from dashboard.views.run.name import run_name
from dashboard.words.i18n import _
from dashboard.words.parameters import title
from dashboard.words.text import plain
from db.records import Run, Status
from engine.lessons.lesson import Lesson
from engine.lessons.ours import LESSONS


@dataclass(frozen=True)
class Suggestion:
    """A page worth opening, what its address names, and why."""

    label: str
    page: str
    icon: str
    params: Mapping[str, object]


def suggestions(runs: Sequence[Run]) -> Iterator[Suggestion]:
    """What the runs suggest, the newest first."""
    ended = [run for run in runs if run.status is Status.DONE]
    if pair := _differ_in_one(ended):
        first, second, path = pair
        text = _("{first} and {second} differ in one thing, {parameter}: compare them")
        label = text.format(
            first=plain(run_name(first)),
            second=plain(run_name(second)),
            parameter=plain(title(path)),
        )
        ids = {"ids": f"{first.id},{second.id}"}
        yield Suggestion(label, "compare", ":material/compare_arrows:", ids)
    if diverged := next((run for run in runs if run.status is Status.DIVERGED), None):
        text = _("{run} diverged: see where it began, layer by layer")
        label = text.format(run=plain(run_name(diverged)))
        yield Suggestion(label, "run", ":material/trending_up:", {"id": diverged.id})
    if normalized := next((run for run in ended if run.has_batch_norm), None):
        text = _("How far are the running statistics of {run} from the population's?")
        label = text.format(run=plain(run_name(normalized)))
        yield Suggestion(label, "batchnorm", ":material/equalizer:", {"id": normalized.id})


def _differ_in_one(runs: Sequence[Run]) -> tuple[Run, Run, str] | None:
    """The newest run, the newest other that differs from it in one hyperparameter, and which. A
    repetition with another seed is none."""
    if not runs:
        return None
    first, *others = runs
    for other in others:
        found = differences([first.config, other.config])
        if len(found) == 1 and found[0].path != "seed":
            return first, other, found[0].path
    return None


def untried(runs: Sequence[Run]) -> list[Lesson]:
    """The lessons that train something, those of which no run, whatever its seed, is among these
    first."""
    configs = {run.config.model_copy(update={"seed": 0}) for run in runs}
    trained = [lesson for lesson in LESSONS if not lesson.instant]
    return sorted(trained, key=lambda lesson: any(c in configs for c in lesson.configs))
