"""Signing in as any program on this machine meets it: over a real socket."""

import asyncio
import logging
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import pytest

from controller.services.one_time import secret_text
from controller.services.operators import Operators
from controller.services.sessions import IDLE, LONGEST, csrf_of
from controller.services.sign_in_backoff import FIRST_WAIT, MOST, TRIES
from controller.store import envelopes
from controller.web.forms import own_path
from domain.events import Event
from domain.operator_events import (
    OperatorLocked,
    OperatorPasswordChanged,
    OperatorSignedIn,
    OperatorSignedOut,
    OperatorSignInRefused,
    OperatorUnlocked,
)
from tests.boards import BUSY, SITE
from tests.operators import PASSWORD, csrf, form
from tests.web_site import Answer, Served, SetClock, Told, fetch, served

ANOTHER: Final = "Spindle-and-Ring-52"
A_MOMENT: Final = timedelta(microseconds=1)
NAMES: Final = [p.name for p in SITE.people.values()]
Cookie = dict[str, str]


def cookie_of(answer: Answer) -> Cookie:
    return {"cookie": answer.cookie}


async def post(address: Served, path: str, cookie: Cookie, **fields: str) -> Answer:
    return await fetch(
        address, path, method="POST", headers=cookie, body=form(cookie, **fields)
    )


async def begin(address: Served) -> Cookie:
    """A browser before signing in."""
    return cookie_of(await fetch(address, "/sign-in"))


async def give_password(
    address: Served, name: str = "guard", password: str = PASSWORD, back: str = "/"
) -> tuple[Answer, Cookie]:
    """The answer to a password, and the browser after it."""
    before = await begin(address)
    answer = await post(
        address, "/sign-in", before, name=name, password=password, next=back
    )
    return answer, cookie_of(answer) if "set-cookie" in answer.headers else before


async def give_code(address: Served, cookie: Cookie, code: str) -> Answer:
    return await post(address, "/sign-in/code", cookie, code=code, next="/")


async def sign_in(
    address: Served, name: str = "guard", password: str = PASSWORD, code: str = ""
) -> Answer:
    _, cookie = await give_password(address, name, password)
    return await give_code(address, cookie, code or address.gate.code(name))


async def events(operators: Operators) -> Sequence[Event]:
    database = operators.sessions.office.database
    entries = await database.read(lambda c: envelopes.page(c, limit=200))
    return [e.event for e in reversed(entries) if e.event is not None]


async def refusals(address: Served) -> list[tuple[str | None, str]]:
    return [
        (each.operator, each.reason)
        for each in await events(address.gate.operators)
        if isinstance(each, OperatorSignInRefused)
    ]


# --- the way in ---


async def test_password_and_code_open_the_console() -> None:
    async with served(Told(BUSY)) as address:
        answer = await sign_in(address)
        page = await fetch(address, "/", headers=cookie_of(answer))
        recorded = await events(address.gate.operators)

    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert (page.status, "Op guard" in page.body) == (200, True)
    assert isinstance(recorded[-1], OperatorSignedIn)


async def test_the_cookie_is_careful_and_new_at_each_step() -> None:
    async with served(Told()) as address:
        first = await begin(address)
        answer, second = await give_password(address)
        opened = await give_code(address, second, address.gate.code("guard"))
        third = cookie_of(opened)
        pages = [await fetch(address, "/", headers=c) for c in (first, second, third)]

    assert len({first["cookie"], second["cookie"], third["cookie"]}) == 3
    for each in (answer, opened):
        assert "HttpOnly" in each.headers["set-cookie"]
        assert "SameSite=strict" in each.headers["set-cookie"]
    assert [page.status for page in pages] == [303, 303, 200]


async def test_a_session_that_somebody_else_chose_is_never_opened() -> None:
    chosen = {"cookie": "menshen_session=" + "ab" * 32}
    async with served(Told()) as address:
        asked = await fetch(address, "/sign-in", headers=chosen)
        step = await post(address, "/sign-in", chosen, name="guard", password=PASSWORD)
        second = cookie_of(step)
        await give_code(address, second, address.gate.code("guard"))
        page = await fetch(address, "/", headers=chosen)

    assert asked.status == 200
    assert second != chosen
    assert page.status == 303


@pytest.mark.parametrize(
    ("name", "password", "code", "reason"),
    [
        ("guard", "Lathe-and-Loom-42", "", (("guard"), "wrong_password")),
        ("guard", PASSWORD, "000000", (("guard"), "wrong_code")),
        ("nobody", PASSWORD, "000000", (None, "unknown")),
    ],
)
async def test_who_fails_is_not_told_which_part_was_wrong(
    name: str, password: str, code: str, reason: tuple[str | None, str]
) -> None:
    async with served(Told()) as address:
        step, cookie = await give_password(address, name, password)
        code = code or address.gate.code("guard")
        answer = await give_code(address, cookie, code)
        page = await fetch(address, "/", headers=cookie)
        recorded = await refusals(address)

    assert (step.status, step.headers["location"]) == (303, "/sign-in/code?next=%2F")
    assert answer.status == 403
    assert "账号、口令与动态码不相符" in answer.body
    assert page.status == 303
    assert recorded == [reason]


async def test_a_password_in_the_wrong_field_is_recorded_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with served(Told()) as address:
        await sign_in(address, PASSWORD, "guard", "000000")
        recorded = repr(await events(address.gate.operators))

    assert PASSWORD.lower() not in recorded.lower()
    assert PASSWORD.lower() not in caplog.text.lower()


async def test_a_code_is_taken_once() -> None:
    async with served(Told()) as address:
        code = address.gate.code("guard")
        first = await sign_in(address, code=code)
        again = await sign_in(address, code=code)
        recorded = await refusals(address)

    assert (first.status, again.status) == (303, 403)
    assert recorded == [("guard", "used_code")]


async def test_two_browsers_with_one_code_open_one_session() -> None:
    async with served(Told()) as address:
        code = address.gate.code("guard")
        _, one = await give_password(address)
        _, two = await give_password(address)
        answers = await asyncio.gather(
            give_code(address, one, code), give_code(address, two, code)
        )

    assert sorted(answer.status for answer in answers) == [303, 403]


async def test_a_recovery_code_opens_once_and_is_told_apart() -> None:
    async with served(Told()) as address:
        code = address.gate.handed["guard"].recovery[0]
        answers = []
        for _ in range(2):
            _, cookie = await give_password(address)
            answers.append(
                await post(address, "/sign-in/code", cookie, code=code, recovery="1")
            )
        left = await address.gate.operators.recovery_codes_left(
            (await address.gate.operators.all())[0].id
        )
        recorded = await events(address.gate.operators)

    assert [answer.status for answer in answers] == [303, 403]
    assert left == 8
    signed = [e for e in recorded if isinstance(e, OperatorSignedIn)]
    assert [e.recovery for e in signed] == [True]


async def test_five_failures_make_the_right_password_wait() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        failed = [await sign_in(address, code="000000") for _ in range(TRIES)]
        blocked, _ = await give_password(address)
        other = await sign_in(address, "reviewer")
        clock.pass_by(FIRST_WAIT - A_MOMENT)
        still, _ = await give_password(address)
        clock.pass_by(A_MOMENT)
        later = await sign_in(address)

    assert {answer.status for answer in failed} == {403}
    assert (blocked.status, blocked.headers["retry-after"]) == (429, "60")
    assert other.status == 303
    assert (still.status, still.headers["retry-after"]) == (429, "1")
    assert later.status == 303


async def test_a_name_that_nobody_has_waits_just_the_same() -> None:
    async with served(Told()) as address:
        for _ in range(TRIES):
            await sign_in(address, "nobody", code="000000")
        blocked, _ = await give_password(address, "nobody")

    assert (blocked.status, blocked.headers["retry-after"]) == (429, "60")


async def test_the_whole_office_looks_at_so_many_attempts_a_minute() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        answers = [
            (await give_password(address, f"name{n}", "guess"))[0]
            for n in range(MOST + 1)
        ]
        clock.pass_by(timedelta(minutes=1))
        later = await sign_in(address)

    assert [answer.status for answer in answers] == [303] * MOST + [429]
    assert later.status == 303


async def test_a_password_without_a_code_lapses() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        _, cookie = await give_password(address)
        clock.pass_by(timedelta(minutes=5))
        answer = await give_code(address, cookie, address.gate.code("guard"))

    assert answer.headers["location"] == "/sign-in?said=late"


# --- where one is led ---


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/\tevil.example",
        "/ /evil.example",
        "\\\\evil.example",
        "",
        "evil.example",
        "/\x7f",
    ],
)
async def test_nobody_is_led_away_from_the_console(wanted: str) -> None:
    assert own_path(wanted) == "/"
    async with served(Told()) as address:
        step, cookie = await give_password(address, back=wanted)
        answer = await post(
            address,
            "/sign-in/code",
            cookie,
            code=address.gate.code("guard"),
            next=wanted,
        )

    assert step.headers["location"] == "/sign-in/code?next=%2F"
    assert answer.headers["location"] == "/"


async def test_one_arrives_where_one_was_going() -> None:
    async with served(Told()) as address:
        asked = await fetch(address, "/account?x=1")
        _, cookie = await give_password(address, back="/account?x=1")
        answer = await post(
            address,
            "/sign-in/code",
            cookie,
            code=address.gate.code("guard"),
            next="/account?x=1",
        )

    assert asked.headers["location"] == "/sign-in?next=%2Faccount%3Fx%3D1"
    assert answer.headers["location"] == "/account?x=1"


# --- forms ---


def other_marks(cookie: Cookie) -> list[str]:
    right = csrf(cookie)
    return ["", "csrf=", f"csrf={right[:-1]}", f"csrf={csrf_of('x')}", "csrf=ü"]


async def test_a_form_without_the_mark_of_its_session_does_nothing() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answers = [
            await fetch(address, "/sign-out", method="POST", headers=cookie, body=body)
            for body in other_marks(cookie)
        ]
        page = await fetch(address, "/", headers=cookie)

    assert [answer.status for answer in answers] == [403] * 5
    assert "没有执行任何操作" in answers[0].body
    assert page.status == 200


async def test_the_mark_of_another_operator_is_no_mark() -> None:
    async with served(Told()) as address:
        guard, reviewer = await address.cookie(), await address.cookie("reviewer")
        answer = await fetch(
            address, "/sign-out", method="POST", headers=guard, body=form(reviewer)
        )

    assert answer.status == 403


async def test_signing_in_needs_the_mark_too() -> None:
    async with served(Told()) as address:
        answer = await fetch(
            address, "/sign-in", method="POST", body=f"name=guard&password={PASSWORD}"
        )

    assert answer.status == 403


async def test_the_script_gives_the_mark_in_a_header() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        headers = {**cookie, "x-csrf-token": csrf(cookie)}
        answer = await fetch(address, "/session/use", method="POST", headers=headers)

    assert answer.status == 204


@pytest.mark.parametrize(
    ("name", "status"), [("csrf", 204), ("other", 403), ('x"; name="csrf', 403)]
)
async def test_a_form_with_files_has_the_mark_first(name: str, status: int) -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        kind = {"content-type": "multipart/form-data; boundary=b"}
        body = (
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            f"{csrf(cookie)}\r\n--b--\r\n"
        )
        answer = await fetch(
            address,
            "/session/use",
            method="POST",
            headers={**cookie, **kind},
            body=body,
        )

    assert answer.status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param("a=" + "x" * 70_000, 413, id="oversize"),
        pytest.param("&".join("a=b" for _ in range(3000)), 403, id="many fields"),
        pytest.param("%%%&&&===%ff%00", 403, id="malformed"),
        pytest.param("{}", 403, id="another kind"),
    ],
)
async def test_odd_bodies_are_answered_calmly(body: str, status: int) -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answer = await fetch(
            address, "/session/use", method="POST", headers=cookie, body=body
        )

    assert answer.status == status


async def test_no_page_of_the_console_can_be_framed() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie("administrator")
        paths = ("/", "/account", "/operators", "/sign-in")
        pages = [await fetch(address, path, headers=cookie) for path in paths]

    assert {page.headers["x-frame-options"] for page in pages} == {"DENY"}
    assert all(
        "frame-ancestors 'none'" in page.headers["content-security-policy"]
        for page in pages
    )


async def test_what_is_typed_is_shown_as_text() -> None:
    nasty = '"><script>alert(1)</script>'
    async with served(Told()) as address:
        step, _ = await give_password(address, nasty, nasty, back=f"/{nasty}")
        page = await fetch(
            address, f"/sign-in?next=/{'%22%3E%3Cscript%3E'}&said=%3Cb%3E"
        )

    assert step.headers["location"].startswith("/sign-in/code?next=%2F")
    assert "<script>" not in page.body
    assert "<b>" not in re.sub(r"<b>门神</b>", "", page.body)


# --- sessions ---


async def test_signing_out_ends_the_session_not_only_the_cookie() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answer = await post(address, "/sign-out", cookie)
        page = await fetch(address, "/", headers=cookie)
        recorded = await events(address.gate.operators)

    assert answer.headers["location"] == "/sign-in?said=signed_out"
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert page.status == 303
    assert [e.cause for e in recorded if isinstance(e, OperatorSignedOut)] == ["self"]


async def test_signing_out_everywhere_ends_the_other_browsers_too() -> None:
    async with served(Told()) as address:
        here, there = await address.cookie(), await address.cookie()
        stranger = await address.cookie("reviewer")
        await post(address, "/sign-out/everywhere", here)
        pages = [await fetch(address, "/", headers=c) for c in (here, there, stranger)]

    assert [page.status for page in pages] == [303, 303, 200]


async def test_a_disabled_operator_is_out_at_once() -> None:
    async with served(Told(BUSY)) as address:
        guard = await address.cookie()
        admin = await address.cookie("administrator")
        answer = await post(address, "/operators/guard/disable", admin)
        page = await fetch(address, "/", headers=guard)
        back = await sign_in(address)
        recorded = await refusals(address)

    assert answer.status == 303
    assert page.status == 303
    assert back.status == 403
    assert recorded == [("guard", "disabled")]


async def test_the_administrator_cannot_disable_themselves() -> None:
    async with served(Told()) as address:
        admin = await address.cookie("administrator")
        await post(address, "/operators/administrator/disable", admin)
        page = await fetch(address, "/operators", headers=admin)

    assert page.status == 200


async def test_a_session_ends_after_a_shift() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        cookie = await address.cookie()
        for _ in range(int(LONGEST / timedelta(minutes=4))):
            before = (await fetch(address, "/", headers=cookie)).status
            clock.pass_by(timedelta(minutes=4))
        after = await fetch(address, "/", headers=cookie)

    assert (before, after.status) == (200, 303)


# --- the lock ---


async def test_five_minutes_without_use_lock_and_not_a_moment_less() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        cookie = await address.cookie()
        clock.pass_by(IDLE - A_MOMENT)
        before = await fetch(address, "/account", headers=cookie)
        clock.pass_by(IDLE)
        after = await fetch(address, "/account", headers=cookie)
        recorded = await events(address.gate.operators)

    assert (before.status, after.status) == (200, 423)
    assert [e.idle for e in recorded if isinstance(e, OperatorLocked)] == [True]


async def test_a_page_that_renews_itself_keeps_nothing_awake() -> None:
    clock = SetClock()
    async with served(Told(BUSY), clock=clock) as address:
        cookie = await address.cookie()
        for _ in range(30):
            clock.pass_by(timedelta(seconds=10))
            page = await fetch(address, "/?renewed=1", headers=cookie)

    assert 'data-locked="1"' in page.body


async def locked(address: Served, name: str = "guard") -> Cookie:
    cookie = await address.cookie(name)
    await post(address, "/lock", cookie)
    return cookie


async def test_a_locked_board_shows_states_and_no_names() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await address.cookie()
        open_page = await fetch(address, "/", headers=cookie)
        await post(address, "/lock", cookie)
        page = await fetch(address, "/", headers=cookie)

    assert any(name in open_page.body for name in NAMES)
    assert [name for name in NAMES if name in page.body] == []
    assert "Op guard" not in page.body
    assert "门被强行打开" in page.body
    assert 'class="tile tile--forced' in page.body


async def stream_of(address: Served, cookie: Cookie, enough: bytes) -> str:
    host = address.removeprefix("http://")
    reader, writer = await asyncio.open_connection(*host.split(":"))
    head = f"GET /events/stream HTTP/1.1\r\nhost: {host}\r\n"
    head += f"connection: close\r\ncookie: {cookie['cookie']}\r\n\r\n"
    writer.write(head.encode())
    raw = b""
    async with asyncio.timeout(5):
        while enough not in raw:
            chunk = await reader.read(65536)
            if not chunk:
                break
            raw += chunk
    writer.close()
    await writer.wait_closed()
    return raw.decode("utf-8", "replace")


@pytest.mark.parametrize("role", ["guard", "administrator", "approver"])
async def test_the_stream_names_nobody_to_whom_it_should_not(role: str) -> None:
    async with served(Told(BUSY), beat=0.2) as address:
        cookie = await (locked(address) if role == "guard" else address.cookie(role))
        told = await stream_of(address, cookie, b"event: beat")

    assert "door-heat_treatment" in told
    assert [name for name in NAMES if name in told] == []


async def test_a_zone_owner_sees_their_own_zones_only() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await address.cookie("zone_owner")
        page = await fetch(address, "/", headers=cookie)

    own = next(iter(SITE.zones))
    shown = {d.zone for d in SITE.doors.values() if f'id="door-{d.id}"' in page.body}
    assert shown == {own}


async def test_a_stream_ends_when_its_session_does() -> None:
    source = Told(BUSY)
    async with served(source, beat=0.2) as address:
        cookie = await address.cookie()
        watching = asyncio.create_task(stream_of(address, cookie, b"never"))
        await source.asked_for.wait()
        await post(address, "/sign-out", cookie)
        told = await watching

    assert "event: patch" in told


async def test_password_and_a_fresh_code_unlock() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await locked(address)
        code = address.gate.code("guard")
        fields = {"code": code, "next": "/account"}
        other = PASSWORD + "!"
        wrong = await post(address, "/unlock", cookie, password=other, **fields)
        right = await post(address, "/unlock", cookie, password=PASSWORD, **fields)
        page = await fetch(address, "/account", headers=cookie)
        recorded = await events(address.gate.operators)

    assert wrong.status == 403
    assert (right.status, right.headers["location"]) == (303, "/account")
    assert page.status == 200
    assert isinstance(recorded[-1], OperatorUnlocked)


async def test_a_code_that_was_used_to_sign_in_does_not_unlock() -> None:
    async with served(Told()) as address:
        code = address.gate.code("guard")
        cookie = cookie_of(await sign_in(address, code=code))
        await post(address, "/lock", cookie)
        answer = await post(address, "/unlock", cookie, password=PASSWORD, code=code)

    assert answer.status == 403


async def test_a_form_that_came_too_late_is_kept_and_sent_on_when_confirmed() -> None:
    async with served(Told()) as address:
        cookie = await locked(address, "administrator")
        target = "/operators/guard/disable"
        held = await post(address, target, cookie, why='say "so" & <b>')
        kept = dict(re.findall(r'name="(kept\w*)" value="([^"]*)"', held.body))
        code = address.gate.code("administrator")
        shown = await post(
            address, "/unlock", cookie, password=PASSWORD, code=code, **kept
        )
        before = [o.disabled_at for o in await address.gate.operators.all()]

    assert held.status == 423
    assert f'action="{target}"' in shown.body
    assert 'name="why" value="say &#34;so&#34; &amp; &lt;b&gt;"' in shown.body
    assert set(before) == {None}


async def test_no_form_is_kept_for_another_site() -> None:
    async with served(Told()) as address:
        cookie = await locked(address)
        answer = await post(
            address,
            "/unlock",
            cookie,
            password=PASSWORD,
            code=address.gate.code("guard"),
            kept="a=b",
            kept_to="//evil.example/",
        )

    assert (answer.status, answer.headers["location"]) == (303, "/")


# --- words and secrets ---


async def test_a_refusal_says_which_role_may() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        answer = await fetch(address, "/operators", headers=cookie)
        english = await fetch(
            address,
            "/operators",
            headers={"cookie": cookie["cookie"] + "; lang=en"},
        )

    assert answer.status == 403
    for role in ("门卫", "安全复核", "保密管理", "系统管理"):
        assert role in answer.body
    assert "You are signed in as Guard" in english.body


@pytest.mark.parametrize(
    ("role", "pages", "absent"),
    [
        ("guard", {"/", "/alarms", "/commands", "/account"}, {"/operators"}),
        ("reviewer", {"/", "/alarms", "/commands", "/account", "/operators"}, set()),
        ("administrator", {"/", "/account", "/operators"}, {"/alarms"}),
    ],
)
async def test_the_navigation_shows_what_the_role_may(
    role: str, pages: set[str], absent: set[str]
) -> None:
    async with served(Told()) as address:
        page = await fetch(address, "/", headers=await address.cookie(role))

    nav = page.body.partition("<nav")[2].partition("</nav>")[0]
    shown = set(re.findall(r'<a href="([^"]+)"', nav))
    assert pages <= shown
    assert shown.isdisjoint(absent)


async def test_no_secret_is_in_any_event_page_or_repr() -> None:
    async with served(Told(BUSY)) as address:
        gate = address.gate
        answer = await sign_in(address)
        cookie = cookie_of(answer)
        account = await fetch(address, "/account", headers=cookie)
        recorded = repr(await events(gate.operators))
        handed = gate.handed["guard"]

    token = cookie["cookie"].partition("=")[2]
    secrets = [PASSWORD, token, secret_text(handed.secret), *handed.recovery]
    for text in (recorded, account.body, repr(handed), repr(gate.operators)):
        assert [secret for secret in secrets if secret in text] == []


async def change(
    address: Served, cookie: Cookie, new: str, *, old: str = PASSWORD, code: str = ""
) -> Answer:
    code = code or address.gate.code("guard")
    fields = {"old": old, "new": new, "again": new, "code": code}
    return await post(address, "/account/password", cookie, **fields)


async def test_an_operator_changes_their_own_password_and_other_sessions_end() -> None:
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        elsewhere = await address.cookie("guard")
        clock.pass_by(timedelta(seconds=30))
        here = await address.cookie("guard")
        clock.pass_by(timedelta(seconds=30))
        changed = await change(address, here, ANOTHER)
        clock.pass_by(timedelta(seconds=30))
        stays = await fetch(address, "/account?said=password", headers=here)
        ended = await fetch(address, "/account", headers=elsewhere)
        with_old = await sign_in(address)
        clock.pass_by(timedelta(seconds=30))
        with_new = await sign_in(address, password=ANOTHER)
        said = await events(address.gate.operators)

    assert (changed.status, stays.status, ended.status) == (303, 200, 303)
    assert "口令已更换" in stays.body
    assert (with_old.status, "location" in with_old.headers) == (403, False)
    assert with_new.headers["location"] == "/"
    assert [e.operator for e in said if isinstance(e, OperatorPasswordChanged)] == [
        "guard"
    ]


async def test_a_password_is_not_changed_without_the_old_one_a_code_and_the_rule() -> (
    None
):
    clock = SetClock()
    async with served(Told(), clock=clock) as address:
        here = await address.cookie("guard")
        clock.pass_by(timedelta(seconds=30))
        answers = [
            await change(address, here, ANOTHER, old="not mine"),
            await change(address, here, ANOTHER, code="000000"),
            await change(address, here, "too weak"),
        ]
        clock.pass_by(timedelta(seconds=30))
        still = await sign_in(address)
        said = await events(address.gate.operators)

    assert [answer.status for answer in answers] == [422, 422, 422]
    assert "现口令与动态码不相符" in answers[0].body
    assert "新口令须有大写字母" in answers[2].body
    assert still.headers["location"] == "/"
    assert not [e for e in said if isinstance(e, OperatorPasswordChanged)]
