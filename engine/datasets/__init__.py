"""Data sets: what a network learns from."""

from typing import Annotated

from pydantic import Field

from engine.datasets.base import Dataset, DatasetInfo, DatasetSpec
from engine.datasets.digits import Digits
from engine.datasets.idx import IDX, data_directory

AnyDataset = Annotated[Digits | IDX, Field(discriminator="kind")]

__all__ = ["IDX", "AnyDataset", "Dataset", "DatasetInfo", "DatasetSpec", "Digits", "data_directory"]
