"""Adding a thing costs what CONTRIBUTING says: mostly its file and its name in one list.

Each is added to a copy of the house in just those places. Then it stands on the form, in the
reference and on the command line; what is measured is recorded, kept, exported and drawn.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HOUSE = Path(__file__).parents[1]
OLD_FILE = HOUSE / "tests/db/data/format-1.layerlab"
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
LAYER = '''"""Softsign (Bergstra et al., 2009): it levels off slowly."""

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code
from engine.loops import part


@part
def theta(z: Any) -> Any:
    return z / (1.0 + np.abs(z))


@part
def slope(z: Any, a: Any) -> Any:
    return (1.0 - np.abs(a)) * (1.0 - np.abs(a))


ELEMENTS = elementwise(theta, slope)


class Softsign(Elementwise):
    """Softsign: θ(z) = z / (1 + |z|)."""

    kind: Literal["softsign"] = "softsign"

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code("x = x / (1 + abs(x))")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Softsign", x)
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
STATISTIC = """

@statistic("Largest output", "Magnitude of the layer's largest output.", log=True)
def largest_output(out: Array) -> Array:
    return abs(out).max()
"""
MIGRATION = '''"""How large the outputs of layers become."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("layer_stat", sa.Column("largest_output", sa.Double))
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
    ) -> tuple[NDArray[np.float64], NDArray[Any]]:
        t = np.arange(self.samples) % 2
        return self.jitter(np.stack([t, t], axis=1).astype(float), generator), t
'''
PAGE = '''"""A page of its own."""

import streamlit as st

from dashboard.words.i18n import _

st.title(_("Playground"))
'''
PAGES = """
import json
import sys
from pathlib import Path

from streamlit.testing.v1 import AppTest

import dashboard
from dashboard.state.pages import PAGES
from engine.reference import reference


def options(at):
    return sorted(o for box in [*at.selectbox, *at.button_group] for o in box.options)


def page(key, **address):
    at = AppTest.from_file(str(Path(dashboard.__file__).with_name("app.py")), default_timeout=120)
    at.switch_page(next(p.script for p in PAGES if p.key == key))
    at.query_params.update(address)
    return at.run()

launch, layers = page("launch"), page("run", id=sys.argv[2], tab="layers", stat="largest_output")
print(json.dumps({
    "house": str(Path(dashboard.__file__).parents[1]),
    "reference": reference(),
    "form": options(launch),
    "layers": options(layers),
    "captions": [c.value for c in layers.caption],
    "failed": [str(e.value) for at in (launch, layers) for e in at.exception],
    "titles": [t.value for t in page(sys.argv[1], lang="fr").title],
}))
"""
TRAIN = """
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from db.records import Status
from db.schema import upgrade
from db.store import Store
from engine.exports.numpy_script import to_numpy_script
from engine.exports.onnx_model import to_onnx
from engine.model import model_of
from engine.records import MemoryRecorder
from engine.training import train


def recorded(store, run_id):
    return store.frames.table("layers", [run_id])["largest_output"].to_pylist()

recorder = MemoryRecorder()
with Store.open() as store:
    claim = store.queue.claim(lease=600)
    store.queue.start(claim.run_id, claim.attempt, worker="host:1", data={})
    train(claim.config, recorder)
    store.history.append(claim.run_id, claim.attempt, recorder.records, lease=600)
    store.queue.finish(claim.run_id, claim.attempt, Status.DONE, step=recorder.records[-1].step)
    store.portable.export([claim.run_id], Path("run.layerlab"))
    old, *_ = store.portable.import_(Path(sys.argv[1])).added
    kept, of_old = recorded(store, claim.run_id), recorded(store, old)
other = f"sqlite:///{Path('other.db').resolve()}"
upgrade(other)
with Store.open(other) as store:
    arrived = recorded(store, store.portable.import_(Path("run.layerlab")).added[0])
model = model_of(claim.config, recorder.checkpoints[-1])
x = claim.config.dataset.load().x_validation[:20].astype(np.float32)
script = {"__name__": "exported"}
exec(to_numpy_script(model), script)
session = onnxruntime.InferenceSession(to_onnx(model), providers=["CPUExecutionProvider"])
exported = script["outputs"](x), session.run(["outputs"], {"samples": x.astype(np.float64)})[0]
ends = [
    (h.low, h.high) for r in recorder.records for h in r.histograms if h.quantity == "activation"
]
print(json.dumps({
    "run": claim.run_id,
    "seen": [max(-low, high) for low, high in ends],
    "kept": kept,
    "arrived": arrived,
    "of_old": of_old,
    "outputs": model.outputs(x).ravel().tolist(),
    "exported": [outputs.ravel().tolist() for outputs in exported],
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


def told(house: Path, script: str, *arguments: str) -> dict[str, Any]:
    """What a script says at last, run in the house."""
    put(house / "script.py", script)
    found: dict[str, Any] = json.loads(python(house, "script.py", *arguments).splitlines()[-1])
    return found


def add_optimizer(house: Path) -> None:
    put(house / "engine/optimizers/sign_descent.py", OPTIMIZER)
    family = house / "engine/optimizers/__init__.py"
    name_in(family, "OptimizerSpec", "SignDescent", "engine.optimizers.sign_descent")


def add_layer(house: Path) -> None:
    put(house / "engine/layers/softsign.py", LAYER)
    family = house / "engine/layers/__init__.py"
    name_in(family, "AnyActivation", "Softsign", "engine.layers.softsign")


def add_initializer(house: Path) -> None:
    put(house / "engine/initializers/signs.py", INITIALIZER)
    family = house / "engine/initializers/__init__.py"
    name_in(family, "InitializerSpec", "Signs", "engine.initializers.signs")


def add_statistic(house: Path) -> None:
    declared = house / "engine/layer_statistics.py"
    text = declared.read_text(encoding="utf-8")
    end = "\n\nSTATISTICS: "
    assert text.count(end) == 1
    put(declared, text.replace(end, f"{STATISTIC}{end}"))
    head = python(house, "-c", "from db.schema import head; print(head())").strip()
    put(house / "db/migrations/versions/9000_largest_output.py", MIGRATION.format(head=head))


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


ADDITIONS = (
    add_optimizer,
    add_layer,
    add_initializer,
    add_statistic,
    add_dataset,
    add_page,
    add_language,
)


def test_what_is_added_is_offered_documented_trained_with_and_shown(house: Path) -> None:
    for add in ADDITIONS:
        add(house)
    python(house, "-m", "runner.cli", "db", "upgrade")
    settings = ["optimizer.kind=sign_descent", "layers.0.init.kind=signs", "dataset.kind=stripes"]
    settings += ["layers.2.kind=softsign", "layers.12.units=2", "epochs=1", "backend=numpy"]
    settings += ["batch_size=20"]  # of a small batch, histograms count every value
    chosen = [part for setting in settings for part in ("--set", setting)]
    queued = python(house, "-m", "runner.cli", "run", *chosen, "--json")
    assert json.loads(queued)["status"] == "queued"

    trained = told(house, TRAIN, str(OLD_FILE))
    assert trained["kept"] == trained["arrived"] == pytest.approx(trained["seen"])
    assert set(trained["of_old"]) == {None}
    for outputs in trained["exported"]:
        assert outputs == pytest.approx(trained["outputs"], rel=1e-3, abs=1e-4)

    found = told(house, PAGES, "playground", str(trained["run"]))
    assert found["house"] == str(house)
    assert found["failed"] == []
    assert set(found["form"]) >= {"Sign descent", "Softsign", "Signs", "Stripes"}
    assert "Largest output" in found["layers"]
    assert any("Magnitude of the layer's largest output" in text for text in found["captions"])
    assert found["titles"] == ["Terrain de jeu"]
    for name in ("sign_descent", "softsign", "signs", "stripes", "largest_output"):
        assert f"`{name}`" in found["reference"]
