"""A stand-in for CuPy where there is no GPU: NumPy behind arrays that are as strict as a device's.

A `DeviceArray` never turns into a NumPy array by itself, never mixes with one, and counts each time
its data is brought to the host: by `get`, or by `float`, `int` and `bool`, which wait for the
device too. Code that trains with `StrictModule` keeps its hands off the host, as it must with CuPy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np

from engine.backend import Backend


class DeviceArray:
    """An array that lies on a pretended device."""

    __hash__ = None  # type: ignore[assignment]
    transfers = 0
    """How often any array's data was brought to the host."""

    def __init__(self, data: np.ndarray) -> None:
        self._data = data

    def get(self) -> np.ndarray:
        """A copy on the host."""
        DeviceArray.transfers += 1
        return self._data.copy()

    def __array__(self, *args: Any, **kwargs: Any) -> np.ndarray:
        raise TypeError("a device array does not turn into a NumPy array by itself; use `get`")

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        """Of NumPy's other functions, which CuPy answers too, the one that loops use."""
        if function is not np.where or any(kind is not DeviceArray for kind in types):
            return self.__array__()
        return wrapped(function)(*args, **options)

    def __array_ufunc__(self, function: np.ufunc, method: str, *given: Any, **options: Any) -> Any:
        """NumPy's functions work on the device, as CuPy has it, where no NumPy array is among what
        they are given: they are refused then."""
        if method != "__call__" or any(isinstance(value, np.ndarray) for value in given):
            return NotImplemented
        return wrapped(function)(*given, **options)

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("an element at a time is a transfer at a time")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # no protocol hands the data to NumPy
            raise AttributeError(name)
        found = getattr(self._data, name)
        return wrapped(found) if callable(found) else on_device(found)

    def __getitem__(self, key: Any) -> Any:
        return on_device(self._data[on_host(key)])

    def __setitem__(self, key: Any, value: Any) -> None:
        self._data[on_host(key)] = on_host(value)

    def __len__(self) -> int:
        return len(self._data)


def _operator(name: str) -> Callable[..., Any]:
    def apply(self: DeviceArray, *others: Any) -> Any:
        return on_device(getattr(self._data, name)(*map(on_host, others)))

    return apply


def _in_place(name: str) -> Callable[..., Any]:
    def apply(self: DeviceArray, other: Any) -> DeviceArray:
        getattr(self._data, name)(on_host(other))
        return self

    return apply


def _conversion(kind: type) -> Callable[..., Any]:
    return lambda self: kind(self.get())


BINARY = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "and", "or", "xor")
for _name in BINARY:
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))
    setattr(DeviceArray, f"__r{_name}__", _operator(f"__r{_name}__"))
    setattr(DeviceArray, f"__i{_name}__", _in_place(f"__i{_name}__"))
for _name in ("neg", "pos", "abs", "invert", "lt", "le", "gt", "ge", "eq", "ne"):
    setattr(DeviceArray, f"__{_name}__", _operator(f"__{_name}__"))
for _kind in (float, int, bool):
    setattr(DeviceArray, f"__{_kind.__name__}__", _conversion(_kind))


def on_host(value: Any) -> Any:
    """What NumPy computes with; refuses a NumPy array where one of the device is due."""
    if isinstance(value, DeviceArray):
        return value._data
    if isinstance(value, np.ndarray):
        raise TypeError("a NumPy array does not mix with device arrays; bring it there first")
    if isinstance(value, list | tuple):
        return type(value)(map(on_host, value))
    return value


def on_device(value: Any) -> Any:
    """A result; on a device even a scalar is an array."""
    if isinstance(value, np.ndarray | np.generic):
        return DeviceArray(np.asarray(value))
    return type(value)(map(on_device, value)) if isinstance(value, list | tuple) else value


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    """A NumPy function, or a method of an array, that takes and gives device arrays."""

    def call(*args: Any, **kwargs: Any) -> Any:
        given = {name: on_host(value) for name, value in kwargs.items()}
        result = on_device(function(*on_host(args), **given))
        return kwargs["out"] if kwargs.get("out") is not None else result

    return call


class StrictModule:
    """NumPy's functions on device arrays; only `asarray` and `array` take one from the host."""

    def __init__(self, module: ModuleType = np) -> None:
        self._module = module

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._module, name)
        if isinstance(found, ModuleType):
            return StrictModule(found)
        return found if isinstance(found, type) or not callable(found) else wrapped(found)

    def asarray(self, value: Any, dtype: Any = None) -> DeviceArray:
        return (
            value if isinstance(value, DeviceArray) and dtype is None else self.array(value, dtype)
        )

    def array(self, value: Any, dtype: Any = None) -> DeviceArray:
        held = value._data if isinstance(value, DeviceArray) else value
        return DeviceArray(np.array(held, dtype))


STRICT: Any = StrictModule()


def strict_backend() -> Backend:
    """A backend on the pretended device."""
    return Backend("strict", STRICT, "the stand-in of the tests")


def transfers_of(call: Callable[[], Any]) -> int:
    """How many transfers a call makes."""
    before = DeviceArray.transfers
    call()
    return DeviceArray.transfers - before
