"""What people mean by a name that they type: the name, its end, or another word for it.

`lr` is `optimizer.lr`, `init` is `layers.init.kind`, `optimizer` is `optimizer.kind`; capital and
small letters are the same. Where that may be several things, what it is held against decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from db.query.names import Name, names, resolve

OTHER_WORDS: dict[str, tuple[str, ...]] = {
    "acc": ("last.accuracy",),
    "activation": ("layers.kind",),
    "batch": ("batch_size",),
    "batchsize": ("batch_size",),
    "best_accuracy": ("best.val_accuracy",),
    "data": ("dataset.kind", "dataset.name"),
    "date": ("created",),
    "dropout": ("layers.rate",),
    "epoch": ("last.epoch",),
    "eta": ("optimizer.lr",),
    "initialization": ("layers.init.kind",),
    "initializer": ("layers.init.kind",),
    "learning_rate": ("optimizer.lr", "learning_rate.kind"),
    "learningrate": ("optimizer.lr",),
    "neurons": ("layers.units",),
    "schedule": ("learning_rate.kind",),
    "state": ("status",),
    "tags": ("tag",),
    "notes": ("note",),
    "time": ("seconds",),
    "user": ("owner",),
    "val_acc": ("last.val_accuracy",),
    "weights": ("parameters",),
    "width": ("layers.units",),
}
"""What else people call things; of several meanings the likelier first."""

_SAME_END = {"best.": "last."}  # scores by themselves are those of the newest evaluation


def meanings(text: str) -> list[Name]:
    """What a text may name, the likeliest first; a name that is written out means itself alone."""
    if exact := resolve(text):
        return [exact]
    text = text.lower()
    if said := OTHER_WORDS.get(text):
        return [names()[name] for name in said]
    whole = resolve(text) or resolve(f"{text}.kind")
    found = {name.name: name for name in _ending(text)}
    for later, sooner in _SAME_END.items():
        if f"{sooner}{text}" in found:
            found.pop(f"{later}{text}", None)
    if whole is not None:
        found |= {whole.name: whole}
    return sorted(found.values(), key=lambda name: name.name.count("."))


def proposals(text: str) -> list[str]:
    """The names nearest to a text that means nothing: as it is written, and by what they mean."""
    text = text.lower()
    words = {*names(), *OTHER_WORDS, *(end for name in names() for end in _ends(name))}
    close = get_close_matches(text, sorted(words), n=3, cutoff=0.7)
    meant = [name.name for word in close for name in meanings(word)[:2]]
    inside = [name for name in names() if text in name.split(".")]
    parts = [part for part in text.replace(".", "_").split("_") if len(part) > 3]
    told = [
        name.name
        for name in names().values()
        if parts and all(part in name.description.lower() for part in parts)
    ]
    return list(dict.fromkeys([*meant, *inside, *told]))[:3]


def _ending(text: str) -> Iterator[Name]:
    for name in names().values():
        if text in _ends(name.name):
            yield name


def _ends(name: str) -> Iterator[str]:
    """By which last words a name may be called: of `layers.init.kind` `kind`, `init` and more."""
    for whole in {name, name.removesuffix(".kind")}:
        parts = whole.split(".")
        yield from (".".join(parts[i:]) for i in range(len(parts)))
