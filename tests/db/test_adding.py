"""Files as people have them become data that can be learned from, or are refused in a sentence and
nothing is kept. How tables and arrays are read, tests/engine asks."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db import adding as db_adding
from db import data as db_data
from db.adding import add_files
from db.records import KeptData
from db.store import Store
from engine.datasets import IDX
from engine.datasets import kept as engine_kept
from engine.datasets.preview import preview
from engine.errors import DataError
from engine.fitting import config_for
from tests.engine.idx_files import idx_bytes

MOST = 10**6
ROWS = "".join(f"{i},{i % 7},{'ab'[i % 2]}\n" for i in range(40))
TABLE = f"width,length,kind\n{ROWS}"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    with Store.open(sqlite_url) as opened:
        yield opened


Add = Callable[..., KeptData]


@pytest.fixture
def add(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Add:
    """Adds files by their names and bytes, where the data directory is empty."""
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))

    def added(files: dict[str, bytes], *, most: int = MOST, **options: Any) -> KeptData:
        opened = {name: io.BytesIO(data) for name, data in files.items()}
        return add_files(store, opened, owner="mika", most=most, **options)  # type: ignore[arg-type]

    return added


def images(n: int, *, first_label: int = 0) -> tuple[bytes, bytes]:
    """Images and labels of ten classes in the IDX format."""
    labels = (np.arange(n) % 10 + first_label).astype(np.uint8)
    pixels = np.arange(n * 16).reshape(n, 4, 4).astype(np.uint8)
    return idx_bytes(pixels), idx_bytes(labels)


def arrays(**named: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **named)
    return file.getvalue()


X, LABELS = np.random.default_rng(0).random((40, 4)), np.arange(40) % 4
TRAIN, TEST = images(60), images(20)
FOUR = {
    "train-images.idx3-ubyte": TRAIN[0],
    "train-labels.idx1-ubyte": TRAIN[1],
    "t10k-images.idx3-ubyte": TEST[0],
    "t10k-labels.idx1-ubyte": TEST[1],
}
LETTERS = {
    f"emnist-letters-{split}-{what}-idx{n}-ubyte.gz": gzip.compress(data)
    for split, count in (("train", 60), ("test", 20))
    for what, n, data in zip(
        *(("images", "labels"), (3, 1), images(count, first_label=1)), strict=True
    )
}
KUZUSHIJI = {
    f"kmnist-{split}-{what}.npz": arrays(arr_0=data)
    for split, n in (("train", 60), ("test", 20))
    for what, data in (("imgs", np.zeros((n, 4, 4))), ("labels", np.arange(n) % 10))
}
AMOUNTS = "year,price\n" + "".join(f"{i},{i / 2}\n" for i in range(40))
ADDED: dict[str, tuple[dict[str, bytes], str, str, tuple[int, int], int | None]] = {
    # files, name, kind, samples, classes
    "MNIST's four": (FOUR, "mnist", "idx", (60, 20), 10),
    "EMNIST's": (LETTERS, "emnist-letters", "idx", (60, 20), 10),
    "Kuzushiji's": (KUZUSHIJI, "kmnist", "npz", (60, 20), 10),
    "words as labels": (
        {"w.npz": arrays(x=X, y=np.array([*"abcd"])[LABELS])},
        "w",
        "npz",
        (32, 8),
        4,
    ),
    "a table": ({"iris.csv": TABLE.encode()}, "iris", "csv", (32, 8), 2),
    "a table in CP932": (
        {"花.csv": TABLE.replace("kind", "品種").encode("cp932")},
        *("花", "csv", (32, 8), 2),
    ),
    "a gzipped table": ({"t.csv.gz": gzip.compress(TABLE.encode())}, "t", "csv", (32, 8), 2),
    "a table to test on": (
        {"wine_train.csv": TABLE.encode(), "wine_test.csv": TABLE.encode() + b"1,1,a\n"},
        *("wine", "csv", (40, 41), 2),
    ),
    "amounts": (
        {
            "cars.csv": TABLE.replace("kind", "price")
            .replace("a\n", "10\n")
            .replace("b\n", "30.5\n")
            .encode()
        },
        *("cars", "csv", (32, 8), None),
    ),
}


@pytest.mark.parametrize("what", ADDED)
def test_files_become_data_that_fits_a_run(what: str, add: Add) -> None:
    files, name, kind, samples, classes = ADDED[what]
    kept = add(files)
    assert (kept.name, kept.dataset.kind_name()) == (name, kind)
    assert (tuple(kept.about["samples"]), kept.about["classes"]) == (samples, classes)
    info = kept.dataset.info()
    assert info == kept.dataset.load().info
    config = config_for(kept.dataset)  # type: ignore[arg-type]
    assert config.layers[-1].units == info.outputs  # type: ignore[union-attr]
    assert (config.loss.kind == "mean_squared_error") == (classes is None)


ASKED = {
    "no header": ({"n.csv": ROWS.encode()}, "dataset.header"),
    "no plain target": ({"n.csv": b"a,b\n" + b"1.5,2\n2.5,3\n" * 9}, "dataset.target"),
    "features of words": (
        {"n.csv": b"a,color,class\n" + b"1,red,x\n2,blue,y\n" * 9},
        "dataset.words",
    ),
    "prices": ({"n.npz": arrays(x=X, y=np.arange(40) * 997)}, "dataset.task"),
    "channels first": (
        {"n.npz": arrays(x=np.zeros((40, 3, 8, 8)), y=LABELS)},
        "dataset.channels",
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_what_must_be_chosen_is_asked_for(what: str, add: Add) -> None:
    kept = add(ASKED[what][0])
    assert kept.about["shape"] is None
    question = preview(kept.dataset).question  # type: ignore[arg-type]
    assert question is not None
    assert ASKED[what][1] in str(question)


def bomb() -> bytes:
    """An archive of 2 MB that says it unpacks to 8 GB."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.npy", bytes(1000))
        archive.infolist()[0].file_size = 2**33
    return file.getvalue()


CUT = gzip.compress(TABLE.encode() * 50)[:-20]
PICKLED = arrays(x=X, y=np.array([{}] * 40, dtype=object))
REFUSED: dict[str, tuple[dict[str, bytes], str]] = {
    "a web page": ({"t.csv": b"<!DOCTYPE html><html></html>"}, r"t\.csv is a web page"),
    "a workbook": ({"t.xlsx": b"PK\x03\x04" + bytes(40)}, r"t\.xlsx is a workbook"),
    "a cut gzip": ({"t.csv.gz": CUT}, r"t\.csv\.gz cannot be read, it may be cut off"),
    "an uneven table": ({"t.csv": f"{TABLE}1,2\n".encode()}, r"line 42 of t\.csv has 2 cells"),
    "one column": ({"t.csv": b"a\n1\n2\n"}, "must have a feature and a target"),
    "nothing": ({"t.csv": b""}, "it is empty"),
    "pickled arrays": ({"t.npz": PICKLED}, r"`y` in t\.npz .* Python objects"),
    "a bomb": ({"t.npz": bomb()}, r"t\.npz (unpacks to|cannot be read)"),
    "no samples": ({"t.npz": arrays(a=X)}, "must hold samples x and targets y"),
    "half of MNIST": ({n: FOUR[n] for n in list(FOUR)[:1]}, "must hold train-labels"),
    "several kinds": ({"t.csv": TABLE.encode(), "t.npz": arrays(x=X, y=LABELS)}, "several kinds"),
    "several tables": ({f"{n}.csv": TABLE.encode() for n in "abc"}, "these are 3 tables"),
    "other columns": (
        {"train.csv": TABLE.encode(), "test.csv": TABLE.replace("width", "w").encode()},
        r"test\.csv has not the columns of train\.csv",
    ),
    "too much": ({"t.csv": TABLE.encode() * 4000}, r"at most 1,000,000 bytes .*LAYERLAB_UPLOAD_MB"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_learned_from_is_refused_in_a_sentence(
    what: str, add: Add, store: Store
) -> None:
    files, says = REFUSED[what]
    with pytest.raises(DataError, match=says) as caught:
        add(files)
    assert "\n" not in str(caught.value)
    assert "/tmp" not in str(caught.value), "where it lay meanwhile says nothing to anybody"
    assert store.data.list() == []


def test_a_file_is_hashed_once(add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time takes as long as reading it."""
    hashed: list[int] = []

    class Counted:
        def __init__(self) -> None:
            self._digest = sha256()
            self.hexdigest = self._digest.hexdigest

        def update(self, data: bytes) -> None:
            hashed.append(len(data))
            self._digest.update(data)

    for module in (db_adding, db_data, engine_kept):
        monkeypatch.setattr(module, "sha256", Counted)
    table = TABLE.encode()
    assert add({"t.csv": table}).content == sha256(table).hexdigest()
    assert sum(hashed) == len(table)


def test_a_name_of_a_file_leads_nowhere_else(add: Add) -> None:
    assert set(add({"../../etc/t.csv": TABLE.encode()}).files) == {"t.csv"}
    assert set(add({"C:\\data\\u.csv": TABLE.encode() + b"1,1,a\n"}).files) == {"u.csv"}


def test_it_can_be_called_otherwise(add: Add) -> None:
    kept = add(FOUR, name="digits of mine")
    assert kept.name == "digits of mine"
    assert isinstance(kept.dataset, IDX)
