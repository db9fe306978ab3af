"""The rooms are layerlab's own: a file `engine.py` beside a notebook would be found before ours."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_HOMES = (_HERE.parent, _HERE / "site-packages")  # from a clone, and installed: pyproject.toml


def check_rooms() -> None:
    """Raise ImportError where Python finds something else by the name of a room."""
    for room in ("engine", "db"):
        found = _found(room)
        if found is None or not any(found.is_relative_to(home / room) for home in _HOMES):
            raise ImportError(
                f"`import layerlab` needs its own `{room}`, but Python finds"
                f" {found or 'nothing'} by that name; rename that file, or keep it in another"
                " folder than the notebook, and start Python again.",
                name=room,
                path=str(found) if found else None,
            )


def _found(room: str) -> Path | None:
    """The file that `import engine` takes, or has taken."""
    spec = None if room in sys.modules else find_spec(room)
    file = spec.origin if spec else getattr(sys.modules.get(room), "__file__", None)
    return Path(file).resolve() if file else None
