"""`import layerlab`: every name that a notebook needs, in a real kernel, beside whatever files."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any, get_args

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

import layerlab
from db.errors import DatabaseError, SchemaError
from engine.datasets import AnyDataset
from engine.initializers import InitializerSpec
from engine.layers import AnyLayer
from engine.learning_rates import LearningRateSpec
from engine.losses import LossSpec
from engine.optimizers import OptimizerSpec
from engine.scaling import ScalingSpec

CLONE = Path(__file__).parent.parent
DOCS = CLONE / "docs"
OLD_RUNS = Path(__file__).parent / "db" / "data" / "format-1.layerlab"
FAMILIES: dict[str, Any] = {
    "layers": AnyLayer,
    "initializers": InitializerSpec,
    "optimizers": OptimizerSpec,
    "learning rates": LearningRateSpec,
    "losses": LossSpec,
    "scaling": ScalingSpec,
    "data sets": AnyDataset,
}


def members(union: Any) -> list[type]:
    """The specs of a family, those of unions within it among them."""
    if isinstance(union, type):
        return [union]
    return [spec for part in get_args(union) for spec in members(part)]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_spec_of_a_family_has_its_name_here(family: str) -> None:
    specs = members(FAMILIES[family])
    assert len(specs) > 1
    for spec in specs:
        assert spec.__name__ in layerlab.__all__
        assert getattr(layerlab, spec.__name__) is spec, "two families gave one name"


def test_every_name_that_is_promised_is_there() -> None:
    assert len(set(layerlab.__all__)) == len(layerlab.__all__)
    assert [name for name in layerlab.__all__ if not hasattr(layerlab, name)] == []
    assert re.fullmatch(r"\d+\.\d+\.\d+", layerlab.__version__)


# The database


def test_open_makes_the_default_database_and_only_that(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "new" / "runs.db"
    with pytest.raises(SchemaError, match=re.escape(f"There is no database {file} yet")):
        layerlab.open(file)
    assert not file.parent.exists()
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", f"sqlite:///{file}")
    with layerlab.open() as store:
        assert store.runs.find().total == 0
    for place in (file, str(file), f"sqlite:///{file}"):
        with layerlab.open(place) as store:
            assert store.location == str(file)
    monkeypatch.chdir(file.parent)
    with layerlab.open("runs.db") as store:
        assert store.location == str(file)


@pytest.mark.parametrize("content", ["not a database", ""])
def test_open_says_what_is_no_database_of_ours(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mine.txt"
    file.write_text(content)
    with pytest.raises(DatabaseError, match=re.escape(str(file))):
        layerlab.open(file)
    assert file.read_text() == content


# In a kernel


def run(notebook: Any, folder: Path) -> None:
    """Run every cell in a real kernel that was started in the folder."""
    NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()


@pytest.fixture(autouse=True)
def kernel_of_this_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels are this Python's own, look for modules as those of users do, and leave nothing in
    the user's folders."""
    monkeypatch.delenv("PYTHONSAFEPATH", raising=False)  # commands of layerlab set it for their own
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR"):
        monkeypatch.setenv(name, str(tmp_path / "jupyter"))


def cells(*sources: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in sources])


def test_the_notebook_of_the_documentation_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", f"sqlite:///{tmp_path / 'runs.db'}")
    with layerlab.open() as store:
        store.portable.import_(OLD_RUNS)
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    run(notebook, tmp_path)
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    shown = [out.data for out in outputs if out.output_type == "execute_result"]
    assert any("<table>" in data.get("text/html", "") for data in shown), "the model's summary"


def test_the_notebook_holds_the_code_of_its_page() -> None:
    notebook = nbformat.read(DOCS / "notebook.ipynb", as_version=4)
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    page = (DOCS / "notebook.md").read_text(encoding="utf-8")
    assert code == [block.strip() for block in re.findall(r"```python\n(.*?)```", page, re.S)]
    assert not any(cell.get("outputs") for cell in notebook.cells)


@pytest.mark.parametrize("room", ["engine", "db"])
@pytest.mark.parametrize("already", ["", "imported before"])
def test_a_file_that_stands_before_a_room_is_named(tmp_path: Path, room: str, already: str) -> None:
    file = tmp_path / f"{room}.py"
    file.write_text("mine = 1\n")
    first = f"import {room}" if already else "1"
    with pytest.raises(CellExecutionError) as failed:
        run(cells(first, "import layerlab"), tmp_path)
    assert failed.value.ename == "ImportError"
    assert failed.value.evalue.count(str(file)) == 1
    assert failed.value.evalue.endswith("start Python again.")


def test_files_with_the_names_of_other_rooms_disturb_nothing(tmp_path: Path) -> None:
    for room in ("runner", "dashboard"):
        (tmp_path / f"{room}.py").write_text("raise RuntimeError('mine')\n")
    run(cells("import layerlab as ll", "ll.open"), tmp_path)


# Installed


LOOK = """
import json, site, sys
clone, packages = sys.argv[1:]
sys.path = [path for path in sys.path if path != clone]  # where the tests' own layerlab lies
site.addsitedir(packages)
import layerlab, engine, db, runner, dashboard
print(json.dumps([room.__file__ for room in (layerlab, engine, db, runner, dashboard)]))
"""


def test_an_installed_layerlab_is_one_name_among_the_packages(tmp_path: Path) -> None:
    """Another distribution may bring an `engine`, too: it must not overwrite files of ours."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=CLONE, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    packages = tmp_path / "packages"
    zipfile.ZipFile(wheel).extractall(packages)
    installed = {path.name for path in packages.iterdir() if path.suffix != ".dist-info"}
    assert installed == {"layerlab", "layerlab.pth"}
    looked = [sys.executable, "-P", "-c", LOOK, str(CLONE), str(packages)]
    done = subprocess.run(looked, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert all(Path(file).is_relative_to(packages / "layerlab") for file in json.loads(done.stdout))
    assert (packages / "layerlab/site-packages/dashboard/.streamlit/config.toml").is_file()
