"""A console asked without a network: on a loop whose clock jumps there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.types import ASGIApp, Message

from tests.operators import csrf
from tests.web_site import Answer


@dataclass(frozen=True, slots=True)
class Desk:
    """A browser of somebody who is signed in, without script."""

    app: ASGIApp
    cookie: dict[str, str]

    async def get(self, path: str) -> Answer:
        return await self._ask("GET", path, b"")

    async def post(self, path: str, fields: Sequence[tuple[str, str]]) -> Answer:
        marked = [*fields, ("csrf", csrf(self.cookie))]
        return await self._ask("POST", path, urlencode(marked).encode())

    async def _ask(self, method: str, path: str, body: bytes) -> Answer:
        path, _, query = path.partition("?")
        form = "application/x-www-form-urlencoded"
        headers = {**self.cookie, "host": "127.0.0.1", "content-type": form}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            sent.append(message)

        await self.app(scope, receive, send)
        start = sent[0]
        whole = b"".join(message.get("body", b"") for message in sent[1:])
        named = {k.decode().lower(): v.decode() for k, v in start["headers"]}
        return Answer(start["status"], named, whole)
