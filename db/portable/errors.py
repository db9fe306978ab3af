"""What is wrong with a file of runs."""

from __future__ import annotations

from engine.errors import LayerlabError


class PortableError(LayerlabError):
    """A file of runs cannot be written, or is not what it should be: then nothing was imported."""
