"""Every address of the console, asked as every role, over a real socket.

`MAY` is written by hand from the console's rights and compared with the router: a new
address without a line here fails, and so does a line whose address is gone.
"""

import asyncio
from datetime import timedelta
from typing import Final

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from controller.services.operators import Operators
from controller.store import envelopes
from controller.web.api.table import DESCRIPTION, ENDPOINTS
from controller.web.app import build_app, table_of
from controller.web.console import Console
from controller.web.roles import ACCESS, FIRST, Table
from domain.errors import CallerError
from domain.operator_events import OperatorActRefused
from domain.operators import OperatorRole
from domain.tokens import TokenScope
from tests.boards import BUSY, SITE
from tests.operators import form, new_gate, operator
from tests.tokens import bearing, make_token
from tests.web_site import Served, SetClock, Told, fetch, served

ROLES: Final = {
    "g": OperatorRole.GUARD,
    "l": OperatorRole.SHIFT_LEAD,
    "r": OperatorRole.REVIEWER,
    "s": OperatorRole.SECRECY_OFFICER,
    "z": OperatorRole.ZONE_OWNER,
    "p": OperatorRole.APPROVER,
    "a": OperatorRole.ADMINISTRATOR,
}
ALL: Final = "glrszpa"
OPEN: Final = "open to anyone on this machine"
# Not for operators: each address of the API's table, with the scope it needs.
API: Final = {
    ("GET", DESCRIPTION): None,
    **{(each.method, each.path): each.scope for each in ENDPOINTS},
}

MAY: Final[dict[tuple[str, str], str]] = {
    ("GET", "/healthz"): OPEN,
    ("GET", "/static"): OPEN,
    ("GET", "/sign-in"): OPEN,
    ("POST", "/sign-in"): OPEN,
    ("GET", "/sign-in/code"): OPEN,
    ("POST", "/sign-in/code"): OPEN,
    ("GET", "/lobby"): OPEN,
    ("POST", "/lobby/pair"): OPEN,
    ("POST", "/lobby/use"): OPEN,
    ("POST", "/lobby/language"): OPEN,
    ("POST", "/lobby/sign"): OPEN,
    ("POST", "/lobby/end"): OPEN,
    ("POST", "/lobby/done"): OPEN,
    ("POST", "/sign-out"): ALL,
    ("POST", "/sign-out/everywhere"): ALL,
    ("POST", "/session/use"): ALL,
    ("POST", "/lock"): ALL,
    ("GET", "/unlock"): ALL,
    ("POST", "/unlock"): ALL,
    ("GET", "/"): ALL,
    ("GET", "/events/stream"): ALL,
    ("GET", "/watch/start"): "gl",
    ("POST", "/watch/start"): "gl",
    ("GET", "/alarms"): "glrsz",
    ("GET", "/alarms/{alarm}"): "glrsz",
    ("POST", "/alarms/{alarm}/acknowledge"): "gl",
    ("POST", "/alarms/{alarm}/escalate"): "gl",
    ("POST", "/alarms/{alarm}/resolve"): "ls",
    ("GET", "/muster"): "glrs",
    ("GET", "/muster.pdf"): "glrs",
    ("GET", "/desk"): "glrs",
    ("GET", "/visits/new"): "gl",
    ("POST", "/visits"): "gl",
    ("GET", "/visits/{visit}"): "glrs",
    ("POST", "/visits/{visit}/escort"): "gl",
    ("POST", "/visits/{visit}/cancel"): "gl",
    ("POST", "/visits/{visit}/block"): "s",
    ("GET", "/visits/{visit}/check-in"): "glrs",
    ("POST", "/visits/{visit}/check-in"): "gl",
    ("POST", "/visits/{visit}/identity"): "gl",
    ("POST", "/visits/{visit}/devices"): "gl",
    ("POST", "/visits/{visit}/locker"): "gl",
    ("POST", "/visits/{visit}/undertaking"): "gl",
    ("POST", "/visits/{visit}/party"): "gl",
    ("GET", "/visitor-badges"): "gl",
    ("POST", "/visitor-badges"): "gl",
    ("POST", "/visitor-badges/{badge}/retire"): "gl",
    ("GET", "/visits/{visit}/visitors/{person}/photo"): "gl",
    ("POST", "/visits/{visit}/visitors/{person}/photo"): "gl",
    ("POST", "/visits/{visit}/visitors/{person}/photo/remove"): "gl",
    ("POST", "/visits/{visit}/turn-away"): "gl",
    ("GET", "/visits/{visit}/check-out"): "glrs",
    ("GET", "/visits/{visit}/labels.pdf"): "gl",
    ("GET", "/visits/{visit}/visitors/{person}/label.pdf"): "gl",
    ("POST", "/visits/{visit}/check-out"): "gl",
    ("GET", "/visits"): "szp",
    ("POST", "/visits/{visit}/approve"): "p",
    ("POST", "/visits/{visit}/approve-core"): "p",
    ("POST", "/visits/{visit}/refuse"): "p",
    ("GET", "/visits/{visit}/undertakings/{person}.pdf"): "glrs",
    ("GET", "/lobby/tablets"): "gl",
    ("POST", "/lobby/tablets"): "gl",
    ("POST", "/lobby/tablets/{tablet}/revoke"): "gl",
    ("POST", "/lobby/tablets/{tablet}/clear"): "gl",
    ("POST", "/lobby/tablets/{tablet}/witness"): "gl",
    ("GET", "/lobby/send"): "gl",
    ("POST", "/lobby/send"): "gl",
    ("GET", "/undertakings"): "glrs",
    ("GET", "/undertakings/{text}"): "glrs",
    ("POST", "/undertakings/{text}"): "s",
    ("GET", "/doors/{door}"): ALL,
    ("POST", "/doors/{door}/commands"): "glsz",
    ("GET", "/commands"): "glrsz",
    ("GET", "/commands/{act}"): "glrsz",
    ("POST", "/commands/{act}/confirm"): "lsz",
    ("GET", "/people"): "glrsza",
    ("GET", "/people/import"): "s",
    ("POST", "/people/import"): "s",
    ("GET", "/people/import/template.csv"): "s",
    ("GET", "/people/import/{mark}"): "s",
    ("POST", "/people/import/{mark}"): "s",
    ("GET", "/people/{person}"): "rsz",
    ("GET", "/grants"): "rszp",
    ("POST", "/grants"): "sz",
    ("GET", "/grants/new"): "sz",
    ("POST", "/grants/{request}/approve"): "szp",
    ("POST", "/grants/{request}/refuse"): "szp",
    ("GET", "/grants/{grant}"): "rsz",
    ("POST", "/grants/{grant}/withdraw"): "sz",
    ("GET", "/review"): "rsz",
    ("GET", "/review/{round}"): "rsz",
    ("POST", "/review/{round}/{grant}/confirm"): "sz",
    ("POST", "/review/{round}/{grant}/withdraw"): "sz",
    ("POST", "/review/{round}/lapse"): "s",
    ("GET", "/people.csv"): "rs",
    ("GET", "/people/proposals"): "lrs",
    ("POST", "/people/proposals/{person}/decline"): "s",
    ("GET", "/people/{person}/propose-freeze"): "lr",
    ("POST", "/people/{person}/propose-freeze"): "lr",
    ("GET", "/day-badges"): "gl",
    ("POST", "/day-badges"): "gl",
    ("POST", "/day-badges/{person}/end"): "gl",
    ("GET", "/badges"): "a",
    ("POST", "/badges/assign"): "a",
    ("POST", "/badges/withdraw"): "a",
    ("GET", "/posture"): "glsz",
    ("POST", "/posture"): "glsz",
    ("GET", "/zones"): ALL,
    ("GET", "/zones/{zone}/sign.pdf"): ALL,
    ("GET", "/people/{person}/freeze"): "sz",
    ("POST", "/people/{person}/freeze"): "sz",
    ("GET", "/people/{person}/leave"): "s",
    ("POST", "/people/{person}/leave"): "s",
    ("GET", "/people/{person}/reinstate"): "s",
    ("POST", "/people/{person}/reinstate"): "s",
    ("GET", "/people/{person}/de-secrecy"): "s",
    ("POST", "/people/{person}/de-secrecy"): "s",
    ("GET", "/people/{person}/transfer"): "s",
    ("POST", "/people/{person}/transfer"): "s",
    ("GET", "/people/{person}/qualifications"): "s",
    ("POST", "/people/{person}/qualifications"): "s",
    ("GET", "/people/{person}/changes/{change}"): "rsz",
    ("GET", "/account"): ALL,
    ("POST", "/account/password"): ALL,
    ("GET", "/operators"): "rsa",
    ("POST", "/operators/{operator}/disable"): "a",
    ("GET", "/tokens"): "rsa",
    ("POST", "/tokens/{name}/revoke"): "a",
}
# What stands in the places of an address, one a line.
PLACES: Final = {
    "door": "nowhere",
    "act": "none",
    "operator": "nobody.here",
    "alarm": "0",
    "visit": "none",
    "text": "visitor",
    "person": "nobody",
    "zone": "none",
    "change": "1",
    "name": "nothing",
    "command": "none",
    "round": "none",
    "request": "none",
    "grant": "none",
    "tablet": "none",
    "badge": "0",
    "mark": "none",
}
SIGNED_IN: Final = {pair: may for pair, may in MAY.items() if may != OPEN}


async def mounted() -> set[tuple[str, str]]:
    gate = await new_gate(SITE, SetClock())
    app = build_app(Told(), site=SITE, operators=gate.operators, clock=SetClock())
    await gate.close()
    return set(table_of(app).rows)


async def test_every_address_of_the_router_is_in_this_table() -> None:
    assert await mounted() == set(MAY) | set(API)


async def test_no_row_is_kept_for_an_address_that_is_gone() -> None:
    assert {(row.method, row.path) for row in ACCESS} == await mounted()


def test_an_address_without_a_row_stops_the_console() -> None:
    async def forgotten(_request: Request) -> Response:
        return PlainTextResponse("open to all")

    with pytest.raises(CallerError, match="/forgotten"):
        Table([Route("/forgotten", forgotten)])


async def test_a_page_family_without_rows_is_not_served() -> None:
    def family(_console: Console) -> list[BaseRoute]:
        return [Route("/forgotten", lambda _: PlainTextResponse(""))]

    gate = await new_gate(SITE, SetClock())
    with pytest.raises(CallerError, match="/forgotten"):
        build_app(
            Told(),
            site=SITE,
            operators=gate.operators,
            clock=SetClock(),
            families=[family],
        )
    await gate.close()


async def status(
    address: Served, pair: tuple[str, str], cookie: dict[str, str] | None
) -> tuple[int, str]:
    """The status of the answer and where it leads, without reading its body."""
    method, path = pair[0], pair[1].format(**PLACES)
    host = address.removeprefix("http://")
    body = form(cookie) if cookie and method == "POST" else ""
    head = f"{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n"
    if cookie:
        head += f"cookie: {cookie['cookie']}\r\n"
    if method == "POST":
        head += "content-type: application/x-www-form-urlencoded\r\n"
        head += f"content-length: {len(body)}\r\n"
    reader, writer = await asyncio.open_connection(*host.rsplit(":", 1))
    writer.write(f"{head}\r\n{body}".encode())
    answer = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.close()
    await writer.wait_closed()
    location = answer.partition("location: ")[2].partition("\r\n")[0]
    return int(answer.split()[1]), location


async def refusals(operators: Operators) -> list[tuple[str, str]]:
    database = operators.sessions.office.database
    entries = await database.read(lambda c: envelopes.page(c, limit=500))
    found = [entry.event for entry in entries]
    return [(e.operator, e.act) for e in found if isinstance(e, OperatorActRefused)]


@pytest.mark.parametrize("letter", ALL)
async def test_a_role_may_what_it_may_and_all_else_is_refused_and_recorded(
    letter: str,
) -> None:
    """Design 13.26."""
    role = ROLES[letter]
    clock = SetClock()
    wrong = []
    async with served(Told(BUSY), clock=clock) as address:
        for pair, may in SIGNED_IN.items():
            clock.pass_by(timedelta(seconds=30))  # for a fresh code
            cookie = await address.cookie(role)
            got, location = await status(address, pair, cookie)
            allowed = got not in (401, 403, 413, 423, 500) and location != "/sign-in"
            # Without a password nobody unlocks: that is an answer, not a refusal.
            if allowed != (letter in may):
                wrong.append((pair, got, location))
        recorded = await refusals(address.gate.operators)

    assert wrong == []
    expected = {f"{m} {p}" for (m, p), may in SIGNED_IN.items() if letter not in may}
    assert {act for _, act in recorded} == expected
    assert {who for who, _ in recorded} <= {role.value}


async def test_nobody_who_is_not_signed_in_gets_further_than_the_form() -> None:
    async with served(Told(BUSY)) as address:
        answers = [await status(address, pair, None) for pair in SIGNED_IN]
        nowhere = await status(address, ("GET", "/nowhere"), None)

    assert {got for got, _ in answers} == {303}
    assert {where.partition("?")[0] for _, where in answers} == {"/sign-in"}
    assert nowhere == (303, "/sign-in?next=%2Fnowhere")


async def test_no_address_of_the_api_answers_without_a_token() -> None:
    async with served(Told(BUSY)) as address:
        cookie = await address.cookie("secrecy_officer")
        bare = [await status(address, pair, None) for pair in API]
        signed_in = [await status(address, pair, cookie) for pair in API]
        nowhere = await status(address, ("GET", "/api/v1/nowhere"), None)

    assert {*bare, *signed_in, nowhere} == {(401, "")}


async def test_a_token_is_refused_whatever_is_not_in_its_scopes() -> None:
    clock = SetClock()
    wrong = []
    async with served(Told(BUSY), clock=clock) as address:
        for number, (pair, scope) in enumerate(API.items()):
            others = {s for s in TokenScope if s is not scope}
            token = await make_token(address.gate, *others, name=f"but{number}")
            answer = await fetch(
                address,
                pair[1].format(**PLACES),
                method=pair[0],
                headers=bearing(token),
            )
            if (answer.status == 403) != (scope is not None):
                wrong.append((pair, answer.status))

    assert wrong == []


async def test_the_page_a_role_begins_with_is_there_and_theirs() -> None:
    gate = await new_gate(SITE, SetClock())
    app = build_app(Told(), site=SITE, operators=gate.operators, clock=SetClock())
    await gate.close()
    zone, table = next(iter(SITE.zones)), table_of(app)
    first = {role: table.first_page(operator(role, zone)) for role in OperatorRole}

    assert first == {role: "/" for role in OperatorRole} | {
        OperatorRole.REVIEWER: "/people",
        OperatorRole.ZONE_OWNER: "/review",
        OperatorRole.APPROVER: "/visits",
    }
    assert all(("GET", path) in table.rows for _, path in FIRST)
