"""Whatever a stranger, a broken browser or a clever guest sends: no page breaks.

Made from the table of the router, so that a new address is asked too. Each is asked as
an operator who may use it: what is refused before a handler runs is tested elsewhere.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from starlette.routing import Mount, Route

from controller.services import people
from controller.web.app import build_app, table_of
from controller.web.roles import Access, addresses
from domain.operators import OperatorRole
from tests.boards import BUSY, SITE
from tests.operators import csrf, form, new_gate
from tests.web_site import Answer, Served, SetClock, Told, fetch, served

SCRIPT: Final = "<script>alert(1)</script>"
EVIL: Final = "\"'><img src=x onerror=alert(2)>" + SCRIPT
# In an address, as a browser or a hand would send it.
IN_PATHS: Final = (
    "..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "%00",
    "%ff%fe",
    "%22%27%3e%3cscript%3ealert(1)%3c/script%3e",
    "%E2%80%AE%EF%BF%BF",
    "-1",
    "99999999999999999999999999",
    "a" * 3000,
    "{0}%s%n",
)
QUERY: Final = (
    "q={0}&before={0}&after={0}&at={0}&door={0}&zone={0}&person={0}&page={0}"
    "&state={0}&level={0}&kind={0}&said={0}&lang={0}&theme={0}&size={0}&next={0}"
)
IN_QUERIES: Final = (
    "%22%27%3e%3cscript%3ealert(1)%3c/script%3e",
    "%2f%2fevil.example%2f",
    "%ff",
    "%00",
    "-99999999999999999999",
    "2026-02-30T99:99",
    "",
)
# Places in a list that nobody stands at, alone and with a filter that finds nobody.
BEYOND: Final = (
    "after=ZZZZ",
    "before=!",
    "after=E1003&q=zzz",
    "before=E1003&q=zzz",
    "after=99999999",
    "before=0",
    "page=99999",
)
BODIES: Final = (
    "&" * 500,
    "=%ff%fe%00=&%=%zz",
    "reason=%ed%a0%80&note=%00&name=" + "%F0%9F%94%A5" * 300,
    "&".join(f"f{n}=1" for n in range(1500)),
    "since=0000-00-00&until=9999-99-99&number=-1&id=..%2f..&door[]=x&person[0]=y",
)
_PARAMETER: Final = re.compile(r"\{[a-z_]+\}")


async def rows() -> list[Access]:
    """Every address that somebody signed in may use."""
    gate = await new_gate(SITE, SetClock())
    app = build_app(Told(), site=SITE, operators=gate.operators, clock=SetClock())
    await gate.close()
    mounted = [
        pair for r in app.routes if isinstance(r, Route) for pair in addresses(r)
    ]
    assert any(isinstance(r, Mount) for r in app.routes)
    table = table_of(app).rows
    return [table[pair] for pair in mounted if table[pair].roles]


@asynccontextmanager
async def console() -> AsyncIterator[tuple[Served, SetClock]]:
    """Everybody in the register has a name that is markup."""
    clock = SetClock()
    gate = await new_gate(SITE, clock)
    assert gate.office is not None
    named = [replace(p, name=EVIL, name_en=EVIL) for p in SITE.people.values()]
    await people.seed(gate.office, named, {}, by=EVIL)
    async with served(Told(BUSY), clock=clock, gate=gate) as address:
        yield address, clock
    await gate.close()


class Browsers:
    """One signed-in browser a role, made when it is needed; anew if it was ended."""

    def __init__(self, address: Served, clock: SetClock) -> None:
        self._address, self._clock = address, clock
        self._cookies: dict[OperatorRole, dict[str, str]] = {}

    async def of(self, row: Access) -> dict[str, str]:
        assert row.roles
        role = min(row.roles)
        if role not in self._cookies or row.path.startswith(("/sign-out", "/lock")):
            self._clock.pass_by(timedelta(seconds=30))
            self._cookies[role] = await self._address.cookie(role)
        if row.path.startswith(("/sign-out", "/lock")):
            return self._cookies.pop(role)
        return self._cookies[role]


def paths_of(row: Access) -> Iterator[str]:
    if _PARAMETER.search(row.path):
        for value in IN_PATHS:
            yield _PARAMETER.sub(value.replace("\\", r"\\"), row.path)


def faults(answer: Answer) -> str:
    """What is wrong with an answer to something hostile; nothing: ""."""
    where = answer.headers.get("location", "/")
    if answer.status >= 500:
        return f"status {answer.status}"
    if not where.startswith("/") or where.startswith(("//", "/\\")):
        return f"leads to {where}"
    if not answer.headers.get("content-type", "").startswith("text/html"):
        return ""  # a list as CSV or a paper has no markup: browsers are told so
    if SCRIPT in answer.body or "<img src=x" in answer.body:
        return "shows what came in as markup"
    return ""


async def test_no_address_breaks_at_what_stands_in_its_place() -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            for path in paths_of(row):
                cookie = await browsers.of(row)
                body = form(cookie) if row.method == "POST" else ""
                answer = await fetch(
                    address, path, method=row.method, headers=cookie, body=body
                )
                if fault := faults(answer):
                    wrong.append((row.method, path[:80], fault))

    assert wrong == []


async def test_no_page_breaks_at_what_is_asked_of_it() -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            if row.method != "GET" or row.path.endswith("/stream"):
                continue
            path = _PARAMETER.sub("1", row.path)
            for query in (*map(QUERY.format, IN_QUERIES), *BEYOND):
                cookie = await browsers.of(row)
                answer = await fetch(address, f"{path}?{query}", headers=cookie)
                if fault := faults(answer):
                    wrong.append((path, query, fault))

    assert wrong == []


async def test_no_form_breaks_at_a_body_that_no_page_sends() -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            if row.method != "POST":
                continue
            for body in BODIES:
                cookie = await browsers.of(row)
                answer = await fetch(
                    address,
                    _PARAMETER.sub("1", row.path),
                    method="POST",
                    headers=cookie,
                    body=f"csrf={csrf(cookie)}&{body}",
                )
                if fault := faults(answer):
                    wrong.append((row.path, body[:40], fault))

    assert wrong == []


@pytest.mark.parametrize(
    "kind", ["application/json", "multipart/form-data; boundary=x"]
)
async def test_no_form_breaks_at_a_body_of_another_kind(kind: str) -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            if row.method != "POST":
                continue
            cookie = await browsers.of(row)
            headers = {**cookie, "x-csrf-token": csrf(cookie), "content-type": kind}
            answer = await fetch(
                address,
                _PARAMETER.sub("1", row.path),
                method="POST",
                headers=headers,
                body='{"a": [[[[[[]]]]]]}\r\n--x\r\nContent-Disposition: nonsense\r\n',
            )
            if fault := faults(answer):
                wrong.append((row.path, fault))

    assert wrong == []


async def test_a_body_that_is_too_large_is_refused_before_it_is_looked_at() -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            if row.method != "POST":
                continue
            cookie = await browsers.of(row)
            answer = await fetch(
                address,
                _PARAMETER.sub("1", row.path),
                method="POST",
                headers=cookie,
                body=f"csrf={csrf(cookie)}&note=" + "x" * row.max_body,
            )
            if answer.status != 413:
                wrong.append((row.path, answer.status))

    assert wrong == []


async def test_names_that_are_markup_are_shown_as_text_on_every_page() -> None:
    wrong = []
    async with console() as (address, clock):
        browsers = Browsers(address, clock)
        for row in await rows():
            if row.method != "GET" or row.path.endswith("/stream"):
                continue
            path = row.path
            if "{person}" in path:
                path = path.replace("{person}", next(iter(SITE.people)))
            path = _PARAMETER.sub("1", path)
            answer = await fetch(address, path, headers=await browsers.of(row))
            if fault := faults(answer):
                wrong.append((path, fault))

    assert wrong == []


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/..%2fapp.py",
        "/static/%2e%2e/app.py",
        "/static/....//app.py",
        "/static//etc/passwd",
        "/static/..%5capp.py",
    ],
)
async def test_nothing_but_what_is_in_its_folder_is_served(path: str) -> None:
    async with served(Told()) as address:
        answer = await fetch(address, path)

    assert answer.status == 404
    assert "def build_app" not in answer.body
