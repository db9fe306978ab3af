"""Loops that Numba compiles: one pass through memory where NumPy makes one for every operation.

A loop is written once, over `elements` or over `rows` and `columns`. Compiled, these are every
index in turn; anywhere else, on a GPU or in a training that ends before Numba is loaded, they are
all of them at once, so that the same lines work on whole arrays:

    @loop
    def sgd(w, g, eta):
        for i in elements(w):
            w[i] -= eta * g[i]

A loop's functions are NumPy's (`np.sqrt`), which CuPy's arrays answer too. Its floats have the
precision of its first array, whether they are arguments, stand in its lines (`2.0`) or have a name
in its module: as in NumPy, single precision stays single. Whole numbers stay whole, so that they
can count: write `1.0 / n`, since `1 / n` is double wherever `n` is an integer.

How far rounding may differ from what the lines say is a loop's own choice: EXACT, FUSED, which is
the rule, or REORDERED. NaN and infinities stay what they are under each of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from threading import RLock
from types import FunctionType
from typing import Any

import numpy as np

from engine.backend import Array

Call = tuple["Loop", tuple[Any, ...]]
"""A loop, and what it is called with."""

Freedom = frozenset[str]
EXACT: Freedom = frozenset()
"""Every operation is rounded by itself, as NumPy does."""
FUSED: Freedom = frozenset({"contract"})
"""A product and a sum may be rounded once."""
REORDERED: Freedom = FUSED | {"reassoc"}
"""And a sum may be taken in any order, so that SIMD adds several values at once, as a BLAS does."""

_compiled: ContextVar[bool | Notes] = ContextVar("compiled", default=False)
_one_at_a_time = RLock()
_parts: list[Callable[..., Any]] = []


@contextmanager
def compiled(wanted: bool | Notes) -> Iterator[None]:
    """Inside, loops run compiled, where that is wanted; or they are only noted."""
    held = _compiled.get()
    outside = _compiled.set(held if wanted and isinstance(held, Notes) else wanted)
    try:
        yield
    finally:
        _compiled.reset(outside)


class Notes:
    """The loops that would have to be compiled, noted instead of run: they leave their arrays as
    they are."""

    def __init__(self) -> None:
        self._calls: dict[Any, Call] = {}

    def take(self, called: Loop, values: tuple[Any, ...]) -> Callable[..., None]:
        layouts = tuple(map(_layout, values))
        if layouts not in called.known:
            self._calls[called, layouts] = called, values
        return _leave_undone

    @property
    def calls(self) -> list[Call]:
        """Each loop with the arguments of its first call."""
        return list(self._calls.values())


def _leave_undone(*values: Any) -> None:
    return


def compiling() -> bool:
    """Whether loops run compiled here."""
    return bool(_compiled.get())


def elements(vector: Array) -> Sequence[Any]:
    """The places of a vector."""
    return (...,)


def rows(matrix: Array) -> Sequence[Any]:
    """The places along a matrix's first axis."""
    return (slice(None),)


def columns(matrix: Array) -> Sequence[Any]:
    """The places along a matrix's second axis."""
    return (slice(None),)


def count(matrix: Array) -> float:
    """How many rows a matrix has, as a number of its precision."""
    return float(len(matrix))


def down(values: Array) -> Array:
    """What a place of a column adds to a sum: its value, or the sum of all the rows at once."""
    return values.sum(axis=0)


def part(source: Callable[..., Any]) -> Callable[..., Any]:
    """A function that loops call, which is compiled with them."""
    _parts.append(source)
    return source


class Loop:
    """A function of arrays and numbers; its floats take the precision of the first array. Where
    it does not compile, it works on whole arrays in a compiled training too."""

    def __init__(
        self,
        source: Callable[..., None],
        on_arrays: Callable[..., None] | None = None,
        freedom: Freedom = FUSED,
        *,
        compiles: bool = True,
    ) -> None:
        self.source, self.on_arrays, self.freedom = source, on_arrays or source, freedom
        self.compiles = compiles
        self._kinds: dict[Any, list[Any]] = {}
        self._machine_code: dict[Any, Callable[..., None]] = {}
        self.known: set[Any] = set()

    def __call__(self, *values: Any) -> None:
        compiles = self.compiles and _compiled.get()
        if not compiles:
            self.on_arrays(*values)
        elif compiles is True:
            try:
                self._machine_code[values[0].dtype](*values)
            except (KeyError, TypeError):  # arrays of a precision or a layout that was not met yet
                self.made_for(*values)(*values)
        else:
            compiles.take(self, values)

    def made_for(self, *values: Any) -> Callable[..., None]:
        """What a call with such values comes to: machine code, or the lines on whole arrays."""
        compiles = self.compiles and _compiled.get()
        if not compiles:
            return self.on_arrays
        if compiles is not True:
            return compiles.take(self, values)
        precision, layouts = values[0].dtype, tuple(map(_layout, values))
        if layouts not in self.known:
            with _one_at_a_time:
                self._compile(tuple(_kind(value, precision) for value in values), precision)
                self.known.add(layouts)
        return self._machine_code[precision]

    def _compile(self, kinds: tuple[Any, ...], precision: np.dtype[Any]) -> None:
        known = self._kinds.setdefault(precision, [])
        if kinds in known:
            return
        self._machine_code[precision] = _machine_code(
            in_precision(self.source, precision), [*known, kinds], self.freedom
        )
        known.append(kinds)


def in_precision(source: Callable[..., None], precision: np.dtype[Any]) -> Callable[..., None]:
    """The same function with its floats, those in its lines and those of its module, as numbers of
    a precision."""
    if precision.kind != "f":
        return source

    def number(value: Any) -> Any:
        return precision.type(value) if type(value) is float else value

    code = source.__code__
    code = code.replace(co_consts=tuple(map(number, code.co_consts)))
    names = {name: number(value) for name, value in source.__globals__.items()}
    precise = FunctionType(code, names, source.__name__, source.__defaults__, source.__closure__)
    precise.__qualname__ = source.__qualname__
    return precise


def _layout(value: Any) -> Any:
    """What of a value decides its kind, had in a fraction of the time."""
    if isinstance(value, np.ndarray):
        return value.dtype, value.ndim, value.flags.num
    return tuple(map(_layout, value)) if isinstance(value, tuple) else type(value)


def _kind(value: Any, precision: np.dtype[Any]) -> Any:
    """Numba's type of a value; of a float, or a tuple of floats, in a precision."""
    from numba import from_dtype, typeof
    from numba.core.types import BaseTuple

    if isinstance(value, float):
        return from_dtype(precision)
    if isinstance(value, tuple):
        return BaseTuple.from_types([_kind(each, precision) for each in value])
    return typeof(value)


def _machine_code(source: Callable[..., None], kinds: Sequence[Any], freedom: Freedom) -> Any:
    """Numba's dispatcher, which finds the code for the arguments it is given; kept on disk, where
    there is a folder to write to."""
    from numba import njit

    _teach_places()
    _teach_parts()
    compiler = partial(
        njit, nogil=True, error_model="numpy", fastmath=set(freedom), no_cfunc_wrapper=True
    )
    try:
        code = compiler(cache=True)(source)
    except RuntimeError:
        code = compiler()(source)
    for each in kinds:
        code.compile(each)
    code.disable_compile()  # it would compile more, for Python's numbers, which are doubles
    return code


def loop(source: Callable[..., None]) -> Loop:
    """A loop over places, which serves whole arrays too."""
    return Loop(source)


def exact_loop(source: Callable[..., None]) -> Loop:
    """The same, rounded as on whole arrays."""
    return Loop(source, freedom=EXACT)


def loop_beside(
    on_arrays: Callable[..., None], *, freedom: Freedom = FUSED
) -> Callable[[Callable[..., None]], Loop]:
    """A loop whose lines would not do for whole arrays: `on_arrays` does the same for them."""
    return partial(Loop, on_arrays=on_arrays, freedom=freedom)


@cache
def _teach_places() -> None:
    """What the places are in a compiled loop: every index in turn."""
    from numba.extending import overload

    inlined = partial(overload, inline="always")  # or LLVM would not see that it can use SIMD
    inlined(elements)(lambda vector: lambda vector: range(vector.shape[0]))
    inlined(rows)(lambda matrix: lambda matrix: range(matrix.shape[0]))
    inlined(columns)(lambda matrix: lambda matrix: range(matrix.shape[1]))
    inlined(count)(lambda matrix: lambda matrix: matrix.dtype.type(matrix.shape[0]))
    inlined(down)(lambda values: lambda values: values)


def _teach_parts() -> None:
    while _parts:
        _teach(_parts.pop())


def _teach(source: Callable[..., Any]) -> None:
    """Let compiled loops call a part, in the precision of what it is given first."""
    from numba.extending import overload
    from numba.np.numpy_support import as_dtype

    @overload(source, strict=False, jit_options={"error_model": "numpy", "fastmath": set(FUSED)})
    def in_the_arrays_precision(first: Any, *others: Any) -> Callable[..., Any]:
        return in_precision(source, as_dtype(getattr(first, "dtype", first)))
