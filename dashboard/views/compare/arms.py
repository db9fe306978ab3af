"""The arms of a comparison: each a run, or a group of runs that are taken together.

Runs are grouped by everything but the seed, so that an arm's runs tell how much of a difference is
chance, or by one hyperparameter, whatever else differs. In a group, copies are one observation:
runs of one configuration, seed included, come to the same.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from string import ascii_uppercase

from dashboard.reads.differences import Facts, differences, facts_of, telling
from dashboard.views.charts.lines import Divergence, Line
from dashboard.views.compare.scores import Score, fitting_scores, mean_score
from dashboard.views.palette import look_color, look_dash, looks_of
from dashboard.views.run.name import run_name
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.parameters import short_fact, value_text
from db.records import Run, Status

ALONE, SEED = "run", "seed"
"""Ways to group that are no hyperparameter: not at all, and all that share all but the seed."""

MOST = 20
"""Arms that fit side by side, and that can be told apart in one chart."""

MOST_LINES = 100
"""Arms that are drawn in one chart: where they are more than can be told apart, all but the best
stand grey behind those."""

BEST = 5

LONGEST = 40
BETWEEN = " · "
"""What stands between the parts of a name."""


@dataclass(frozen=True, slots=True)
class Arm:
    """Runs that are drawn as one line, in a `look` of the palette or grey behind the others."""

    name: str
    runs: tuple[Run, ...]
    place: int
    grouped: bool
    look: int | None = None

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
        behind = self.look is None
        return Line(
            self.label,
            look_color(self.look, dark=dark),
            dash=look_dash(self.look),
            width=1 if behind else 2,
            told=not behind,
        )


def arms_of(runs: Sequence[Run], by: str, held: Mapping[int, int] | None = None) -> list[Arm]:
    """The runs as arms, in the order of their first runs. `by` is ALONE, SEED, or the path of a
    hyperparameter; `held` are the looks that runs have already."""
    if by == ALONE:
        alone = [Arm(run_name(run), (run,), i, False) for i, run in enumerate(runs)]
        return _dressed(alone, held or {})
    return _dressed(_groups(runs, by), {})


def _dressed(arms: Sequence[Arm], held: Mapping[int, int]) -> list[Arm]:
    """The arms in their looks: a run's own, a group's by its place. Of more than can be told apart,
    only the best have one."""
    seen = arms if len(arms) <= MOST else _best(arms[:MOST_LINES])
    grouped = any(arm.grouped for arm in arms)
    looks = (
        {arm.key: look for look, arm in enumerate(seen)}
        if grouped
        else looks_of([arm.key for arm in seen], held)
    )
    return [replace(arm, look=looks.get(arm.key)) for arm in arms]


def _best(arms: Sequence[Arm]) -> list[Arm]:
    """The few with the best scores, in their own order."""
    score = next(iter(fitting_scores([run for arm in arms for run in arm.runs]).values()))
    ranked = sorted(arms, key=lambda arm: _rank(arm, score))[:BEST]
    return sorted(ranked, key=lambda arm: arm.place)


def _rank(arm: Arm, score: Score) -> float:
    mean = mean_score(arm.runs, score)
    return inf if mean is None else -mean if score.higher else mean


def _groups(runs: Sequence[Run], by: str) -> list[Arm]:
    groups: dict[Hashable, list[Run]] = {}
    for run, key in zip(runs, _keys(runs, by), strict=True):
        groups.setdefault(key, []).append(run)
    gathered = list(groups.values())
    names = _names(gathered) if by == SEED else [_said(by, key) for key in groups]
    return [
        Arm(_lettered(i, name, len(groups)), without_copies(group), i, True)
        for i, (name, group) in enumerate(zip(_short(names), gathered, strict=True))
    ]


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


def copies_text(runs: Sequence[Run]) -> str:
    """How many runs are copies of others; empty where none is."""
    n = len(runs) - len(without_copies(runs))
    text = ngettext(
        "{n} run is a copy of another (equal configuration and seed): groups, pairs and the map"
        " count the two once.",
        "{n} runs are copies of others (equal configuration and seed): groups, pairs and the map"
        " count each of them once.",
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
    """One line per arm, those that stand out last, so that they are drawn over the others."""
    return [arm.line(dark=dark) for arm in behind_first(arms)]


def behind_first(arms: Sequence[Arm]) -> list[Arm]:
    """The arms in the order in which they are drawn."""
    return sorted(arms, key=lambda arm: arm.look is not None)


def divergences_of(arms: Sequence[Arm], *, dark: bool) -> list[Divergence]:
    """Where each run that stands alone left the finite numbers; of a group, its scores tell."""
    text = _("#{id} diverged at step {step}")
    return [
        Divergence(
            run.diverged_step,
            text.format(id=run.id, step=integer(run.diverged_step)),
            arm.line(dark=dark).color,
        )
        for arm in arms
        for run in arm.runs
        if not arm.grouped
        and arm.look is not None
        and run.status is Status.DIVERGED
        and run.diverged_step is not None
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
        BETWEEN.join(short_fact(d.path, d.values[i]) for d in told if d.values[i] is not None)
        for i in range(len(groups))
    ]


def _short(names: Sequence[str]) -> list[str]:
    """Each name in at most `LONGEST` letters; of those that begin alike, what sets them apart."""
    return [_cut(name, {other for other in names if _cut(other) == _cut(name)}) for name in names]


def _cut(name: str, alike: Collection[str] = ()) -> str:
    if len(name) > LONGEST and len(alike) > 1:
        differ = (i for i, letters in enumerate(zip(*alike, strict=False)) if len({*letters}) > 1)
        same = next(differ, min(map(len, alike)))
        begin = max(name.rfind(BETWEEN, 0, same) + len(BETWEEN), same - LONGEST // 2)
        tail = name[begin:]
        name = f"{name[: max(0, LONGEST - 1 - len(tail))]}…{tail}"
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _lettered(place: int, name: str, groups: int) -> str:
    """A letter keeps names apart that are alike."""
    if groups == 1:
        return name or "A"
    turn, letter = divmod(place, len(ascii_uppercase))
    return f"{ascii_uppercase[letter]}{turn or ''} {name}".strip()
