"""The flat parameter vector cut where parameters are treated differently, and into blocks that stay
in the cache while an optimizer's temporaries pass over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import prod
from operator import itemgetter

import numpy as np

from engine.backend import Array
from engine.decay import Decay
from engine.layers.trainable import Trainable
from engine.network import Network

BLOCK = 32_768
"""Parameters an optimizer moves at a time on the processor; a GPU takes them all at once, and a
compiled loop passes over them only once."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Neighbouring parameters with one learning-rate factor that all decay or all do not, and
    their slots."""

    place: slice
    w: Array
    slots: Mapping[str, Array]
    lr_factor: float
    decays: bool


def segments(
    network: Network, slots: Mapping[str, Array], decay: Decay, *, whole: bool = False
) -> list[Segment]:
    """The segments of a network's parameters, in order, in blocks unless `whole`. Frozen layers
    are left out."""
    block = BLOCK if network.xp is np and not whole else max(1, len(network.w))
    cut: list[Segment] = []
    start = 0
    for (factor, decays), run in groupby(_parameters(network, decay), key=itemgetter(1, 2)):
        end = start + sum(size for size, *_ in run)
        if factor > 0:
            for place in (slice(i, min(i + block, end)) for i in range(start, end, block)):
                here = {name: slot[place] for name, slot in slots.items()}
                cut.append(Segment(place, network.w[place], here, factor, decays))
        start = end
    return cut


def trained(network: Network) -> list[slice]:
    """The places of all parameters that are not frozen, neighbours together."""
    places: list[slice] = []
    start = 0
    for frozen, run in groupby(_parameters(network, Decay()), key=lambda each: each[1] == 0):
        end = start + sum(size for size, *_ in run)
        if not frozen and end > start:
            places.append(slice(start, end))
        start = end
    return places


def _parameters(network: Network, decay: Decay) -> Iterator[tuple[int, float, bool]]:
    """Size, learning-rate factor and whether it decays, of every parameter array in order."""
    for layer in network.info:
        factor = layer.spec.lr_factor if isinstance(layer.spec, Trainable) else 1.0
        for name, shape in layer.spec.parameter_shapes(layer.input_shape).items():
            yield prod(shape), factor, decay.any and (decay.on == "all" or name == "W")
