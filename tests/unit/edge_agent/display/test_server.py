"""The display's own few lines of HTTP, over real sockets on this machine."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

import pytest

from domain.door import Phase
from domain.events import Event
from domain.ids import DoorId
from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.server import CONTENT_SECURITY_POLICY, DisplayServer
from tests.displays import (
    NOW,
    STATES,
    StillClock,
    display_of,
    doorway,
    granted,
    released,
    served,
)

_LONG: Final = 5.0  # seconds; nothing here takes one


def still(state: str = "idle") -> DoorDisplay:
    return display_of(STATES[state], StillClock())[0]


async def ask(
    address: str, request: str, **headers: str
) -> tuple[int, Mapping[str, str], str]:
    """Status, headers in lower case, and what follows them, of one request."""
    host = urlsplit(address).netloc
    fields = "".join(f"{k}: {v}\r\n" for k, v in ({"Host": host} | headers).items())
    return await say(address, f"{request} HTTP/1.1\r\n{fields}\r\n".encode())


async def say(address: str, raw: bytes) -> tuple[int, Mapping[str, str], str]:
    reader, writer = await asyncio.open_connection(*urlsplit(address).netloc.split(":"))
    writer.write(raw)
    async with asyncio.timeout(_LONG):
        answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    named = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), named, body


async def listen(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream of pictures, its head already read."""
    reader, writer = await asyncio.open_connection(*urlsplit(address).netloc.split(":"))
    host = urlsplit(address).netloc
    writer.write(f"GET /live HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await reader.readuntil(b"retry: 1000\n\n")
    return reader, writer


async def next_picture(reader: asyncio.StreamReader) -> str:
    async with asyncio.timeout(_LONG):
        return (await reader.readuntil(b"\n\n")).decode()


async def test_the_page_holds_the_picture_of_now() -> None:
    async with served(still("refused")) as address:
        status, headers, body = await ask(address, "GET /")

    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "<h1>不能进入</h1>" in body


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/display.css", "text/css"),
        ("/display.js", "text/javascript"),
    ],
)
async def test_style_and_script_come_from_the_door_itself(path: str, kind: str) -> None:
    async with served(still()) as address:
        status, headers, body = await ask(address, f"GET {path}")

    assert (status, headers["content-type"]) == (200, f"{kind}; charset=utf-8")
    assert body


@pytest.mark.parametrize("path", ["/", "/display.css", "/nothing", "/live?x=1"])
async def test_every_answer_forbids_whatever_is_not_ours(path: str) -> None:
    async with served(still()) as address:
        if path.startswith("/live"):
            path = "/favicon.ico"
        _, headers, _ = await ask(address, f"GET {path}")

    assert headers["content-security-policy"] == CONTENT_SECURITY_POLICY.lower()
    assert "default-src 'none'" in CONTENT_SECURITY_POLICY
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("request_", "headers", "status"),
    [
        pytest.param("GET /../server.py", {}, 404, id="a path that climbs out"),
        pytest.param("GET /icons.svg", {}, 404, id="a file that is not served"),
        pytest.param("GET /", {"Host": "evil.example"}, 421, id="a foreign name"),
        pytest.param("GET /", {"Host": ""}, 421, id="no name"),
        pytest.param("POST /", {}, 405, id="a deed"),
        pytest.param("DELETE /live", {}, 405, id="another deed"),
        pytest.param("HEAD /live", {}, 404, id="the head of a stream"),
        pytest.param("GET", {}, 400, id="half a request"),
    ],
)
async def test_what_is_not_a_plain_question_is_refused(
    request_: str, headers: dict[str, str], status: int
) -> None:
    async with served(still()) as address:
        assert (await ask(address, request_, **headers))[0] == status


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", id="big"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\r\n\r\n", id="TLS"),
        pytest.param(b"\r\n\r\n", id="nothing"),
    ],
)
async def test_what_is_no_request_is_refused(raw: bytes) -> None:
    async with served(still()) as address:
        assert (await say(address, raw))[0] == 400


async def test_the_head_has_no_body() -> None:
    async with served(still()) as address:
        status, headers, body = await ask(address, "HEAD /")

    assert (status, body) == (200, "")
    assert int(headers["content-length"]) > 1000


async def test_a_change_is_sent_at_once_and_the_same_is_sent_again() -> None:
    display, door = display_of(STATES["idle"], StillClock())
    async with served(display) as address:
        reader, writer = await listen(address)
        idle = await next_picture(reader)
        assert "热处理车间" in idle

        door.doorway = doorway(Phase.RELEASED)
        for event in (granted(at=NOW), released("access", at=NOW)):
            display.hear(event)
        assert "请进" in await next_picture(reader)
        assert await next_picture(reader)  # a sign of life, a second later
        writer.close()


async def test_events_of_another_door_are_not_shown() -> None:
    display, _ = display_of(STATES["idle"], StillClock())
    theirs: Event = replace(STATES["refused"].recent[0], door=DoorId("other"))

    display.hear(theirs)

    assert display.view().headline.zh == "热处理车间"


async def test_too_many_readers_are_sent_away() -> None:
    async with served(still()) as address:
        streams = [await listen(address) for _ in range(16)]
        assert (await ask(address, "GET /"))[0] == 503

        for _, writer in streams[:2]:
            writer.close()
        async with asyncio.timeout(_LONG):
            while (await ask(address, "GET /"))[0] != 200:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        for _, writer in streams[2:]:
            writer.close()


async def test_a_stop_ends_open_streams() -> None:
    async with served(still()) as address:
        reader, writer = await listen(address)
        await next_picture(reader)

    async with asyncio.timeout(_LONG):
        await reader.read()
    assert reader.at_eof()
    writer.close()


async def test_a_taken_port_is_logged_and_harms_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.ERROR)
    async with served(still()) as address:
        port = urlsplit(address).port
        assert port is not None
        other = asyncio.create_task(DisplayServer(still(), port=port).run())
        async with asyncio.timeout(_LONG):
            while not caplog.records:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)

    assert [r.message for r in caplog.records] == ["display.unavailable"]
