"""A trained network as one plain NumPy script that runs alone and reads like a lesson.

First every layer's equation, then the helper functions some layers need, last the weights: raw
bytes in base64, so that nothing is lost.
"""

from __future__ import annotations

import base64
import inspect
import pprint
import textwrap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.architecture import LayerInfo
from engine.datasets.base import called
from engine.layers.written import Code
from engine.model import Model

_HEAD = '''\
"""A network trained with layerlab, as plain NumPy:

{stack}

    python SCRIPT samples.npy    prints {answer} of each sample

where samples.npy holds raw samples {input}, as they were before any scaling. In Python:

    from SCRIPT import {names}
"""

import base64
import sys

import numpy as np

'''

_OUTPUTS = '''
def outputs(x):
    """Outputs (N, {outputs}) of the last layer, for raw samples {input}."""
    # {scaling}
    x = ((np.asarray(x) - scaling_offset) / scaling_scale).astype(np.{dtype})
{layers}{unscaled}
    return x

'''

_UNSCALED = """

    # back in the targets' own unit
    x = (x * targets_scale + targets_offset).astype(np.{dtype})"""

_PROBABILITIES = '''
def probabilities(x):
    """Softmax of the outputs: the probability of each class (N, {outputs})."""
    z = outputs(x)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)

'''

_CLASSES = '''
class_names = {called}


def predict(x):
    """The label of each sample (N,): the largest output. `class_names` has its class."""
    return outputs(x).argmax(axis=1)

'''

_NUMBERS = '''
def predict(x):
    """What the network expects of each sample (N, {outputs})."""
    return outputs(x)

'''

_ARRAY = '''
def array(text, dtype, *shape):
    """An array from the base64 of its bytes."""
    return np.frombuffer(base64.b64decode(text), dtype).reshape(shape)


'''

_MAIN = """
if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    samples = np.load(sys.argv[1])
    for start in range(0, len(samples), 500):  # not all at once: memory
        predicted = predict(samples[start : start + 500])
        {printed}
"""

_PRINT_CLASSES = r'print(*(class_names[label] for label in predicted), sep="\n")'
_PRINT_NUMBERS = 'np.savetxt(sys.stdout, predicted, fmt="%.9g")'


def to_numpy_script(model: Model) -> str:
    """The script's text, ASCII but for the equations."""
    layers = [(info, info.spec.as_numpy(info.name, info.input_shape)) for info, _ in model.layers()]
    regression = model.classes is None
    names = ["predict", "probabilities"] if model.has_probabilities else ["predict", "outputs"]
    names += [] if regression else ["class_names"]
    words = {
        "stack": textwrap.fill(", ".join(info.name for info, _ in layers), 96),
        "answer": "the prediction" if regression else "the class",
        "names": ", ".join(names),
        "input": _shape(("N", *model.input_shape)),
        "outputs": model.output_shape[0],
        "scaling": model.scaled_by,
        "dtype": model.network.dtype.name,
        "layers": "\n".join(line for info, code in layers for line in _lines(info, code)),
        "unscaled": _UNSCALED.format(dtype=model.network.dtype.name) if model.targets else "",
        "called": _called(model),
        "printed": _PRINT_NUMBERS if regression else _PRINT_CLASSES,
    }
    parts = [_HEAD, _OUTPUTS]
    parts += [_PROBABILITIES] if model.has_probabilities else []
    parts += [_NUMBERS if regression else _CLASSES]
    text = "".join(part.format(**words) for part in parts)
    return text + _helpers(layers) + _ARRAY + "".join(_arrays(model)) + _MAIN.format(**words)


def _called(model: Model) -> str:
    """The classes' names as Python writes them, in the order of their labels."""
    names = called(model.class_names, model.classes or 0)
    return pprint.pformat(names, width=80, compact=True)


def _lines(info: LayerInfo, code: Code) -> Iterator[str]:
    """A layer's equation as a comment, and its code."""
    spec = type(info.spec)
    yield ""
    yield f"    # {info.name} {_shape(info.input_shape)} -> {_shape(info.output_shape)}"
    yield f"    # {spec.title()}: {spec.summary()}"
    yield from (f"    {line}" for line in code.lines)


def _helpers(layers: list[tuple[LayerInfo, Code]]) -> str:
    needed = dict.fromkeys(helper for _, code in layers for helper in code.helpers)
    return "".join(f"\n{inspect.getsource(helper)}\n" for helper in needed)


def _arrays(model: Model) -> Iterator[str]:
    yield _array("scaling_offset", model.scaling.offset)
    yield _array("scaling_scale", model.scaling.scale)
    if model.targets:
        yield _array("targets_offset", model.targets.offset)
        yield _array("targets_scale", model.targets.scale)
    for info, weights in model.layers():
        for name, values in weights.items():
            yield _array(f"{info.name}_{name}", values)


def _array(name: str, values: NDArray[Any]) -> str:
    array = np.asarray(values)
    array = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
    text = base64.encodebytes(array.tobytes()).decode("ascii")
    sizes = "".join(f", {size}" for size in np.shape(values))
    return f'{name} = array("""\n{text}""", "{array.dtype.str}"{sizes})\n'


def _shape(shape: tuple[int | str, ...]) -> str:
    """(64) or (28, 28, 1)."""
    return f"({', '.join(map(str, shape))})"
