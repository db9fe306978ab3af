"""What lessons work out at once: numbers by their names, each a function of the number that it is
worked out for and of a seed, and the functions that figures draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.lessons.worked import (
    backward,
    bell,
    cars,
    outlier,
    places,
    points,
    slopes,
    statistics,
    steps,
)
from engine.lessons.worked.drawn import Panel

WORKED: Mapping[str, Callable[[float, int], float]] = {
    "itself": lambda at, seed: at,
    "within": bell.within,
    "off_tangent_sigmoid": bell.off_tangent_sigmoid,
    "off_tangent_tanh": bell.off_tangent_tanh,
    "slopes_sigmoid": slopes.sigmoid,
    "slopes_tanh": slopes.tanh,
    "slopes_relu": slopes.relu,
    "normalized_variance": steps.normalized_variance,
    "backward_matrices": backward.matrices,
    "backward_layer": backward.layer,
    "backward_fixed": backward.fixed,
    "variance_averaged": statistics.variance_averaged,
    "variance_corrected": statistics.variance_corrected,
    "deviation_averaged": statistics.deviation_averaged,
    "accuracy_of_batches": statistics.accuracy_of_batches,
    "accuracy_moving": statistics.accuracy_moving,
    "accuracy_population": statistics.accuracy_population,
    "shifted_of_batches": statistics.shifted_of_batches,
    "shifted_moving": statistics.shifted_moving,
    "room_min_max": outlier.min_max,
    "room_mean": outlier.mean,
    "room_z_score": outlier.z_score,
    "cars_unscaled": cars.unscaled,
    "cars_min_max": cars.min_max,
    "cars_mean": cars.mean,
    "cars_z_score": cars.z_score,
    "cars_whole": cars.whole,
    "polynomial": points.polynomial,
    "polynomial_on_points": points.polynomial_on_points,
    "seen_flattened": places.seen_flattened,
    "seen_last_axis": places.seen_last_axis,
}
"""Each: (at, seed) -> the number."""

DRAWN: Mapping[str, Callable[[], tuple[Panel, ...]]] = {
    "bell": bell.drawn,
    "slopes": slopes.drawn,
    "cars": cars.drawn,
    "outlier": outlier.drawn,
    "points": points.drawn,
}
"""What figures draw, by their names."""
