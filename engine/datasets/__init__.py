"""Data sets: what a network learns from."""

from typing import Annotated

from pydantic import Field

from engine.datasets.base import Dataset, DatasetInfo, DatasetSpec
from engine.datasets.circles import Circles
from engine.datasets.csv import CSV
from engine.datasets.diabetes import Diabetes
from engine.datasets.digits import Digits
from engine.datasets.directory import data_directory
from engine.datasets.idx import IDX
from engine.datasets.moons import Moons
from engine.datasets.noise import Noise
from engine.datasets.npz import NPZ
from engine.datasets.openml import OpenML
from engine.datasets.spirals import Spirals

AnyDataset = Annotated[
    Digits | OpenML | IDX | NPZ | CSV | Moons | Circles | Spirals | Noise | Diabetes,
    Field(discriminator="kind"),
]

__all__ = [
    "CSV",
    "IDX",
    "NPZ",
    "AnyDataset",
    "Circles",
    "Dataset",
    "DatasetInfo",
    "DatasetSpec",
    "Diabetes",
    "Digits",
    "Moons",
    "Noise",
    "OpenML",
    "Spirals",
    "data_directory",
]
