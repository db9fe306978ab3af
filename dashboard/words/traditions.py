"""What the traditions of `engine/conventions.py` are called."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.words.i18n import msg
from engine.conventions import Tradition

TRADITION_NAMES: Mapping[Tradition, str] = {
    "textbook": msg("Textbook"),
    "keras": "Keras",
    "pytorch": "PyTorch",
}
