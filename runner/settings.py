"""Where things are and how often they happen: each setting a variable of the environment.

Read once, at the edge, by the command line; everything inside is handed a `Settings`.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal, Self

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from db import address
from engine.errors import ConfigError, RuleError
from engine.messages import Message

_FOLDER = platformdirs.user_data_path("layerlab")
_MOST_WORKERS = 4  # a worker and its child take about 250 MB; a laptop has other things to do


def _variable(name: str, default: Any, description: str, **more: Any) -> Any:
    return Field(default, validation_alias=name, description=description, **more)


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
    upload_mb: int = _variable(
        "LAYERLAB_UPLOAD_MB",
        200,
        "Megabytes that can be added at a time, data or runs, in the browser or by a command.",
        ge=1,
        le=4_000,
    )
    prefix: str = _variable(
        "STREAMLIT_SERVER_BASE_URL_PATH",
        "",
        "The path under which the dashboard is served, such as /lab behind a proxy that passes it"
        " on; by default none.",
        pattern=r"^/?[A-Za-z0-9._~/-]*$",
    )
    auth: Literal["off", "token", "header"] = _variable(
        "LAYERLAB_AUTH",
        "off",
        "Who may open the dashboard: `off` lets everybody in who reaches it, which is this machine"
        " alone; `token` those who have the link that is printed; `header` those whom a proxy"
        " names.",
    )
    token: str = _variable(
        "LAYERLAB_TOKEN",
        "",
        "The token of that link, for several dashboards or one that is started anew; by default"
        " another one at each start.",
        repr=False,
    )
    hosts: str = _variable(
        "LAYERLAB_HOSTS",
        "",
        "Names that the dashboard goes by beside localhost, separated by commas; `*` for any.",
        pattern=r"^[A-Za-z0-9.:*, -]*$",
    )
    proxy: str = _variable(
        "LAYERLAB_PROXY",
        "",
        "The addresses that the proxy's connections come from, or its networks, separated by"
        " commas: 10.0.0.2 or 172.18.0.0/16.",
    )
    user_header: str = _variable(
        "LAYERLAB_USER_HEADER",
        "Remote-User",
        "The header in which the proxy names the user.",
        pattern=r"^[A-Za-z0-9-]+$",
    )
    new_people: Literal["refuse", "viewer", "student"] = _variable(
        "LAYERLAB_NEW_PEOPLE",
        "viewer",
        "What somebody is here whom the proxy names for the first time; `refuse` lets only those in"
        " whom `layerlab people add` has made known.",
    )
    log_folder: Path = _variable(
        "LAYERLAB_LOG_DIR", _FOLDER / "logs", "The folder of the dispatcher's log."
    )

    @field_validator("prefix")
    @classmethod
    def _slashes(cls, prefix: str) -> str:
        """With a slash before it and none after it, or nothing."""
        return f"/{prefix.strip('/')}" if prefix.strip("/") else ""

    @field_validator("proxy")
    @classmethod
    def _addresses(cls, proxy: str) -> str:
        """Addresses and networks, none of which is everybody's."""
        for each in filter(None, map(str.strip, proxy.split(","))):
            try:
                network = ip_network(each)
            except ValueError:
                raise RuleError(Message("must be addresses or networks").got(each)) from None
            if not network.prefixlen:
                raise RuleError(Message("must not be everybody's").got(each))
        return proxy

    @field_validator("token")
    @classmethod
    def _unguessable(cls, token: str) -> str:
        """The token, or one of our own. An error does not repeat it."""
        if not re.fullmatch(r"([A-Za-z0-9._~-]{16,})?", token):
            raise RuleError(Message("must be at least 16 letters, digits or any of . _ ~ -"))
        return token or secrets.token_urlsafe(24)

    @field_validator("database_url")
    @classmethod
    def _whole(cls, url: str) -> str:
        """The URL made whole, so that every process finds the same database."""
        return str(address.parse(url))

    @property
    def of_the_dashboard(self) -> dict[str, str]:
        """The variables by which a dashboard is told who may open it. They are no arguments: other
        users of a machine can see those."""
        return {
            "LAYERLAB_AUTH": self.auth,
            "LAYERLAB_TOKEN": self.token,
            "LAYERLAB_HOSTS": self.hosts,
            "LAYERLAB_PROXY": self.proxy,
            "LAYERLAB_USER_HEADER": self.user_header,
            "LAYERLAB_NEW_PEOPLE": self.new_people,
        } | ({"FORWARDED_ALLOW_IPS": ""} if self.auth == "header" else {})

    def link(self, host: str, port: int) -> str:
        """The address that opens the dashboard."""
        token = f"/?token={self.token}" if self.auth == "token" else ""
        return f"http://{host}:{port}{self.prefix}{token}"

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
