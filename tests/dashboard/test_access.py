"""Who reaches the dashboard: host names, the token and its cookie, the proxy and whom it names;
pages and WebSockets alike."""

from __future__ import annotations

import asyncio
import ipaddress
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from dashboard.access import Access
from dashboard.proxy import Proxy

TOKEN = "0123456789abcdef"


async def page(request: Request) -> PlainTextResponse:
    return PlainTextResponse(request.url.query)


async def stream(socket: WebSocket) -> None:
    await socket.accept()
    await socket.close()


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


@dataclass
class Client:
    """What a browser does at the door: it names the host, and sends the cookies it was given."""

    app: Starlette
    host: str
    scheme: str = "http"
    cookies: dict[str, str] = field(default_factory=dict)
    address: str | None = None
    more: list[tuple[bytes, bytes]] = field(default_factory=list)

    def get(self, address: str) -> Answer:
        first, *rest = self._ask("http", address)
        headers = {name.decode(): value.decode() for name, value in first["headers"]}
        for name, morsel in SimpleCookie(headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return Answer(first["status"], headers, b"".join(m["body"] for m in rest).decode())

    def reaches_the_stream(self) -> bool:
        return self._ask("websocket", "/stream")[0]["type"] == "websocket.accept"

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)

    def _ask(self, kind: str, address: str) -> list[Message]:
        path, _, query = address.partition("?")
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope: Scope = {
            "type": kind,
            "method": "GET",
            "scheme": self.scheme,
            "path": path,
            "query_string": query.encode(),
            "headers": [(b"host", self.host.encode()), (b"cookie", cookie.encode()), *self.more],
            "client": (self.address, 50_000) if self.address else None,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "websocket.connect" if kind == "websocket" else "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        # On a thread of its own: this one's loop may run already, for a browser of other tests.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._answered(scope, receive, send)).result()
        return sent


def client(*, host: str = "localhost:8501", **options: Any) -> Client:
    told = {"hosts": ("localhost", "::1"), "token": TOKEN, "open_to_all": ("/health",)} | options
    routes = [WebSocketRoute("/stream", stream), Route("/{path:path}", page)]
    return Client(Starlette(routes=routes, middleware=[Middleware(Access, **told)]), host)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "localhost.:8501", "[::1]:8501"])
def test_our_own_names_are_let_in(host: str) -> None:
    browser = client(host=host, token=None)
    assert browser.get("/run?id=1").text == "id=1"
    assert browser.reaches_the_stream()


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example:8501", "1.2.3.4"])
def test_another_name_that_points_here_is_refused(host: str) -> None:
    browser = client(host=host, token=None)
    assert browser.get("/run?id=1").status == 403
    assert browser.get("/health").status == 403
    assert not browser.reaches_the_stream()


def test_any_name_is_ours_where_that_was_said() -> None:
    assert client(host="lab.example", token=None, hosts=("*",)).get("/").status == 200


def test_nobody_without_the_token_reaches_anything_that_is_kept() -> None:
    browser = client()
    for path in ("/", "/run?id=1", "/run?token=", f"/?token={TOKEN}x", "/health/x", "//health"):
        answer = browser.get(path)
        assert answer.status == 401, path
        assert "トークン" in answer.text
        assert TOKEN not in answer.text
    assert not browser.reaches_the_stream()
    assert browser.get("/health").status == 200


def test_the_link_becomes_a_cookie_and_leaves_the_address() -> None:
    browser = client()
    answer = browser.get(f"/run?id=1&token={TOKEN}&tab=a%26b")
    assert answer.status == 303
    assert answer.headers["location"] == "/run?id=1&tab=a%26b"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert browser.get("/run?id=1&tab=a%26b").text == "id=1&tab=a%26b"
    assert browser.reaches_the_stream()


def test_an_address_of_two_hosts_leads_nowhere_else() -> None:
    """`//evil.example` as a path would send the reader there."""
    location = client().get(f"//evil.example/x?token={TOKEN}").headers["location"]
    assert not location.startswith("//")


def test_a_cookie_of_another_dashboard_opens_nothing() -> None:
    one, other = client(), client(token=TOKEN[::-1])
    one.get(f"/?token={TOKEN}")
    other.cookies |= one.cookies
    assert other.get("/").status == 401


def test_the_cookie_is_for_the_prefix_and_secure_where_the_page_is() -> None:
    browser = client(prefix="/lab")
    browser.scheme = "https"
    cookie = browser.get(f"/lab/?token={TOKEN}").headers["set-cookie"]
    assert "Path=/lab" in cookie
    assert "Secure" in cookie
    assert client(prefix="/lab").get("/lab/health").status == 200
    assert client(prefix="/lab").get("/health").status == 401


def test_an_empty_token_opens_nothing() -> None:
    with pytest.raises(ValueError, match="empty token"):
        Access(Starlette(), hosts=(), token="")


PROXY = Proxy(tuple(map(ipaddress.ip_network, ("10.0.0.2", "172.18.0.0/16", "2001:db8::2"))))
HANA = (b"remote-user", b"hana")


def proxied(address: str | None, *more: tuple[bytes, bytes]) -> Client:
    browser = client(token=None, proxy=PROXY)
    browser.address, browser.more = address, list(more)
    return browser


@pytest.mark.parametrize("address", ["10.0.0.2", "172.18.3.4", "2001:db8:0::2", "::ffff:10.0.0.2"])
def test_whom_the_proxy_names_is_let_in(address: str) -> None:
    browser = proxied(address, HANA)
    assert browser.get("/run?id=1").text == "id=1"
    assert browser.reaches_the_stream()


@pytest.mark.parametrize("address", ["10.0.0.3", "127.0.0.1", "::1", "2001:db8::3", "proxy", None])
def test_a_header_from_elsewhere_is_worthless(address: str | None) -> None:
    forwarded = (b"x-forwarded-for", b"10.0.0.2")
    browser = proxied(address, HANA, forwarded)
    for path in ("/", "/run?id=1", "/_stcore/upload_file/a/b", "/media/a.csv", "/health/x"):
        assert browser.get(path).status == 403, path
    assert not browser.reaches_the_stream()
    assert browser.get("/health").status == 200


@pytest.mark.parametrize(
    "named", [(), [(b"remote-user", b"  ")], [HANA, HANA], [(b"remote-user", b"\xff")]]
)
def test_whom_the_proxy_does_not_name_is_nobody(named: list[tuple[bytes, bytes]]) -> None:
    browser = proxied("10.0.0.2", *named)
    answer = browser.get("/run?id=1")
    assert answer.status == 401
    assert "サインイン" in answer.text
    assert not browser.reaches_the_stream()


def test_a_name_arrives_as_it_was_written() -> None:
    assert PROXY.named(["花子".encode().decode("latin-1")]) == "花子"


def test_another_name_of_the_proxys_host_is_refused() -> None:
    browser = proxied("10.0.0.2", HANA)
    browser.host = "evil.example"
    assert browser.get("/").status == 403


def test_a_proxy_without_an_address_is_everybody_and_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        Proxy.read({"LAYERLAB_AUTH": "header", "LAYERLAB_PROXY": ""})
    assert Proxy.read({"LAYERLAB_AUTH": "token", "LAYERLAB_PROXY": "10.0.0.2"}) is None
