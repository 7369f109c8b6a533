"""The console as any program on this machine meets it: over a real socket."""

import asyncio
from datetime import timedelta

import pytest

from controller.services.board import Board
from controller.web.app import build_app
from controller.web.auth import TRIES
from controller.web.headers import CONTENT_SECURITY_POLICY
from controller.web.server import run_web
from domain.errors import InputError, StorageError
from tests.boards import BUSY, SITE
from tests.web_site import TOKEN, Answer, SetClock, Told, fetch, served


async def signed_in(address: str) -> dict[str, str]:
    answer = await fetch(address, "/token", method="POST", body=f"token={TOKEN}")
    assert answer.status == 303
    return {"cookie": answer.cookie}


@pytest.mark.parametrize("path", ["/", "/events/stream", "/nowhere", "/?show=abnormal"])
async def test_without_the_token_every_page_leads_to_the_form(path: str) -> None:
    async with served(Told(BUSY)) as address:
        answer = await fetch(address, path)

    assert (answer.status, answer.headers["location"]) == (303, "/token")
    assert "周建华" not in answer.body


async def test_health_needs_no_token_and_says_nothing() -> None:
    async with served(Told()) as address:
        answer = await fetch(address, "/healthz")

    assert (answer.status, answer.body) == (200, "ok\n")


async def test_the_form_takes_the_token_and_gives_a_careful_cookie() -> None:
    async with served(Told(BUSY)) as address:
        answer = await fetch(address, "/token", method="POST", body=f"token={TOKEN}")
        page = await fetch(address, "/", headers={"cookie": answer.cookie})

    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    assert "SameSite=strict" in answer.headers["set-cookie"]
    assert TOKEN not in answer.headers["set-cookie"]
    assert page.status == 200
    assert "周建华" in page.body


async def test_the_printed_link_is_taken_and_led_on_without_the_token() -> None:
    async with served(Told()) as address:
        answer = await fetch(address, f"/?token={TOKEN}")
        wrong = await fetch(address, "/?token=of-another-start-of-it")

    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert "menshen_session" in answer.cookie
    assert wrong.headers["location"] == "/token?wrong=1"
    assert "set-cookie" not in wrong.headers


async def test_guessing_is_slowed_down() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        for _ in range(TRIES - 1):
            answer = await fetch(address, "/token", method="POST", body="token=guess")
            assert answer.status == 403
        last = await fetch(address, "/token", method="POST", body="token=guess")
        right = await fetch(address, "/token", method="POST", body=f"token={TOKEN}")
        clock.pass_by(timedelta(minutes=1))
        later = await fetch(address, "/token", method="POST", body=f"token={TOKEN}")

    assert (last.status, last.headers["retry-after"]) == (429, "60")
    assert right.status == 429
    assert later.status == 303


async def test_signing_out_forgets_the_cookie() -> None:
    async with served(Told()) as address:
        cookie = await signed_in(address)
        answer = await fetch(address, "/token/forget", method="POST", headers=cookie)

    assert answer.status == 303
    assert "Max-Age=0" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    "host",
    ["menshen.evil.example", "127.0.0.1.evil.example", "192.0.2.1", "", "a[b"],
)
async def test_a_foreign_host_name_is_answered_with_nothing(host: str) -> None:
    async with served(Told(BUSY)) as address:
        cookie = await signed_in(address)
        answer = await fetch(address, "/", headers={**cookie, "host": host})

    assert answer.status == 421
    assert "周建华" not in answer.body


async def test_a_form_from_another_site_is_refused() -> None:
    async with served(Told()) as address:
        answers = [
            await fetch(
                address,
                "/token",
                method="POST",
                headers={"origin": origin},
                body=f"token={TOKEN}",
            )
            for origin in ("http://evil.example", "null", "http://localhost:1", address)
        ]

    assert [a.status for a in answers] == [403, 403, 403, 303]


async def _everything(address: str) -> list[Answer]:
    cookie = await signed_in(address)
    paths = ["/", "/token", "/nowhere", "/healthz", "/static/board.js", "/static/x"]
    answers = [await fetch(address, path, headers=cookie) for path in paths]
    answers.append(await fetch(address, "/", headers={"host": "evil.example"}))
    answers.append(await fetch(address, "/", method="DELETE", headers=cookie))
    return answers


async def test_every_answer_forbids_what_is_not_ours() -> None:
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
        cookie = await signed_in(address)
        page = await fetch(address, "/", headers=cookie)
        style = await fetch(address, "/static/menshen.css")
        again = {"if-none-match": style.headers["etag"]}
        unchanged = await fetch(address, "/static/menshen.css", headers=again)

    assert page.headers["cache-control"] == "no-store"
    assert style.headers["cache-control"] == "no-cache"
    assert unchanged.status == 304


async def test_an_unknown_page_says_so_calmly_and_with_a_reference() -> None:
    async with served(Told()) as address:
        cookie = await signed_in(address)
        answer = await fetch(address, "/nowhere", headers=cookie)

    assert answer.status == 404
    assert "没有这个页面" in answer.body
    assert "ref-1" in answer.body


async def test_a_register_that_does_not_answer_is_told_as_that() -> None:
    class Broken(Told):
        async def board(self) -> Board:
            raise StorageError("disk I/O error in /var/lib/secret.db")

    async with served(Broken()) as address:
        cookie = await signed_in(address)
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
        cookie = await signed_in(address)
        answer = await fetch(address, "/", headers=cookie)

    assert answer.status == 500
    assert "ref-1" in answer.body
    assert "inside" not in answer.body
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY


async def test_preferences_are_kept_and_leave_the_address() -> None:
    async with served(Told()) as address:
        cookie = await signed_in(address)
        answer = await fetch(
            address, "/?lang=en&show=abnormal&theme=purple", headers=cookie
        )

    assert answer.headers["location"] == "/?show=abnormal"
    assert answer.cookie == "lang=en"  # and nothing for a theme there isn't


async def test_the_stream_starts_with_all_behind_the_last_event_id() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await signed_in(address)
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
    app = build_app(Told(), site=SITE, token=TOKEN, clock=SetClock())

    with pytest.raises(InputError, match="only be served on this machine"):
        await run_web(app, host=host, port=0)


async def test_a_taken_port_is_named() -> None:
    async with served(Told()) as address:
        port = int(address.rpartition(":")[2])
        app = build_app(Told(), site=SITE, token=TOKEN, clock=SetClock())

        with pytest.raises(InputError, match=f"port {port}"):
            await run_web(app, host="127.0.0.1", port=port)
