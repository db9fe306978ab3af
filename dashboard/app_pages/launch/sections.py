"""The order of the launch form: six essentials open, the rest under "More" by section.

A section is a fragment of its own: an edit draws those sections again whose fields it changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dashboard.app_pages.launch.fields import Pen, draw, draw_all, draw_kinds, heading, row
from dashboard.app_pages.launch.form import Branch, Leaf, Node, plain_default
from dashboard.app_pages.launch.held import Held
from dashboard.app_pages.launch.layers import Stack, layer_editor
from dashboard.app_pages.launch.stack import choose_view, draw_widths
from dashboard.words.i18n import msg

TELLING = frozenset(
    {
        *("file", "folder", "name", "target"),  # which data
        *("alpha", "initial_alpha", "scale", "approximation"),  # which activation
        *("std", "limit", "value", "gain"),  # how large the first weights are
        "lr",
    }
)
"""Fields without which the choice of a kind says little; they stand beside it. The others of a kind
stand under "More"."""


@dataclass(frozen=True)
class Section:
    """A section of the form: the name of its fragment, what it is about, how it is drawn."""

    name: str
    title: str
    about: tuple[str, ...]
    draw: Callable[[Held, Pen], None]


def _data(held: Held, pen: Pen) -> None:
    with row():
        _choice(held.nodes["dataset"], pen)


def _network(held: Held, pen: Pen) -> None:
    choose_view(held.form, held.view, pen)
    layers = held.nodes.get("layers")
    if isinstance(layers, Stack):
        layer_editor(layers, pen)
        return
    with row():
        draw_widths(held.nodes["hidden"], pen)  # type: ignore[arg-type]
        _choice(held.nodes["activation"], pen)
    with row():
        _choice(held.nodes["init"], pen)
        draw(held.nodes["position"], pen)  # type: ignore[arg-type]


def _training(held: Held, pen: Pen) -> None:
    with row():
        _choice(held.nodes["optimizer"], pen)
    with row():
        for name in ("epochs", "seed"):
            draw(held.nodes[name], pen)  # type: ignore[arg-type]


def _more(names: Iterable[str]) -> Callable[[Held, Pen], None]:
    """Draws what the essentials have left of these fields."""

    def drawn(held: Held, pen: Pen) -> None:
        fields = [held.nodes[name] for name in names if name in held.nodes]
        for branch in fields:
            if isinstance(branch, Branch) and drawn_under_more(branch):
                _spec(branch, pen)
        leaves = [field for field in fields if isinstance(field, Leaf)]
        if leaves:
            with row():
                draw_all(leaves, pen)

    return drawn


def _spec(branch: Branch, pen: Pen) -> None:
    """A row of a spec's fields, after the choice of its kind or else below its name."""
    is_chosen_here = len(branch.kinds) > 1 and branch.name not in ESSENTIAL
    if not is_chosen_here:
        heading(branch)
    with row():
        if is_chosen_here:
            draw_kinds(branch, pen)
        draw_all(rest(branch), pen)


def _choice(branch: Node, pen: Pen) -> None:
    """A choice of kinds, with the fields that tell most of the one chosen."""
    assert isinstance(branch, Branch)
    draw_kinds(branch, pen)
    draw_all((field for field in branch.fields if field.name in TELLING), pen)


def rest(branch: Branch) -> tuple[Leaf | Branch, ...]:
    """The fields of a spec that stand under "More"."""
    if branch.name not in ESSENTIAL:
        return branch.fields
    return tuple(field for field in branch.fields if field.name not in TELLING)


def drawn_under_more(branch: Branch) -> bool:
    """Whether anything of a spec stands there."""
    return branch.name not in ESSENTIAL or bool(rest(branch))


ESSENTIALS = (
    Section("data", msg("Data"), ("dataset",), _data),
    Section(
        "network",
        msg("Network"),
        ("hidden", "activation", "init", "position", "layers"),
        _network,
    ),
    Section("training", msg("Training"), ("optimizer", "epochs", "seed"), _training),
)
ESSENTIAL = frozenset(name for section in ESSENTIALS for name in section.about)


def _under_more(name: str, title: str, *about: str) -> Section:
    return Section(f"more_{name}", title, about, _more(about))


MORE = (
    _under_more("data", msg("Data and scaling"), "dataset", "scaling", "target_scaling"),
    _under_more(
        "network", msg("Initialization and Batch Normalization"), "init", "activation", "batch_norm"
    ),
    _under_more(
        "training",
        msg("Optimizer, schedule, batches, loss"),
        *("optimizer", "learning_rate", "loss", "batch_size", "drop_last"),
    ),
    _under_more(
        "decay",
        msg("Weight decay, gradient clipping, early stopping"),
        *("decay", "clipping", "early_stopping"),
    ),
    _under_more("record", msg("Recording and arithmetic"), "record", "dtype", "backend"),
)


def fields_under(section: Section, held: Held) -> list[Leaf | Branch]:
    """What a section under "More" draws."""
    fields: list[Leaf | Branch] = []
    for name in section.about:
        field = held.nodes.get(name)
        if isinstance(field, Leaf):
            fields.append(field)
        elif isinstance(field, Branch):
            fields += [field, *rest(field)] if name not in ESSENTIAL else rest(field)
    return fields


def is_usual(section: Section, held: Held) -> bool:
    """Whether a section under "More" begins with what most runs leave as it is."""
    return all(_is_default(field) for field in fields_under(section, held))


def is_wrong(section: Section, held: Held) -> bool:
    """Whether something under it needs attention."""
    return any(place in held.problems for f in fields_under(section, held) for place in f.places())


def _is_default(field: Leaf | Branch) -> bool:
    if isinstance(field, Leaf):
        return bool(field.start == plain_default(field.info))
    default = field.info.get_default(call_default_factory=True)
    if field.kinds and field.kind is not type(default):
        return False
    return all(map(_is_default, field.fields))
