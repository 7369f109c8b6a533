"""The review of grants over a real socket: who decides what, and what the page says."""

import re
from datetime import timedelta

from domain.operator_events import OperatorActRefused
from domain.operators import OperatorRole
from domain.review import ReviewAct, ReviewState
from tests.operators import form
from tests.peopled import HEAT, WANG, account_of, events
from tests.reviewed import ROUND, Reviewing, reviewing
from tests.web_site import SetClock, fetch


async def page(it: Reviewing, who: str, path: str = "/review") -> str:
    answer = await fetch(it.address, path, headers=await it.address.cookie(who))
    assert answer.status == 200
    return answer.body


async def post(
    it: Reviewing, who: str, path: str, **fields: str
) -> tuple[int, str, str]:
    cookie = await it.address.cookie(who)
    answer = await fetch(
        it.address, path, method="POST", headers=cookie, body=form(cookie, **fields)
    )
    return answer.status, answer.headers.get("location", ""), answer.body


def zones(html: str) -> list[str]:
    return re.findall(r'<h2 id="review-([^"]+)"', html)


async def test_an_owner_sees_and_decides_their_own_zones_and_no_other() -> None:
    async with reviewing() as it:
        mine = await page(it, "zone_owner")
        others = await page(it, "secrecy_officer")
        [elsewhere, *_] = await it.items("rd_lab")
        path = f"/review/{ROUND}/{elsewhere.grant}/confirm"
        refused = await post(it, "zone_owner", path)
        allowed = await post(it, "secrecy_officer", path)
        [told] = [
            e.act
            for e in await events(it.register)
            if isinstance(e, OperatorActRefused)
        ]

    assert zones(mine) == [HEAT]
    assert {HEAT, "rd_lab"} < set(zones(others))
    assert refused[0] == 404
    assert allowed[0] == 303
    assert told == "POST /review/{own}/confirm"


async def test_a_grant_is_kept_and_the_focus_goes_on_to_the_next() -> None:
    async with reviewing() as it:
        first, second, *_ = await it.items(HEAT)
        before = await page(it, "zone_owner")
        kept = await post(it, "zone_owner", f"/review/{ROUND}/{first.grant}/confirm")
        after = await page(it, "zone_owner", kept[1])
        twice = await post(it, "zone_owner", f"/review/{ROUND}/{first.grant}/confirm")

    focus = re.compile(r'review/2026-H2/([^/]+)/confirm"[^>]* autofocus')
    assert focus.findall(before) == [first.grant]
    assert kept[:2] == (303, f"/review?after={first.grant}")
    assert focus.findall(after) == [second.grant]
    assert "已保留" in after
    assert "Op zone_owner" in after
    assert (twice[0], "已有人确认过" in twice[2]) == (409, True)


async def test_a_withdrawal_acts_at_once_and_says_who_withdrew() -> None:
    async with reviewing() as it:
        grant = await it.grant(WANG, HEAT)
        done = await post(it, "zone_owner", f"/review/{ROUND}/{grant}/withdraw")
        again = await post(it, "zone_owner", f"/review/{ROUND}/{grant}/confirm")
        [item] = [i for i in await it.items(HEAT) if i.person == WANG]
        theirs = await page(it, "secrecy_officer", f"/people/{WANG}")

    assert done[0] == 303
    assert (again[0], "已经结束" in again[2]) == (409, True)
    assert (item.state, item.by) == (ReviewState.WITHDRAWN, "zone_owner")
    assert "复核收回" in theirs


async def test_nobody_reviews_their_own_grant() -> None:
    oneself = account_of(WANG, OperatorRole.ZONE_OWNER, "wang.qiang")
    async with reviewing(oneself) as it:
        grant = await it.grant(WANG, HEAT)
        shown = await page(it, "wang.qiang")
        tried = await post(it, "wang.qiang", f"/review/{ROUND}/{grant}/confirm")

    assert "本人授权，由他人复核" in shown
    assert f"/review/{ROUND}/{grant}/confirm" not in shown
    assert (tried[0], "由他人复核" in tried[2]) == (409, True)


async def test_what_is_held_after_the_end_only_the_officer_lets_lapse() -> None:
    clock = SetClock()
    async with reviewing(clock=clock) as it:
        clock.pass_by(timedelta(days=60))
        await it.look()
        held = [i.state for i in await it.items(HEAT)]
        owner = await page(it, "zone_owner")
        officer = await page(it, "secrecy_officer")
        as_owner = await post(it, "zone_owner", f"/review/{ROUND}/lapse", zone=HEAT)
        done = await post(it, "secrecy_officer", f"/review/{ROUND}/lapse", zone=HEAT)
        twice = await post(it, "secrecy_officer", f"/review/{ROUND}/lapse", zone=HEAT)
        lapsed = [i.state for i in await it.items(HEAT)]

    assert set(held) == {ReviewState.HELD}
    assert "等待保密管理确认" in owner
    assert "项失效</button>" not in owner
    assert f"让 {len(held)} 项失效</button>" in officer
    assert as_owner[0] == 403
    assert done[:2] == (303, "/review")
    assert (twice[0], "没有等待确认" in twice[2]) == (409, True)
    assert set(lapsed) == {ReviewState.LAPSED}


async def test_a_reviewer_reads_everything_and_has_no_buttons() -> None:
    async with reviewing() as it:
        [item, *_] = await it.items(HEAT)
        await it.decide(item, ReviewAct.CONFIRM, "secrecy_officer")
        shown = await page(it, "reviewer")
        printed = await page(it, "reviewer", f"/review/{ROUND}")
        owner = await page(it, "zone_owner", f"/review/{ROUND}")
        missing = await fetch(
            it.address, "/review/1999-H1", headers=await it.address.cookie("reviewer")
        )

    assert "data-act" not in shown
    assert "data-act" not in printed
    assert "2026年下半年复核" in printed
    assert "Op secrecy_officer" in printed
    assert set(zones(printed)) == set(zones(shown))
    assert zones(owner) == [HEAT]
    assert missing.status == 404


async def test_without_a_round_the_page_says_when_the_next_one_opens() -> None:
    clock = SetClock()
    clock.pass_by(timedelta(days=-60))
    async with reviewing(clock=clock) as it:
        shown = await page(it, "zone_owner")

    assert "没有进行中的复核" in shown
    assert "11月1日 00:00" in shown
