"""Where things are and how often they happen: each setting a variable of the environment.

Read once, at the edge, by the command line; everything inside is handed a `Settings`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from db import address
from engine.errors import ConfigError

_FOLDER = platformdirs.user_data_path("layerlab")
_MOST_WORKERS = 4  # a worker and its child take about 250 MB; a laptop has other things to do


def _variable(name: str, default: Any, description: str, **bounds: Any) -> Any:
    return Field(default, validation_alias=name, description=description, **bounds)


def _cores() -> int:
    """The processors that this process may use, which in a container are fewer than there are."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows do not say
        return os.cpu_count() or 1


class Settings(BaseModel):
    """How this machine runs layerlab."""

    model_config = ConfigDict(frozen=True, extra="ignore", validate_default=True)

    database_url: str = Field(
        default_factory=address.default_url,
        validation_alias=address.VARIABLE,
        description="The database that keeps every run; by default a SQLite file of your own.",
    )
    scheduler_address: str | None = _variable(
        "DASK_SCHEDULER_ADDRESS",
        None,
        "The Dask scheduler to train with, such as tcp://scheduler:8786; without one, the "
        "dispatcher starts workers of its own on this machine.",
    )
    workers: int = _variable(
        "LAYERLAB_WORKERS",
        min(_cores(), _MOST_WORKERS),
        "How many runs train at a time on this machine; by default one per core, at most "
        f"{_MOST_WORKERS}.",
        ge=1,
        le=1024,
    )
    lease: float = _variable(
        "LAYERLAB_LEASE",
        30.0,
        "Seconds after which a run whose process has not been heard of is given to another.",
        ge=1,
        le=86_400,
    )
    tick: float = _variable(
        "LAYERLAB_TICK",
        1.0,
        "Seconds between two looks at the queue.",
        ge=0.05,
        le=60,
    )
    grace: float = _variable(
        "LAYERLAB_GRACE",
        3.0,
        "Seconds that a run has to stop by itself before its process is killed.",
        ge=0,
        le=600,
    )
    interval: float = _variable(
        "LAYERLAB_CHECKPOINT",
        10.0,
        "Seconds of training that a run loses at most where its process is killed.",
        ge=1,
        le=86_400,
    )
    compile_ahead: bool = _variable(
        "LAYERLAB_COMPILE_AHEAD",
        True,
        "Whether a worker that has nothing to do compiles loops ahead of the runs that need them.",
    )
    prefix: str = _variable(
        "STREAMLIT_SERVER_BASE_URL_PATH",
        "",
        "The path under which the dashboard is served, such as /lab behind a proxy that passes it"
        " on; by default none.",
        pattern=r"^/?[A-Za-z0-9._~/-]*$",
    )
    log_folder: Path = _variable(
        "LAYERLAB_LOG_DIR", _FOLDER / "logs", "The folder of the dispatcher's log."
    )

    @field_validator("prefix")
    @classmethod
    def _slashes(cls, prefix: str) -> str:
        """With a slash before it and none after it, or nothing."""
        return f"/{prefix.strip('/')}" if prefix.strip("/") else ""

    @field_validator("database_url")
    @classmethod
    def _whole(cls, url: str) -> str:
        """The URL made whole, so that every process finds the same database."""
        return str(address.parse(url))

    @classmethod
    def read(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """The settings of an environment, where an empty variable is an absent one.

        Raises ConfigError naming each variable that breaks a rule.
        """
        given = {name: value for name, value in environment.items() if value}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            raise ConfigError.from_validation(error, cls) from None
