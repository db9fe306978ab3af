"""Adding a thing costs what CONTRIBUTING says: its file and its name in one list.

Each is added to a copy of the house in just those places, and then stands on the form, in the
reference and on the command line.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
ROOMS = ("engine", "db", "runner", "dashboard", "layerlab")

OPTIMIZER = '''"""Descent by signs alone (Riedmiller and Braun, 1993)."""

from collections.abc import Mapping
from typing import Literal

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer


@loop
def _signed(w: Array, g: Array, eta: float) -> None:
    for i in elements(w):
        w[i] -= eta * ((g[i] > 0) * 1.0 - (g[i] < 0) * 1.0)


class SignDescent(Optimizer):
    """Sign descent: w ← w - η sign(g)."""

    kind: Literal["sign_descent"] = "sign_descent"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        _signed(w, g, eta)
'''
INITIALIZER = '''"""Weights of one size and of either sign."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.initializers.base import Initializer


class Signs(Initializer):
    """Signs: every weight is 0.1 or -0.1."""

    kind: Literal["signs"] = "signs"

    def weights(self, z: NDArray[np.float64], fan_in: int, fan_out: int) -> NDArray[np.float64]:
        return 0.1 * np.sign(z)
'''
DATASET = '''"""Two stripes."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.generated import Planar


class Stripes(Planar):
    """Stripes: left and right."""

    kind: Literal["stripes"] = "stripes"

    def generate(
        self, generator: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[Any], int]:
        t = np.arange(self.samples) % 2
        return self.jitter(np.stack([t, t], axis=1).astype(float), generator), t, 2
'''
PAGE = '''"""A page of its own."""

import streamlit as st

from dashboard.words.i18n import _

st.title(_("Playground"))
'''
PROBE = """
import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.state.pages import PAGES
from engine.reference import reference


def options(at):
    return sorted(o for box in [*at.selectbox, *at.segmented_control] for o in box.options)


def page(key, **address):
    at = AppTest.from_file(str(Path(dashboard.__file__).with_name("app.py")), default_timeout=120)
    at.switch_page(next(p.script for p in PAGES if p.key == key))
    at.query_params.update(address)
    return at.run()

launch = page("launch")
print(json.dumps({
    "house": str(Path(dashboard.__file__).parents[1]),
    "reference": reference(),
    "form": options(launch),
    "failed": [str(e.value) for e in launch.exception],
    "titles": [t.value for t in page(sys.argv[1], lang="fr").title] if len(sys.argv) > 1 else [],
}))
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the rooms."""
    for room in ROOMS:
        shutil.copytree(HOUSE / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def put(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def name_in(file: Path, union: str, member: str, module: str) -> None:
    """Put a member's name where the family's others stand: imported, in the union, in `__all__`."""
    text = file.read_text(encoding="utf-8")
    for old, new in (
        (f"{union} = Annotated[\n", f"{union} = Annotated[\n    {member} |"),
        ("\n__all__ = [", f'\nfrom {module} import {member}\n\n__all__ = [\n    "{member}",'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    head, tail = text.split(f"\nfrom {module} import {member}\n")
    place = head.index("\nfrom engine.")
    text = f"{head[:place]}\nfrom {module} import {member}{head[place:]}{tail}"
    file.write_text(text, encoding="utf-8")


def python(house: Path, *arguments: str) -> str:
    environment = os.environ | {
        "PYTHONPATH": str(house),
        "LAYERLAB_DATABASE_URL": f"sqlite:///{house / 'runs.db'}",
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=house,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def seen(house: Path, *arguments: str) -> dict[str, object]:
    put(house / "probe.py", PROBE)
    found: dict[str, object] = json.loads(python(house, "probe.py", *arguments).splitlines()[-1])
    assert found["house"] == str(house)
    assert found["failed"] == []
    return found


def add_optimizer(house: Path) -> None:
    put(house / "engine/optimizers/sign_descent.py", OPTIMIZER)
    family = house / "engine/optimizers/__init__.py"
    name_in(family, "OptimizerSpec", "SignDescent", "engine.optimizers.sign_descent")


def add_initializer(house: Path) -> None:
    put(house / "engine/initializers/signs.py", INITIALIZER)
    family = house / "engine/initializers/__init__.py"
    name_in(family, "InitializerSpec", "Signs", "engine.initializers.signs")


def add_dataset(house: Path) -> None:
    put(house / "engine/datasets/stripes.py", DATASET)
    family = house / "engine/datasets/__init__.py"
    name_in(family, "AnyDataset", "Stripes", "engine.datasets.stripes")


def add_page(house: Path) -> None:
    put(house / "dashboard/app_pages/playground/__init__.py", "")
    put(house / "dashboard/app_pages/playground/playground.py", PAGE)
    table = house / "dashboard/state/pages.py"
    row = 'Page("playground", ":material/toys:", msg("Playground"), msg("A page to try things."))'
    text = table.read_text(encoding="utf-8")
    assert text.count("\nPAGES = (") == 1
    put(table, text.replace("\nPAGES = (", f"\nPAGES = (\n    {row},"))


def add_language(house: Path) -> None:
    python(house, "-m", "dashboard.messages", "--init", "fr")
    begun = house / "dashboard/words/catalogues/fr/layerlab.po"
    text = begun.read_text(encoding="utf-8")
    empty = 'msgid "Playground"\nmsgstr ""\n'
    assert text.count(empty) == 1
    put(begun, text.replace(empty, 'msgid "Playground"\nmsgstr "Terrain de jeu"\n'))
    labels = house / "dashboard/words/reader.py"
    text = labels.read_text(encoding="utf-8")
    assert text.count('LANGUAGES = {"en"') == 1
    put(labels, text.replace('LANGUAGES = {"en"', 'LANGUAGES = {"fr": "Français", "en"'))


def test_what_is_added_is_on_the_form_in_the_reference_and_on_the_command_line(house: Path) -> None:
    for add in (add_optimizer, add_initializer, add_dataset, add_page, add_language):
        add(house)
    python(house, "-m", "runner.cli", "db", "upgrade")
    found = seen(house, "playground")
    assert set(found["form"]) >= {"Sign descent", "Signs", "Stripes"}  # type: ignore[call-overload]
    assert found["titles"] == ["Terrain de jeu"]
    for kind in ("sign_descent", "signs", "stripes"):
        assert f"`{kind}`" in str(found["reference"])
    settings = ["optimizer.kind=sign_descent", "layers.0.init.kind=signs", "dataset.kind=stripes"]
    chosen = [part for setting in (*settings, "layers.12.units=2") for part in ("--set", setting)]
    queued = python(house, "-m", "runner.cli", "run", *chosen, "--json")
    assert json.loads(queued)["status"] == "queued"
