"""A user as the server sees one: a WebSocket that asks for reruns and waits until each has ended.

It speaks what a browser speaks, fragments that refresh themselves included, and draws nothing.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState, ContextInfo
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0  # seconds until an answer counts as missing

Address = tuple[str, str]  # page and query


@dataclass
class Seen:
    """What users saw: seconds until each rerun had ended, of pages and of fragments, and what went
    wrong."""

    pages: list[tuple[str, float]] = field(default_factory=list)
    fragments: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def each_page(run_ids: Sequence[int], rng: random.Random) -> list[Address]:
    """Lists, searches, groups, a run, comparisons, the form, signals of an untrained network, paths
    of optimizers: as often as each of them stands here."""
    newest = list(run_ids)
    ids = ",".join(map(str, rng.sample(newest, 4)))
    return [
        ("runs", ""),
        ("runs", f"order={rng.choice(('best_val_accuracy desc', 'loss asc'))}"),
        ("runs", f'q=optimizer.kind = "{rng.choice(("adam", "sgd"))}"'),
        ("run", f"id={rng.choice(newest)}"),
        ("run", f"id={rng.choice(newest)}"),
        ("compare", f"ids={ids}"),
        ("compare", f"ids={ids}&tab=layers"),
        ("runs", "group=optimizer.kind"),
        ("launch", ""),
        ("activations", f"depth={rng.choice((5, 8, 10))}"),
        ("optimizers", f"surface={rng.choice(('valley', 'beale', 'saddle'))}"),
        ("", ""),
    ]


def tour(run_ids: Sequence[int], rng: random.Random) -> Iterator[Address]:
    """Where a user goes, without end."""
    while True:
        yield rng.choice(each_page(run_ids, rng))


class User:
    """One session."""

    def __init__(self, address: str, seen: Seen) -> None:
        self._address, self._seen = address, seen
        self._fragments: dict[str, tuple[float, float]] = {}  # id: interval, when it is due
        self._widgets: dict[str, tuple[str, str]] = {}  # key: id, of its fragment
        self._states: dict[str, WidgetState] = {}  # what was typed, by the widget's id
        self.messages = 0  # of the last rerun

    async def visit(self, addresses: Iterator[Address], *, until: float, think: float) -> None:
        """Go from address to address, thinking about `think` seconds at each."""
        rng = random.Random(id(self))
        async with connect(self._url, subprotocols=_PROTOCOLS, max_size=None) as socket:
            while time.monotonic() < until:
                page, query = next(addresses)
                self._fragments.clear()
                seconds = await self._rerun(socket, page, query)
                self._seen.pages.append((f"{page or 'home'}", seconds))
                leave = time.monotonic() + rng.uniform(0.5, 1.5) * think
                await self._linger(socket, page, query, until=min(leave, until))

    async def once(self, page: str, query: str = "") -> float:
        """Open one page, and tell how long that took, the connection included."""
        begin = time.perf_counter()
        async with connect(self._url, subprotocols=_PROTOCOLS, max_size=None) as socket:
            await self._rerun(socket, page, query)
        return time.perf_counter() - begin

    async def edits(self, page: str, texts: Iterable[tuple[str, str]]) -> list[tuple[float, int]]:
        """Open a page and type into fields, named by their keys: seconds and messages of each."""
        answers = []
        async with connect(self._url, subprotocols=_PROTOCOLS, max_size=None) as socket:
            await self._rerun(socket, page, "")
            for key, text in texts:
                widget, fragment = self._widgets[key]
                self._states[widget] = WidgetState(id=widget, string_value=text)
                seconds = await self._rerun(socket, page, "", fragment=fragment)
                answers.append((seconds, self.messages))
        return answers

    @property
    def _url(self) -> str:
        return f"{self._address.replace('http', 'ws', 1)}/_stcore/stream"

    async def _linger(
        self, socket: ClientConnection, page: str, query: str, *, until: float
    ) -> None:
        """Stay on a page, whose fragments ask for themselves again and again."""
        while (now := time.monotonic()) < until:
            due = min(self._fragments.items(), key=lambda item: item[1][1], default=None)
            if due is None or due[1][1] > until:
                await asyncio.sleep(until - now)
                return
            name, (interval, at) = due
            await asyncio.sleep(max(0.0, at - now))
            self._seen.fragments.append(await self._rerun(socket, page, query, fragment=name))
            self._fragments[name] = interval, time.monotonic() + interval

    async def _rerun(
        self, socket: ClientConnection, page: str, query: str, *, fragment: str = ""
    ) -> float:
        """Ask for a rerun; the seconds until it had ended."""
        state = ClientState(
            page_name=page,
            query_string=query,
            fragment_id=fragment,
            is_auto_rerun=fragment in self._fragments,
            context_info=_CONTEXT,
        )
        state.widget_states.widgets.extend(self._states.values())
        self.messages = 0
        begin = time.perf_counter()
        await socket.send(BackMsg(rerun_script=state).SerializeToString())
        try:
            async with asyncio.timeout(PATIENCE):
                while not self._ended(await socket.recv(), f"{page}?{query}"):
                    pass
        except TimeoutError:
            self._seen.errors.append(f"{page}?{query}: no answer within {PATIENCE:.0f} s")
        return time.perf_counter() - begin

    def _ended(self, data: str | bytes, where: str) -> bool:
        """Take in a message; whether it says that the script has ended."""
        assert isinstance(data, bytes)
        message = ForwardMsg.FromString(data)
        kind = message.WhichOneof("type")
        self.messages += 1
        if kind == "delta":
            self._remember(message.delta)
        if kind == "auto_rerun":
            found = message.auto_rerun
            self._fragments[found.fragment_id] = (
                found.interval,
                time.monotonic() + found.interval,
            )
        elif kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            self._seen.errors.append(f"{where}: {message.delta.new_element.exception.message}")
        elif kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self._seen.errors.append(f"{where}: the script does not compile")
            return message.script_finished in (
                ForwardMsg.FINISHED_SUCCESSFULLY,
                ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY,
                ForwardMsg.FINISHED_WITH_COMPILE_ERROR,
            )
        return False

    def _remember(self, delta: Delta) -> None:
        """Where a field that can be typed into is."""
        element = delta.new_element
        if element.WhichOneof("type") == "text_input":
            widget = element.text_input.id
            self._widgets[widget.split("-", 2)[-1]] = widget, delta.fragment_id


_PROTOCOLS = ["streamlit"]  # type: ignore[var-annotated]
_CONTEXT = ContextInfo(timezone="Asia/Tokyo", timezone_offset=-540, locale="ja")
