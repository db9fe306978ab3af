"""Which of several arrays are samples and which are targets, to train on and to validate with.

By their names, where these say it (`x_train`, `kmnist-test-imgs`, `labels`), else by their shapes:
as many targets as samples, and samples of one shape.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from numpy.typing import NDArray

from engine.datasets.arrays import Arrays
from engine.errors import DataError
from engine.messages import Message

Split = Literal["train", "test"]
Content = Literal["x", "t"]

_TEST = re.compile(r"(^|[^a-z])(test|t10k|val|valid|validation)([^a-z]|$)")
_TRAIN = re.compile(r"(^|[^a-z])(train|training)([^a-z]|$)")
_TARGETS = re.compile(r"(^|[^a-z])(y|t|labels?|targets?|class(es)?)([^a-z]|$)")
_WEIGHTS = re.compile(r"(^|[^a-z])weights?([^a-z]|$)")
_TABLES = re.compile(r"\.(csv|tsv|txt)(\.gz)?$", re.IGNORECASE)
_ARRAYS = re.compile(r"\.(npz|npy)$", re.IGNORECASE)
_SAMPLES = re.compile(r"(^|[^a-z])(x|imgs?|images?|data|features?|samples?|inputs?)([^a-z]|$)")


@dataclass(frozen=True, slots=True, eq=False)
class Roles:
    """Samples and targets to train on, and to validate with where there are any; how often each to
    train on counts in the loss, where an array says it."""

    x: NDArray[Any]
    t: NDArray[Any]
    test: tuple[NDArray[Any], NDArray[Any]] | None
    weights: NDArray[Any] | None = None


def siblings(path: Path) -> list[Path]:
    """The files of the data set that a file belongs to: those of its folder whose names differ in
    what they are for alone."""
    if path.is_dir():
        return sorted(each for each in path.iterdir() if each.suffix in (".npz", ".npy"))
    stem = _bare(path.stem)
    return sorted(
        each
        for each in path.parent.iterdir()
        if each.suffix == path.suffix and _bare(each.stem) == stem
    )


def says_test(name: str) -> bool:
    """Whether a file's name says that it is for testing."""
    return bool(_TEST.search(name.lower()))


def other_split(path: Path) -> list[Path]:
    """The tables, or files of arrays, of its folder whose names differ from a file's in that one of
    the two is for testing: `test.csv` of `train.csv`, `iris-test.csv.gz` of `iris.csv`."""
    suffixes = _ARRAYS if _ARRAYS.search(path.name) else _TABLES
    name, test = _bare(suffixes.sub("", path.name)), says_test(path.name)
    return sorted(
        each
        for each in path.parent.iterdir()
        if says_test(each.name) != test
        and suffixes.search(each.name)
        and _bare(suffixes.sub("", each.name)) == name
    )


def _bare(name: str) -> str:
    """A name without the words that say what its array is for."""
    name = name.lower()
    for words in (_TEST, _TRAIN, _TARGETS, _SAMPLES):
        name = words.sub(r"\1", name)
    return name.strip("-_. ")


def roles_of(path: Path, arrays: Arrays) -> Roles:
    """The roles of arrays; raises DataError where neither names nor shapes tell them."""
    weighs = [name for name in arrays if _WEIGHTS.search(name.lower())]
    of_training = [arrays[name] for name in weighs if not _TEST.search(name.lower())]
    arrays = {name: array for name, array in arrays.items() if name not in weighs}
    named = {_role(name): array for name, array in arrays.items() if _role(name)}
    if ("train", "x") not in named or ("train", "t") not in named:
        named = _by_shape(arrays)
    if ("train", "x") not in named or ("train", "t") not in named:
        held = tuple(f"{name} {array.shape}" for name, array in arrays.items())
        rule = Message("{path} must hold samples x and targets y; it holds {found}", path=path)
        raise DataError(rule.filled(found=held or Message("none")))
    test = None
    if ("test", "x") in named and ("test", "t") in named:
        test = named["test", "x"], named["test", "t"]
    elif ("test", "x") in named or ("test", "t") in named:
        rule = Message("{path} must hold both samples and targets to test on; it has one of them")
        raise DataError(rule.filled(path=path))
    weights = of_training[0] if len(of_training) == 1 else None
    return Roles(named["train", "x"], named["train", "t"], test, weights)


def _role(name: str) -> tuple[Split, Content] | None:
    name = name.lower()
    targets, samples = bool(_TARGETS.search(name)), bool(_SAMPLES.search(name))
    if targets == samples:
        return None
    return "test" if _TEST.search(name) else "train", "t" if targets else "x"


def _by_shape(arrays: Mapping[str, NDArray[Any]]) -> dict[Any, NDArray[Any]]:
    """One or two pairs of samples and targets of equal length, the longer pair to train on."""
    samples = [a for a in arrays.values() if a.ndim > 1 and a.shape[1:] != (1,)]
    targets = [a for a in arrays.values() if a.ndim == 1 or a.shape[1:] == (1,)]
    pairs = [(x, t) for x in samples for t in targets if len(x) == len(t)]
    pairs.sort(key=lambda pair: -len(pair[0]))
    if not len(samples) == len(targets) == len(pairs) <= 2 or not pairs:
        return {}
    found: dict[Any, NDArray[Any]] = {("train", "x"): pairs[0][0], ("train", "t"): pairs[0][1]}
    if len(pairs) == 2:
        found |= {("test", "x"): pairs[1][0], ("test", "t"): pairs[1][1]}
    return found
