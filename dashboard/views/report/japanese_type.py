"""Whether this machine can write Japanese into images.

A browser brings its own type; a PNG is drawn here, with the fonts that are installed. Without a
Japanese one, every character is the same empty box.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import vl_convert

from dashboard.views.report.specs import FONT


@cache
def writes_japanese() -> bool:
    """Whether two characters differ once they are drawn."""
    return _drawn("日") != _drawn("語")


def _drawn(character: str) -> bytes:
    spec: dict[str, Any] = {
        "data": {"values": [{}]},
        "mark": {"type": "text", "text": character, "fontSize": 20},
        "width": 40,
        "height": 40,
        "config": {"font": FONT},
    }
    return vl_convert.vegalite_to_png(spec)
