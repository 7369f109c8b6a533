"""Grants over a real socket: asked for, decided by somebody else, withdrawn."""

import re
from dataclasses import replace

from controller.services.grant_desk import GrantDesk
from controller.store.grant_requests import StoredRequest
from domain.grant_requests import GrantApproved, RequestState
from domain.office_events import GrantMade, GrantRevoked
from domain.operator_events import OperatorActRefused
from domain.operators import OperatorRole
from domain.people import Rank
from tests.alarms import Register
from tests.operators import form
from tests.peopled import CHEN, HEAT, WANG, ZHAO, account_of, events, peopled
from tests.web_site import Served, fetch

MANAGER = replace(
    account_of(CHEN, OperatorRole.APPROVER, "chen.jing"),
    rank=Rank.GENERAL_MANAGER,
    department="",
)
ASKED = {
    "person": ZHAO,
    "zone": "precision_grinding",
    "purpose": "设备档案",
    "until": "2027-03-31",
}


async def post(
    address: Served, who: str, path: str, **fields: str
) -> tuple[int, str, str]:
    cookie = await address.cookie(who)
    answer = await fetch(
        address, path, method="POST", headers=cookie, body=form(cookie, **fields)
    )
    return answer.status, answer.headers.get("location", ""), answer.body


async def page(address: Served, who: str, path: str = "/grants") -> str:
    answer = await fetch(address, path, headers=await address.cookie(who))
    assert answer.status == 200
    return answer.body


async def latest(register: Register) -> StoredRequest:
    found = await GrantDesk(register.office).all()
    return [*found.open, *found.decided][0]


async def test_what_the_officer_asks_an_approver_of_rank_approves() -> None:
    async with peopled() as (address, register):
        asked = await post(
            address, "secrecy_officer", "/grants", **ASKED, department="production"
        )
        request = await latest(register)
        own = await post(address, "secrecy_officer", f"/grants/{request.id}/approve")
        shown = await page(address, "approver")
        done = await post(address, "approver", f"/grants/{request.id}/approve")
        twice = await post(address, "approver", f"/grants/{request.id}/approve")
        decided = await latest(register)
        log = await events(register)
        person = await page(address, "reviewer", f"/people/{ZHAO}")

    assert asked[:2] == done[:2] == (303, "/grants")
    assert own[0] == 409
    assert "设备档案" in shown
    assert f"/grants/{request.id}/approve" in shown
    assert (twice[0], "已经处理过" in twice[2]) == (409, True)
    assert (decided.state, decided.decided_by) == (RequestState.APPROVED, "approver")
    [approved] = [e for e in log if isinstance(e, GrantApproved)]
    assert (approved.rank, approved.requested_by) == (
        Rank.DEPARTMENT_HEAD,
        "secrecy_officer",
    )
    assert decided.grant in {e.grant for e in log if isinstance(e, GrantMade)}
    assert "设备档案" in person
    assert "2027-03-31" in person


async def test_a_core_zone_needs_the_general_manager() -> None:
    async with peopled(MANAGER) as (address, register):
        core = {**ASKED, "zone": HEAT, "department": "production"}
        await post(address, "zone_owner", "/grants", **core)
        request = await latest(register)
        head = await post(address, "approver", f"/grants/{request.id}/approve")
        manager = await post(address, "chen.jing", f"/grants/{request.id}/approve")
        log = await events(register)

    assert (head[0], "审批级别不够" in head[2]) == (409, True)
    assert manager[0] == 303
    assert [e.act for e in log if isinstance(e, OperatorActRefused)] == [
        "POST /grants/{own}/approve"
    ]


async def test_nobody_approves_a_grant_of_their_own_and_a_refusal_says_why() -> None:
    async with peopled(MANAGER) as (address, register):
        await post(
            address, "zone_owner", "/grants", **{**ASKED, "zone": HEAT, "person": CHEN}
        )
        request = await latest(register)
        own = await post(address, "chen.jing", f"/grants/{request.id}/approve")
        await post(address, "zone_owner", "/grants", **{**ASKED, "zone": HEAT})
        waiting = (await GrantDesk(register.office).all()).open
        other = next(each for each in waiting if each.person == ZHAO)
        mute = await post(address, "chen.jing", f"/grants/{other.id}/refuse")
        done = await post(
            address, "chen.jing", f"/grants/{other.id}/refuse", reason="<b>no</b>"
        )
        shown = await page(address, "zone_owner")

    assert (own[0], "由他人办理" in own[2]) == (409, True)
    assert (mute[0], "写明理由" in mute[2]) == (409, True)
    assert done[0] == 303
    assert "&lt;b&gt;no&lt;/b&gt;" in shown


async def test_what_a_request_lacks_is_said_and_what_was_typed_is_kept() -> None:
    async with peopled() as (address, register):
        bad = await post(
            address,
            "zone_owner",
            "/grants",
            person="E0000",
            zone="archive",
            purpose="",
            until="2020-01-01",
        )
        day = await post(
            address, "zone_owner", "/grants", **{**ASKED, "since": "2026-02-30"}
        )
        found = await GrantDesk(register.office).all()

    assert bad[0] == 422
    for words in ("没有这个在册人员", "不是你负责的区域", "写明事由", "截止日早于"):
        assert words in bad[2]
    assert 'value="E0000"' in bad[2]
    assert (day[0], "日期写作" in day[2]) == (422, True)
    assert found.open == ()


async def test_an_owner_withdraws_with_a_reason_and_sees_the_receipts() -> None:
    oneself = account_of(WANG, OperatorRole.ZONE_OWNER, "wang.qiang")
    async with peopled(oneself) as (address, register):
        person = await page(address, "zone_owner", f"/people/{WANG}")
        [grant, *_] = re.findall(r'href="/grants/([^"]+)"', person)
        path = f"/grants/{grant}"
        shown = await page(address, "zone_owner", path)
        own = await post(address, "wang.qiang", f"{path}/withdraw", reason="x")
        mute = await post(address, "zone_owner", f"{path}/withdraw")
        done = await post(address, "zone_owner", f"{path}/withdraw", reason="调岗")
        receipts = await page(address, "zone_owner", done[1])
        again = await post(address, "zone_owner", f"{path}/withdraw", reason="调岗")
        revoked = [e for e in await events(register) if isinstance(e, GrantRevoked)]

    assert "立即生效" in shown
    assert (own[0], "由他人办理" in own[2]) == (422, True)
    assert (mute[0], "写明理由" in mute[2]) == (422, True)
    assert done[0] == 303
    assert "热处理" in receipts
    assert again[0] == 422
    assert [(e.grant, e.reason, e.by) for e in revoked] == [
        (grant, "调岗", "zone_owner")
    ]
