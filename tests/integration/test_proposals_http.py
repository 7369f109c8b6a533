"""Freezes proposed over a real socket: who asks, who decides, and what each may see."""

import re
from datetime import timedelta

import pytest

from domain.office_events import PersonChanged
from domain.operator_events import OperatorActRefused
from domain.operators import OperatorRole
from domain.people import PersonState
from domain.person_acts import FreezeProposalSettled, ProposalOutcome
from tests.integration.test_people_acts_http import known, send
from tests.peopled import CHEN, WANG, account_of, events, peopled
from tests.web_site import Served, SetClock, fetch

TRAY = "/people/proposals"
ASK = f"/people/{WANG}/propose-freeze"
WHY = "夜间多次拍摄图纸"


async def page(address: Served, who: dict[str, str], path: str) -> str:
    return (await fetch(address, path, headers=who)).body


async def test_a_shift_lead_asks_by_name_alone_and_the_officer_freezes() -> None:
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        lead = await address.cookie("shift_lead")
        reviewer = await address.cookie("reviewer")
        officer = await address.cookie("secrecy_officer")
        people = await page(address, lead, "/people?q=E1003")
        asking = await page(address, lead, ASK)
        asked, where, _ = await send(address, lead, ASK, reason=WHY)
        await send(address, reviewer, ASK, reason="<b>复核</b>发现异常")
        counted = await page(address, officer, "/people")
        tray = await page(address, officer, TRAY)
        freeze = await page(address, officer, f"/people/{WANG}/freeze")
        own = await page(address, lead, TRAY)
        board = await page(address, await address.cookie("guard"), "/")
        clock.pass_by(timedelta(minutes=1))
        done, _, _ = await send(
            address,
            officer,
            f"/people/{WANG}/freeze",
            reason=WHY,
            code=address.gate.code("secrecy_officer"),
        )
        after = await page(address, lead, TRAY)
        person, _ = await known(register, WANG)
        told = await events(register)

    assert f'href="{ASK}"' in people
    assert "王强" in asking
    assert "工艺技术员" not in asking
    assert (asked, where) == (303, f"{TRAY}#case-{WANG}")
    assert re.search(r'id="to-proposals">冻结提议 <b>1</b>', counted)
    assert "2 份提议合并办理" in tray
    assert "&lt;b&gt;复核&lt;/b&gt;" in tray
    assert f'href="/people/{WANG}/freeze"' in tray
    typed = re.search(r"<textarea[^>]*>([^<]*)</textarea>", freeze)
    assert typed is not None
    assert typed[1].startswith(WHY)
    assert 'id="proposed"' in freeze
    assert "他人另有 1 份" in own
    assert "复核" not in own.partition('id="case-')[2].partition("</section>")[0]
    assert "提议冻结一人" in board  # and nobody at the gate reads whom
    assert WHY not in board
    assert done == 303
    assert "已冻结" in after
    assert person.state is PersonState.SUSPENDED
    [settled] = [e for e in told if isinstance(e, FreezeProposalSettled)]
    assert (settled.outcome, settled.proposals) == (ProposalOutcome.FROZEN, 2)


async def test_a_declined_proposal_changes_nothing_and_keeps_what_was_typed() -> None:
    async with peopled() as (address, register):
        lead = await address.cookie("shift_lead")
        officer = await address.cookie("secrecy_officer")
        path = f"{TRAY}/{WANG}/decline"
        await send(address, lead, ASK, reason=WHY)
        tray = await page(address, officer, TRAY)
        seen = re.findall(r'name="seen" value="(\d+)"', tray)[0]
        mute, _, told = await send(address, officer, path, seen=seen)
        stale, _, kept = await send(address, officer, path, seen="0", reason="误会<")
        bad, _, _ = await send(address, officer, path, seen="-1²", reason="误会")
        done, where, _ = await send(address, officer, path, seen=seen, reason="误会")
        answered = await page(address, lead, TRAY)
        person, _ = await known(register, WANG)

    assert (mute, stale, bad) == (422, 422, 422)
    assert f'href="#reason-{WANG}"' in told
    assert "<details open>" in told
    assert "有新的提议" in kept
    assert ">误会&lt;</textarea>" in kept
    assert (done, where) == (303, TRAY)
    assert "不采纳" in answered
    assert "误会" in answered
    assert person.state is PersonState.ACTIVE


@pytest.mark.parametrize("role", [OperatorRole.SHIFT_LEAD, OperatorRole.REVIEWER])
async def test_a_proposal_about_oneself_is_refused_and_recorded(
    role: OperatorRole,
) -> None:
    wang = account_of(WANG, role, "wang")
    async with peopled(wang) as (address, register):
        cookie = await address.cookie("wang")
        asking = await page(address, cookie, ASK)
        refused, _, _ = await send(address, cookie, ASK, reason="我自己")
        told = await events(register)

    assert 'name="reason"' not in asking
    assert refused == 422
    [noted] = [e for e in told if isinstance(e, OperatorActRefused)]
    assert (noted.operator, noted.act) == ("wang", "POST /people/{self}/propose-freeze")


async def test_who_proposed_freezes_not_even_as_the_officer_they_also_are() -> None:
    clock = SetClock()
    lead = account_of(CHEN, OperatorRole.SHIFT_LEAD, "chen.lead")
    officer = account_of(CHEN, OperatorRole.SECRECY_OFFICER, "chen.office")
    async with peopled(lead, officer, clock=clock) as (address, register):
        await send(address, await address.cookie("chen.lead"), ASK, reason=WHY)
        cookie = await address.cookie("chen.office")
        before = await page(address, cookie, f"/people/{WANG}/freeze")
        tray = await page(address, cookie, TRAY)
        clock.pass_by(timedelta(minutes=1))
        refused, _, _ = await send(
            address,
            cookie,
            f"/people/{WANG}/freeze",
            reason=WHY,
            code=address.gate.code("chen.office"),
        )
        told = await events(register)

    assert 'id="barred"' in before
    assert "由他人决定" in tray
    assert "/decline" not in tray
    assert refused == 422
    assert [e for e in told if isinstance(e, PersonChanged)] == []
    assert [e.operator for e in told if isinstance(e, OperatorActRefused)] == [
        "chen.office"
    ]


@pytest.mark.parametrize("person", ["E9999", "V1", "%00", "x" * 99])
async def test_nobody_is_proposed_whom_the_register_does_not_employ(
    person: str,
) -> None:
    async with peopled() as (address, _):
        lead = await address.cookie("shift_lead")
        path = f"/people/{person}/propose-freeze"
        got = (await fetch(address, path, headers=lead)).status
        sent, _, _ = await send(address, lead, path, reason=WHY)
        officer = await address.cookie("secrecy_officer")
        declined, _, _ = await send(
            address, officer, f"{TRAY}/{person}/decline", seen="1", reason="x"
        )

    assert (got, sent) == (404, 404)
    assert declined in (404, 422)
