"""The arms of a comparison: each a run, or a group of runs that are taken together.

Runs are grouped by everything but the seed, so that an arm's runs tell how much of a difference is
chance, or by one hyperparameter, whatever else differs. In a group, copies are one observation:
runs of one configuration, seed included, come to the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase

from dashboard.reads.differences import Facts, differences, facts_of, telling
from dashboard.views.charts.lines import Divergence, Line
from dashboard.views.palette import run_color, run_dash
from dashboard.views.run.name import run_line, run_name
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.parameters import short_fact, value_text
from db.records import Run, Status

ALONE, SEED = "run", "seed"
"""Ways to group that are no hyperparameter: not at all, and all that share all but the seed."""

MOST = 20
"""Arms that fit side by side."""

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs that are drawn as one line. `place` decides the colour of a group; a run alone has its
    own. Of a group, `copies` are left out."""

    name: str
    runs: tuple[Run, ...]
    place: int
    grouped: bool
    copies: int = 0

    @property
    def key(self) -> int:
        """A number that widgets of this arm carry: that of its first run."""
        return self.runs[0].id

    @property
    def label(self) -> str:
        """The name, with how many runs it stands for."""
        if not self.grouped:
            return self.name
        return _("{name} (N = {n})").format(name=self.name, n=integer(len(self.runs)))

    @property
    def diverged(self) -> int:
        return sum(run.status is Status.DIVERGED for run in self.runs)

    def line(self, *, dark: bool) -> Line:
        if not self.grouped:
            return run_line(self.runs[0], dark=dark)
        return Line(self.label, run_color(self.place, dark=dark), dash=run_dash(self.place))


def arms_of(runs: Sequence[Run], by: str) -> list[Arm]:
    """The runs as arms, in the order of their first runs. `by` is ALONE, SEED, or the path of a
    hyperparameter."""
    if by == ALONE:
        return [Arm(run_name(run), (run,), i, False) for i, run in enumerate(runs)]
    groups: dict[Hashable, list[Run]] = {}
    for run, key in zip(runs, _keys(runs, by), strict=True):
        groups.setdefault(key, []).append(run)
    gathered = list(groups.values())
    names = _names(gathered) if by == SEED else [_said(by, key) for key in groups]
    arms = []
    for i, (name, group) in enumerate(zip(names, gathered, strict=True)):
        single = without_copies(group)
        copies = len(group) - len(single)
        arms.append(Arm(_lettered(i, name, len(groups)), single, i, True, copies))
    return arms


def without_copies(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs without copies: of each, the one that came furthest stands for all."""
    found: dict[Hashable, Run] = {}
    for run in runs:
        same = run.config, run.parent_id, run.parent_step
        if same not in found or _came_to(run) > _came_to(found[same]):
            found[same] = run
    return tuple(found.values())


def _came_to(run: Run) -> tuple[bool, int]:
    return run.status is Status.DONE, run.step


def copies_text(arms: Sequence[Arm]) -> str:
    """How many runs are left out as copies; empty where none is."""
    n = sum(arm.copies for arm in arms)
    text = ngettext(
        "{n} run is a copy of another (equal configuration and seed), so it is not counted.",
        "{n} runs are copies of others (equal configuration and seed), so they are not counted.",
        n,
    )
    return text.format(n=integer(n)) if n else ""


def ways_to_group(runs: Sequence[Run]) -> list[str]:
    """How these runs can be grouped: what they differ in, beside the two ways that always are."""
    found = telling(differences([run.config for run in runs]))
    return [ALONE, SEED, *(difference.path for difference in found)]


def first_of_each(arms: Sequence[Arm], most: int) -> tuple[list[Arm], bool]:
    """The arms with so many runs each that all together are at most `most` (one at least), and
    whether any had to be left out."""
    each = max(1, most // max(1, len(arms)))
    shortened = [replace(arm, runs=arm.runs[:each]) for arm in arms]
    return shortened, any(len(arm.runs) > each for arm in arms)


def lines_of(arms: Sequence[Arm], *, dark: bool) -> list[Line]:
    """One line per arm."""
    return [arm.line(dark=dark) for arm in arms]


def divergences_of(arms: Sequence[Arm], *, dark: bool) -> list[Divergence]:
    """Where each run that stands alone left the finite numbers; of a group, its scores tell."""
    text = _("#{id} diverged at step {step}")
    return [
        Divergence(
            run.diverged_step,
            text.format(id=run.id, step=integer(run.diverged_step)),
            run_color(run.id, dark=dark),
        )
        for arm in arms
        for run in arm.runs
        if not arm.grouped and run.status is Status.DIVERGED and run.diverged_step is not None
    ]


def sound(arms: Sequence[Arm]) -> list[Run]:
    """The runs whose values set a common axis: those that did not diverge, if any did not. A
    diverged run leaves such an axis at the top rather than flattening all others."""
    runs = [run for arm in arms for run in arm.runs]
    return [run for run in runs if run.status is not Status.DIVERGED] or runs


def _said(path: str, value: Hashable) -> str:
    return value_text(path, None) if value is None else short_fact(path, value)


def _keys(runs: Sequence[Run], by: str) -> list[Hashable]:
    if by == SEED:
        return [run.config.model_copy(update={"seed": 0}) for run in runs]
    return [_value(facts, by) for facts in facts_of([run.config for run in runs])]


def _value(facts: Facts, path: str) -> Hashable:
    fact = facts.get(path)
    held: Hashable = fact.value if fact else None
    return held


def _names(groups: Sequence[Sequence[Run]]) -> list[str]:
    """What sets each group apart from the others, in short."""
    told = telling(differences([group[0].config for group in groups]))
    return [
        " · ".join(short_fact(d.path, d.values[i]) for d in told if d.values[i] is not None)
        for i in range(len(groups))
    ]


def _lettered(place: int, name: str, groups: int) -> str:
    """A letter keeps names apart that are cut or alike."""
    short = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    if groups == 1:
        return short or "A"
    turn, letter = divmod(place, len(ascii_uppercase))
    return f"{ascii_uppercase[letter]}{turn or ''} {short}".strip()
