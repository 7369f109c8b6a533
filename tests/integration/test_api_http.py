"""The REST API over a real socket, as a personnel system or a display uses it."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from controller.services import revoke
from controller.services.tokens import Tokens
from controller.store import sendings
from controller.store.sendings import IssuedRoster
from controller.web.api.table import ENDPOINTS
from controller.web.roles import ACCESS
from domain.ids import DoorId, PersonId
from domain.office_events import GrantRevoked, PersonChanged
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import PersonState
from domain.person_acts import PersonViewed
from domain.tokens import TokenId, TokenRefusal, TokenRefused, TokenScope
from domain.visit_events import VisitCancelled, VisitRequested
from tests.apis import LI, VISIT, System, system
from tests.boards import NOW, SITE
from tests.operators import PASSWORD
from tests.tokens import bearing
from tests.web_site import fetch

LEAVE: Final = f"/people/{LI.id}/leave"
PERSON: Final = {
    "name": "周平",
    "name_en": "Zhou Ping",
    "post": LI.post,
    "agreement_until": "2027-12-31",
    "commitment_until": "2027-03-31",
    "training_until": None,
    "non_face": False,
}


async def confirm(other: System, change: int, door: DoorId) -> None:
    """The door applies the roster that carries the change."""
    office = other.office
    roster = IssuedRoster(
        door=door,
        number=1,
        issued_at=NOW,
        valid_until=NOW + timedelta(days=1),
        people=0,
        parts=1,
        applied_at=None,
    )
    await office.database.write(lambda c: sendings.add_roster(c, roster))
    await office.database.write(lambda c: sendings.roster_applied(c, door, 1, NOW))


# --- a leaver ---


async def test_a_leaver_is_reported_once_or_twice_and_the_receipts_come() -> None:
    async with system(TokenScope.PEOPLE_LEAVE, TokenScope.CHANGES_READ) as hr:
        status, change = await hr.ask("POST", LEAVE, {"reason": "辞职"})
        again = await hr.ask("POST", LEAVE, {"reason": "辞职"})
        bare = await hr.ask("POST", LEAVE)
        door = DoorId(change["receipts"][0]["door"])
        await confirm(hr, change["change"], door)
        later = await hr.ask("GET", f"/changes/{change['change']}")
        events = await hr.log()

    doors = [r["door"] for r in change["receipts"]]
    zones = {g.zone for g in LI.grants}
    assert status == 200
    assert {d.id for d in SITE.doors.values() if d.zone in zones} <= set(doors)
    assert (change["by"], change["person"], change["complete"]) == (
        "token:hr", LI.id, False,
    )  # fmt: skip
    assert again == bare == (200, change)
    assert [r["door"] for r in later[1]["receipts"] if r["confirmed_at"]] == [door]
    changed = [e for e in events if isinstance(e, PersonChanged)]
    assert [(e.by, e.change) for e in changed] == [
        ("token:hr", "state active -> left: 辞职")
    ]
    gone = [e for e in events if isinstance(e, GrantRevoked)]
    assert {e.zone for e in gone} == zones
    assert {e.by for e in gone} == {"token:hr"}


async def test_a_leaver_reported_by_two_at_once_is_one_change() -> None:
    async with system() as hr:
        both = await asyncio.gather(*(hr.ask("POST", LEAVE) for _ in range(4)))
        changed = [e for e in await hr.log() if isinstance(e, PersonChanged)]

    assert len({change["change"] for _, change in both}) == 1
    assert len(changed) == 1


async def test_a_system_lifts_what_a_system_suspended_and_nothing_else() -> None:
    path = f"/people/{LI.id}"
    async with system() as hr:
        suspended = await hr.ask("POST", f"{path}/suspend", {"reason": "长假"})
        back = await hr.ask("POST", f"{path}/reinstate")
        officer = "chen.hui"
        await revoke.set_state(
            hr.office, PersonId(LI.id), PersonState.SUSPENDED, by=officer
        )
        frozen = await hr.ask("POST", f"{path}/reinstate")
        gone = await hr.ask("POST", LEAVE)
        never = [
            await hr.ask("POST", f"{path}/{act}") for act in ("suspend", "reinstate")
        ]
        state = (await hr.ask("GET", path))[1]["person"]["state"]

    assert (suspended[0], suspended[1]["what"]) == (200, "state suspended")
    assert (back[0], back[1]["what"]) == (200, "state active")
    assert (frozen[0], "a person suspended" in frozen[1]["detail"]) == (409, True)
    assert gone[0] == 200
    assert [answer[0] for answer in never] == [409, 409]
    assert state == "left"


async def test_a_person_is_registered_and_changed_without_a_grant() -> None:
    async with system() as hr:
        status, change = await hr.ask("PUT", "/people/E9001", PERSON)
        changed = await hr.ask("PUT", "/people/E9001", {**PERSON, "name": "周萍"})
        found = await hr.ask("GET", "/people/E9001")

    assert (status, change["by"]) == (200, "token:hr")
    assert changed[0] == 200
    assert found[1]["person"]["name"] == "周萍"
    assert found[1]["person"]["state"] == "active"
    assert found[1]["grants"] == []


async def test_another_post_ends_what_was_granted_for_the_old_one() -> None:
    post = next(p for p in SITE.posts if p not in (LI.post, "visitor"))
    data = {**PERSON, "name": LI.name, "post": post}
    async with system() as hr:
        status, change = await hr.ask("PUT", f"/people/{LI.id}", data)
        found = (await hr.ask("GET", f"/people/{LI.id}"))[1]
        await hr.ask("POST", LEAVE)
        late = await hr.ask("PUT", f"/people/{LI.id}", data)

    assert (status, change["what"]) == (200, "transfer")
    assert change["receipts"]
    assert found["person"]["post"] == post
    assert {g["withdrawn_reason"] for g in found["grants"]} == {"transferred"}
    assert late[0] == 409


async def test_a_leavers_own_console_session_ends_at_once() -> None:
    async with system() as hr:
        guard = Operator(
            id=OperatorId("li.na"),
            name=LI.name,
            person=PersonId(LI.id),
            roles=frozenset({OperatorRole.GUARD}),
            zones=frozenset(),
            rank=None,
            department="",
            disabled_at=None,
        )
        gate = hr.address.gate
        gate.handed[guard.id] = await gate.operators.add(guard, PASSWORD, by="test")
        cookie = await hr.address.cookie(guard.id)
        before = await fetch(hr.address, "/account", headers=cookie)
        await hr.ask("POST", LEAVE)
        after = await fetch(hr.address, "/account", headers=cookie)

    assert (before.status, after.status) == (200, 303)


async def test_a_look_at_a_person_is_in_the_log_once_a_day() -> None:
    path = f"/people/{LI.id}"
    async with system() as hr:
        for _ in range(3):
            await hr.ask("GET", path)
        hr.clock.pass_by(timedelta(days=1))
        await hr.ask("GET", path)
        looks = [e for e in await hr.log() if isinstance(e, PersonViewed)]

    assert [(e.by, e.person) for e in looks] == [("token:hr", LI.id)] * 2


async def test_everybody_is_listed_page_by_page_and_visitors_are_not() -> None:
    async with system() as hr:
        await hr.ask("POST", "/visits", VISIT)
        seen: list[str] = []
        after = ""
        while True:
            page = (await hr.ask("GET", f"/people?limit=7{after}"))[1]
            seen += [p["id"] for p in page["people"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"

    assert seen == sorted(SITE.people)


# --- what a token may not ---


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/people/V1", PERSON, "path.person"),
        ("/people/E 1", PERSON, "path.person"),
        ("/people/E1", {**PERSON, "state": "active"}, "body.state"),
        ("/people/E1", {**PERSON, "name": ""}, "body.name"),
        ("/people/E1", {**PERSON, "name": " x"}, "body.name"),
        ("/people/E1", {**PERSON, "name": "a\nb"}, "body.name"),
        ("/people/E1", {**PERSON, "name": "x" * 101}, "body.name"),
        ("/people/E1", {**PERSON, "non_face": 1}, "body.non_face"),
        ("/people/E1", {**PERSON, "training_until": "2026-02-30"}, "body.training_unt"),
        ("/people/E1", {**PERSON, "training_until": 5}, "body.training_until"),
        ("/people/E1?x=1", PERSON, "query.x"),
    ],
)
async def test_what_does_not_fit_is_named_and_nothing_is_done(
    path: str, body: object, where: str
) -> None:
    async with system() as hr:
        before = len(await hr.log())
        status, problem = await hr.ask("PUT", path, body)
        after = len(await hr.log())

    assert status == 422
    assert problem["type"] == "urn:menshen:problem:invalid"
    assert [e["where"][: len(where)] for e in problem["errors"]] == [where]
    assert problem["hint"]
    assert after == before


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        ("{", {}, 400),
        ("[]", {}, 400),
        ('{"reason": "a", "reason": "b"}', {}, 400),
        ('{"reason": NaN}', {}, 400),
        ('{"reason": "\\ud800"}', {}, 400),
        ("[" * 20_000 + "]" * 20_000, {}, 400),
        ('{"reason": ' + "9" * 5000 + "}", {}, 400),
        ('{"reason": "' + "x" * 70_000 + '"}', {}, 413),
        ('{"reason": "' + "x" * 501 + '"}', {}, 422),
        ("reason=x", {"content-type": "application/x-www-form-urlencoded"}, 415),
        ("{}", {"content-type": "application/json; charset=gb18030"}, 415),
        ("{}", {"content-type": 'application/json; charset="UTF-8"'}, 200),
        ("{}", {}, 200),
    ],
)
async def test_a_body_is_json_in_utf8_small_and_means_one_thing(
    body: str, headers: dict[str, str], expected: int
) -> None:
    async with system() as hr:
        status, answer = await hr.ask("POST", LEAVE, body, headers=headers)

    assert status == expected, answer


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": "Basic Z3VhcmQ6eA=="},
        {"authorization": "Bearer"},
        {"authorization": "Bearer menshen_" + "0" * 64},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "Bearer \u00e9"},
    ],
)
async def test_without_a_good_token_nothing_is_answered(header: dict[str, str]) -> None:
    async with system() as hr:
        cookie = await hr.address.cookie("secrecy_officer")
        answer = await fetch(hr.address, "/api/v1/people", headers={**cookie, **header})

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert LI.name not in answer.body


async def test_a_revoked_token_and_one_that_has_ended_open_nothing() -> None:
    async with system() as hr:
        tokens = Tokens(hr.office)
        other = await tokens.add(
            TokenId("old"), tuple(TokenScope), until=NOW + timedelta(hours=1), by="t"
        )
        await tokens.revoke(TokenId("hr"), by="administrator")
        hr.clock.pass_by(timedelta(hours=1))
        revoked = await hr.ask("GET", "/people")
        ended = await replace(hr, token=other).ask("GET", "/people")
        reasons = [e.reason for e in await hr.log() if isinstance(e, TokenRefused)]

    assert (revoked[0], ended[0]) == (401, 401)
    assert reasons == [TokenRefusal.REVOKED, TokenRefusal.EXPIRED]


async def test_a_lacking_scope_is_named_and_recorded() -> None:
    async with system(TokenScope.BOARD_READ) as display:
        status, problem = await display.ask("POST", LEAVE)
        [refused] = [e for e in await display.log() if isinstance(e, TokenRefused)]

    assert (status, "people.leave" in problem["detail"]) == (403, True)
    assert (refused.token, refused.act) == (
        "hr", "POST /api/v1/people/{person}/leave",
    )  # fmt: skip


async def test_many_bad_tokens_are_asked_to_wait_and_a_good_one_goes_on() -> None:
    async with system() as hr:
        bad = bearing("menshen_no")
        answers = [
            await fetch(hr.address, "/api/v1/token", headers=bad) for _ in range(31)
        ]
        good = await hr.ask("GET", "/token")

    assert [a.status for a in answers] == [401] * 30 + [429]
    assert answers[-1].headers["retry-after"] == "60"
    assert good[0] == 200


async def test_what_is_not_there_and_not_by_this_method_is_told_as_a_problem() -> None:
    async with system() as hr:
        nowhere = await hr.raw("GET", "/nowhere")
        head = await hr.raw("HEAD", "/doors")
        options = await hr.raw("OPTIONS", "/doors")
        method = await hr.raw("DELETE", f"/people/{LI.id}")
        door = await hr.ask("POST", "/doors/heat_treatment", {})
        nobody = await hr.ask("POST", "/people/nobody/leave")
        visitor = await hr.ask("GET", "/changes/77")

    assert nowhere.status == 404
    assert method.status == 405
    assert (head.status, head.body, options.status) == (200, "", 405)
    assert set(method.headers["allow"].split(", ")) == {"GET", "HEAD", "PUT"}
    assert door[0] == 405
    assert (nobody[0], visitor[0]) == (404, 404)
    for answer in (nowhere, method):
        assert answer.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.body)["status"] == answer.status
        assert answer.headers["cache-control"] == "no-store"


# --- visits ---


async def test_a_visit_is_requested_by_somebody_named_and_waits_for_a_person() -> None:
    async with system() as erp:
        status, visit = await erp.ask("POST", "/visits", VISIT)
        twice = await erp.ask("POST", "/visits", VISIT)
        listed = await erp.ask("GET", "/visits?state=requested")
        missing = await erp.ask("POST", "/visits", {**VISIT, "id": "x", "route": ["?"]})
        events = await erp.log()

    assert (status, visit["state"], visit["approval"]) == (201, "requested", None)
    assert visit["requested_by"]["id"] == LI.id
    assert twice[0] == 409
    assert "already" in twice[1]["detail"]
    assert [v["id"] for v in listed[1]["visits"]] == [VISIT["id"]]
    assert (missing[0], missing[1]["problems"]) == (409, ["visit.unknown_zone"])
    [asked] = [e for e in events if isinstance(e, VisitRequested)]
    assert (asked.by, asked.requested_by) == ("token:hr", LI.id)


async def test_a_visit_is_cancelled_once_and_says_why_not_twice() -> None:
    path = f"/visits/{VISIT['id']}"
    async with system() as erp:
        await erp.ask("POST", "/visits", VISIT)
        first = await erp.ask("POST", f"{path}/cancel", {"reason": "改期"})
        again = await erp.ask("POST", f"{path}/cancel", {"reason": "改期"})
        [said] = [e for e in await erp.log() if isinstance(e, VisitCancelled)]

    assert (first[0], first[1]["state"]) == (200, "cancelled")
    assert again[0] == 409
    assert again[1]["problems"]
    assert (said.by, said.reason) == ("token:hr", "改期")


# --- reading ---


async def test_the_log_is_read_page_by_page_and_from_where_one_stopped() -> None:
    async with system() as reader:
        first = (await reader.ask("GET", "/events?limit=5"))[1]
        older = (await reader.ask("GET", f"/events?limit=5&before={first['before']}"))[
            1
        ]
        await reader.ask("POST", LEAVE)
        newer = (await reader.ask("GET", f"/events?after={first['after']}"))[1]
        of_li = (await reader.ask("GET", f"/events?person={LI.id}"))[1]
        of_kind = (await reader.ask("GET", "/events?type=token_made"))[1]
        silent = (await reader.ask("GET", "/events?door=heat_treatment"))[1]

    positions = [e["position"] for e in (*first["events"], *older["events"])]
    assert positions == sorted(positions, reverse=True)
    assert len(set(positions)) == 10
    kinds = [e["type"] for e in newer["events"]]
    assert kinds[-1] == "person_changed"
    assert set(kinds[:-1]) <= {"grant_revoked"}
    assert of_li["events"][-1]["type"] == "person_registered"
    assert [e["body"]["token"] for e in of_kind["events"]] == ["hr"]
    assert silent["events"] == []


async def test_board_and_doors_have_nobodys_name() -> None:
    async with system() as display:
        board = await display.raw("GET", "/board")
        doors = await display.raw("GET", "/doors")
        door = await display.ask("GET", "/doors/heat_treatment")
        nowhere = await display.ask("GET", "/doors/nowhere")

    everything = board.body + doors.body
    assert {p.name for p in SITE.people.values() if p.name in everything} == set()
    assert len(json.loads(doors.body)["doors"]) == len(SITE.doors)
    assert door[1]["zone"] == SITE.doors[DoorId("heat_treatment")].zone
    assert nowhere[0] == 404


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/alarms", "alarms"),
        ("/muster", "zones"),
        ("/commands", "commands"),
        ("/token", "scopes"),
    ],
)
async def test_what_there_is_can_be_read(path: str, key: str) -> None:
    async with system() as reader:
        status, answer = await reader.ask("GET", path)

    assert status == 200
    assert isinstance(answer[key], list)
    if path == "/alarms":
        assert [a["priority"] for a in answer[key]] == [1, 1, 2]


async def test_a_browser_cannot_be_made_to_use_it() -> None:
    """No cookie counts, so a form of another site has nothing to ride on."""
    async with system() as hr:
        cookie = await hr.address.cookie("administrator")
        form = {**cookie, "content-type": "text/plain", "origin": str(hr.address)}
        answer = await fetch(
            hr.address, f"/api/v1{LEAVE}", method="POST", headers=form, body="{}"
        )
        _, found = await hr.ask("GET", f"/people/{LI.id}")

    assert answer.status == 401
    assert found["person"]["state"] == "active"


def described(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {
        (method.upper(), path)
        for path, methods in document["paths"].items()
        for method in methods
    }


async def test_the_description_has_every_address_with_its_scope() -> None:
    async with system() as any_system:
        document = (await any_system.ask("GET", "/openapi.json"))[1]

    mounted = {(a.method, a.path) for a in ACCESS if a.token}
    assert described(document) == mounted - {("GET", "/api/v1/openapi.json")}
    for each in ENDPOINTS:
        operation = document["paths"][each.path][each.method.lower()]
        wanted = [] if each.scope is None else [each.scope]
        assert operation["security"] == [{"token": wanted}]
        assert {"401", "403", "429"} <= set(operation["responses"])
