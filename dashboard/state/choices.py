"""What an address can say: a choice has a name there, a way to be written and read, the values that
it may have, and a usual one, which is left unsaid.

A page declares its choices in its module `choices`; `state/address.py` reads and writes them.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Generic, Self, TypeVar

from dashboard.words.i18n import _, integer

T = TypeVar("T")

YES, NO = "1", "0"
LONGEST_NUMBER = 18
"""Digits of a whole number: as many as every database holds."""


@dataclass(frozen=True, eq=False)
class Choice(ABC, Generic[T]):
    """One choice of a page. Changing it unsays the choices named `resets`: those that were made for
    the old value and mean nothing for another, such as the page number of another list."""

    name: str
    usual: T
    resets: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the address is to say just what is shown, and no more."""
        return True

    @property
    def key(self) -> str:
        """The key of the widget that shows it; in the browser also its class, `st-key-…`."""
        return f"at_{self.name}"

    def usually(self, value: T) -> Self:
        """The same choice where something else is usual."""
        return replace(self, usual=value)

    @abstractmethod
    def read(self, text: str) -> T:
        """The value that the text says; raises ValueError where it says none."""

    @abstractmethod
    def write(self, value: T) -> str:
        """The text that says the value."""

    @abstractmethod
    def rule(self) -> str:
        """What the value must be, for a sentence that says it is not."""


@dataclass(frozen=True, eq=False)
class OneOf(Choice[T]):
    """One of a few values: words, numbers of records, or None for none of them."""

    allowed: Collection[T] = ()

    def among(self, allowed: Collection[T], usual: Any = ...) -> OneOf[T]:
        """The same choice among what there is now."""
        return replace(self, allowed=allowed, usual=self.usual if usual is ... else usual)

    def read(self, text: str) -> T:
        for value in self.allowed:
            if str(value) == text:
                return value
        raise ValueError(text)

    def write(self, value: T) -> str:
        return str(value)

    def rule(self) -> str:
        names = [f"`{value}`" for value in self.allowed][:20]
        return _("one of {names}").format(names=", ".join(names))


@dataclass(frozen=True, eq=False)
class Several(Choice[tuple[T, ...]]):
    """Some of a few values, in the order chosen. What is not among them is passed over: a link may
    come from where there is more."""

    allowed: Collection[T] = ()

    def among(self, allowed: Collection[T], usual: tuple[T, ...] | None = None) -> Several[T]:
        """The same choice among what there is now."""
        return replace(self, allowed=allowed, usual=self.usual if usual is None else usual)

    def read(self, text: str) -> tuple[T, ...]:
        known = {str(value): value for value in self.allowed}
        return tuple(dict.fromkeys(known[word] for word in text.split(",") if word in known))

    def write(self, value: tuple[T, ...]) -> str:
        return ",".join(map(str, value))

    def rule(self) -> str:
        return ""


@dataclass(frozen=True, eq=False)
class Flag(Choice[bool]):
    """On or off."""

    def read(self, text: str) -> bool:
        if text not in (YES, NO):
            raise ValueError(text)
        return text == YES

    def write(self, value: bool) -> str:
        return YES if value else NO

    def rule(self) -> str:
        return _("one of {names}").format(names=f"`{YES}`, `{NO}`")


@dataclass(frozen=True, eq=False)
class Whole(Choice[int]):
    """A whole number between two ends."""

    low: int = 1
    high: int = 10**LONGEST_NUMBER

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER):
            raise ValueError(text)
        if not self.low <= int(text) <= self.high:
            raise ValueError(text)
        return int(text)

    def write(self, value: int) -> str:
        return str(value)

    def rule(self) -> str:
        return _between(_("a whole number"), self.low, self.high)


@dataclass(frozen=True, eq=False)
class Real(Choice[float]):
    """A number between two ends."""

    low: float = -math.inf
    high: float = math.inf

    def read(self, text: str) -> float:
        value = float(text)
        if not self.low <= value <= self.high:  # so NaN is none
            raise ValueError(text)
        return value

    def write(self, value: float) -> str:
        return f"{value:.10g}"

    def rule(self) -> str:
        return _between(_("a number"), self.low, self.high)


@dataclass(frozen=True, eq=False)
class Limit(Choice[float | None]):
    """One end of an axis, None where the data set it."""

    def read(self, text: str) -> float:
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(text)
        return value

    def write(self, value: float | None) -> str:
        return "" if value is None else f"{value:.10g}"

    def rule(self) -> str:
        return _("a number")


@dataclass(frozen=True, eq=False)
class Text(Choice[str]):
    """What somebody wrote, up to a length."""

    longest: int = 200

    def read(self, text: str) -> str:
        if len(text) > self.longest:
            raise ValueError(text)
        return text

    def write(self, value: str) -> str:
        return value

    def rule(self) -> str:
        return _("at most {n} characters").format(n=integer(self.longest))


@dataclass(frozen=True, eq=False)
class Numbers(Choice[tuple[int, ...]]):
    """Numbers of records (`3,4`), in order and without repeats. What is no number is passed over:
    a link may have been cut. The page says which of them do not exist, and so does the address."""

    @property
    def exact(self) -> bool:
        return False

    def read(self, text: str) -> tuple[int, ...]:
        words = [word.strip() for word in text.split(",")]
        fit = [w for w in words if w.isdecimal() and len(w) <= LONGEST_NUMBER]
        return tuple(dict.fromkeys(map(int, fit)))

    def write(self, value: tuple[int, ...]) -> str:
        return ",".join(map(str, value))

    def rule(self) -> str:
        return ""


def _between(kind: str, low: float, high: float) -> str:
    return _("{kind} from {low} to {high}").format(kind=kind, low=f"{low:g}", high=f"{high:g}")
