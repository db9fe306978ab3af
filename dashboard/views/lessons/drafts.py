"""A lesson before it is written: the arms that runs make, and over what a figure of them can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.reads.differences import differences, telling
from dashboard.views.compare.arms import BETWEEN, SEED, arms_of
from dashboard.words.parameters import short_fact, title
from db.records import Run
from engine.lessons.arms import Trained, place_of

UNTOLD = ("seed", "record.")


def arms_of_runs(runs: Sequence[Run]) -> list[Trained]:
    """An arm for each configuration, whatever its seeds; called as its runs are where that tells
    them apart, else by what sets it apart."""
    groups = arms_of(runs, SEED)
    names = [_own_name(group.runs) for group in groups]
    if "" in names or len(set(names)) < len(names):
        names = [group.name for group in groups]
    return [
        Trained(name=name, config=group.runs[0].config.model_copy(update={"seed": 0}))
        for name, group in zip(names, groups, strict=True)
    ]


def _own_name(runs: Sequence[Run]) -> str:
    """The name that all of them share, or none."""
    names = {run.name for run in runs}
    return names.pop() if len(names) == 1 else ""


def fields_of(arms: Sequence[Trained], *, above_0: bool) -> dict[str, str]:
    """The numbers in which arms differ, by their dotted names, with what they are called; of those
    that differ in the same way, the first."""
    found: dict[tuple[float | None, ...], str] = {}
    for field in arms[0].config.flat():
        places = tuple(place_of(arm, field) for arm in arms)
        if field.startswith(UNTOLD) or None in places or len(set(places)) < 2:
            continue
        if not above_0 or all(place is not None and place > 0 for place in places):
            found.setdefault(places, field)
    return {field: label_of(arms[0], field) for field in found.values()}


def label_of(arm: Trained, field: str) -> str:
    """What a hyperparameter is called: of a layer's, by its kind."""
    first, *rest = field.split(".")
    if first == "layers" and len(rest) > 1:
        return title(".".join([arm.config.layers[int(rest[0])].kind_name(), *rest[1:]]))
    return title(field)


def lines_of(arms: Sequence[Trained], field: str) -> list[str]:
    """What sets arms apart beside a hyperparameter; "" where nothing does."""
    places = [place_of(arm, field) for arm in arms]
    told = [
        difference
        for difference in telling(differences([arm.config for arm in arms]))
        if len(set(zip(places, difference.values, strict=True))) > len(set(places))
    ]
    return [
        BETWEEN.join(short_fact(d.path, d.values[i]) for d in told if d.values[i] is not None)
        for i in range(len(arms))
    ]


def on_lines(arms: Sequence[Trained], names: Mapping[str, str], field: str) -> list[Trained]:
    """The arms on their lines, as these are called."""
    lines = lines_of(arms, field)
    return [
        arm.model_copy(update={"line": names[line]}) for arm, line in zip(arms, lines, strict=True)
    ]
