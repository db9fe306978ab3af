"""What a report can hold."""

from __future__ import annotations

from dashboard.words.i18n import _, msg

PARTS = {
    "curves": msg("Curves"),
    "learned": msg("What was learned"),
    "pairs": msg("Paired differences"),
    "layers": msg("Inside the layers"),
    "shapes": msg("Distributions"),
    "batchnorm": msg("BatchNorm"),
    "map": msg("Map"),
    "setup": msg("Configuration"),
}


OF_RUN = ("curves", "learned", "layers", "shapes", "batchnorm", "setup")


OF_MANY = tuple(PARTS)


USUAL = ("curves", "layers", "setup")


USUAL_OF_MANY = ("curves", "pairs", "layers")


def heading(part: str) -> str:
    """What a part is called."""
    return _(PARTS[part])
