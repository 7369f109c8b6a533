"""The console as any program on this machine meets it: over a real socket."""

import asyncio

import pytest

from controller.services.board import Board
from controller.web.app import build_app
from controller.web.headers import CONTENT_SECURITY_POLICY
from controller.web.server import run_web
from domain.errors import InputError, StorageError
from tests.boards import BUSY, SITE
from tests.operators import form, new_gate
from tests.web_site import Answer, Served, SetClock, Told, fetch, served


async def test_health_is_open_and_says_nothing() -> None:
    async with served(Told()) as address:
        answer = await fetch(address, "/healthz")

    assert (answer.status, answer.body) == (200, "ok\n")


@pytest.mark.parametrize(
    "host",
    ["menshen.evil.example", "127.0.0.1.evil.example", "192.0.2.1", "", "a[b"],
)
async def test_a_foreign_host_name_is_answered_with_nothing(host: str) -> None:
    async with served(Told(BUSY)) as address:
        cookie = await address.cookie()
        answer = await fetch(address, "/", headers={**cookie, "host": host})

    assert answer.status == 421
    assert "周建华" not in answer.body


async def test_a_form_from_another_site_is_refused() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        origins = ("http://evil.example", "null", "http://localhost:1", str(address))
        answers = [
            await fetch(
                address,
                "/session/use",
                method="POST",
                headers={**cookie, "origin": origin},
                body=form(cookie),
            )
            for origin in origins
        ]

    assert [a.status for a in answers] == [403, 403, 403, 204]


async def _everything(address: Served) -> list[Answer]:
    cookie = await address.cookie()
    paths = ["/", "/sign-in", "/nowhere", "/healthz", "/static/console.js", "/static/x"]
    answers = [await fetch(address, path, headers=cookie) for path in paths]
    answers.append(await fetch(address, "/", headers={"host": "evil.example"}))
    answers.append(await fetch(address, "/", method="DELETE", headers=cookie))
    return answers


async def test_every_answer_forbids_what_is_not_ours() -> None:
    """Design 13.1."""
    async with served(Told()) as address:
        answers = await _everything(address)

    assert {a.headers["content-security-policy"] for a in answers} == {
        CONTENT_SECURITY_POLICY
    }
    assert {a.headers["x-content-type-options"] for a in answers} == {"nosniff"}
    assert {a.headers["referrer-policy"] for a in answers} == {"same-origin"}
    assert {a.headers["x-frame-options"] for a in answers} == {"DENY"}
    assert {"server", "x-powered-by"} & {h for a in answers for h in a.headers} == set()


async def test_browsers_keep_the_style_and_no_page() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        page = await fetch(address, "/", headers=cookie)
        style = await fetch(address, "/static/menshen.css")
        again = {"if-none-match": style.headers["etag"]}
        unchanged = await fetch(address, "/static/menshen.css", headers=again)

    assert page.headers["cache-control"] == "no-store"
    assert style.headers["cache-control"] == "no-cache"
    assert unchanged.status == 304


async def test_an_unknown_page_says_so_calmly_and_with_a_reference() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answer = await fetch(address, "/nowhere", headers=cookie)

    assert answer.status == 404
    assert "没有这个页面" in answer.body
    assert "ref-1" in answer.body


async def test_a_register_that_does_not_answer_is_told_as_that() -> None:
    class Broken(Told):
        async def board(self) -> Board:
            raise StorageError("disk I/O error in /var/lib/secret.db")

    async with served(Broken()) as address:
        cookie = await address.cookie()
        answer = await fetch(address, "/", headers=cookie)

    assert answer.status == 503
    assert "ref-1" in answer.body
    assert "secret" not in answer.body
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_a_crash_shows_a_reference_and_none_of_its_insides() -> None:
    class Crashing(Told):
        async def board(self) -> Board:
            raise ZeroDivisionError("inside")

    async with served(Crashing()) as address:
        cookie = await address.cookie()
        answer = await fetch(address, "/", headers=cookie)

    assert answer.status == 500
    assert "ref-1" in answer.body
    assert "inside" not in answer.body
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_preferences_are_kept_and_leave_the_address() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answer = await fetch(
            address, "/?lang=en&show=abnormal&theme=purple", headers=cookie
        )

    assert answer.headers["location"] == "/?show=abnormal"
    assert answer.cookie == "lang=en"  # and nothing for a theme there isn't


async def test_the_stream_starts_with_all_behind_the_last_event_id() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await address.cookie()
        head = await _beginning_of_stream(address, cookie, last=4710)

    assert "content-type: text/event-stream" in head.lower()
    assert "id: 4720\n" in head
    assert 'id="event-4710"' not in head
    assert 'id="event-4711"' in head


async def _beginning_of_stream(address: str, cookie: dict[str, str], last: int) -> str:
    host = address.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    writer.write(
        f"GET /events/stream?lang=zh-CN HTTP/1.1\r\nhost: {host}\r\n"
        f"cookie: {cookie['cookie']}\r\nlast-event-id: {last}\r\n\r\n".encode()
    )
    raw = b""
    async with asyncio.timeout(5):
        while b"id: " not in raw or b"event-47" not in raw:
            raw += await reader.read(65536)
    writer.close()
    await writer.wait_closed()
    return raw.decode("utf-8", "replace")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])  # noqa: S104 refused
async def test_nothing_but_this_machine_is_served(host: str) -> None:
    clock = SetClock()
    gate = await new_gate(SITE, clock)
    app = build_app(Told(), site=SITE, operators=gate.operators, clock=clock)

    with pytest.raises(InputError, match="only be served on this machine"):
        await run_web(app, host=host, port=0)
    await gate.close()


async def test_a_taken_port_is_named() -> None:
    async with served(Told()) as address:
        port = int(address.rpartition(":")[2])
        app = build_app(
            Told(), site=SITE, operators=address.gate.operators, clock=SetClock()
        )

        with pytest.raises(InputError, match=f"port {port}"):
            await run_web(app, host="127.0.0.1", port=port)
