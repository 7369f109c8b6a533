"""People over a real socket: who finds whom, what is shown, and what is recorded."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import Connection

from controller.services import revoke
from controller.store import register as store
from controller.store import reviews
from domain.alarm_events import AlarmRaised
from domain.ids import PersonId
from domain.office_events import CommandSent
from domain.people import PersonState
from domain.person_acts import PersonViewed
from domain.review import ReviewState, RoundId, Span
from tests.alarms import Register
from tests.boards import NOW, SITE
from tests.peopled import CARD, CHEN, WANG, ZHAO, events, peopled, staff
from tests.web_site import Served, SetClock, fetch

MANY = [
    replace(staff()[0], id=PersonId(f"F{n:04}"), name=f"员工{n}", name_en=f"Staff {n}")
    for n in range(120)
]


async def get(address: Served, who: str, path: str) -> tuple[int, str]:
    answer = await fetch(address, path, headers=await address.cookie(who))
    return answer.status, answer.body


def listed(page: str) -> list[str]:
    return re.findall(r'<tr><td class="mono">([^<]+)</td>', page)


@pytest.mark.parametrize("who", ["guard", "shift_lead", "administrator"])
async def test_who_watches_or_maintains_finds_people_by_name_and_sees_no_more(
    who: str,
) -> None:
    async with peopled() as (address, _):
        _, page = await get(address, who, f"/people?q={quote('王强')}")
        asked, _ = await get(address, who, f"/people/{WANG}")
        _, filtered = await get(address, who, "/people?state=left&post=cook")

    assert listed(page) == [WANG]
    assert "工艺技术员" not in page
    assert f'href="/people/{WANG}"' not in page
    assert asked == 403
    assert len(listed(filtered)) == len(SITE.people)  # filters would tell


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=E1003", [WANG]),
        ("q=e1003", [WANG]),
        ("q=wang+qiang", [WANG]),
        ("q=wq", [WANG]),
        ("q=%25", []),
        ("q=_", []),
        ("ending=1", [CHEN, "E1018", "E1019"]),
        ("post=cook", [p.id for p in SITE.people.values() if p.post == "cook"]),
        ("state=suspended", ["E1022"]),
        ("q=%00%27%22", []),
    ],
)
async def test_a_reviewer_finds_whom_the_filters_describe(
    query: str, found: list[str]
) -> None:
    async with peopled() as (address, _):
        status, page = await get(address, "reviewer", f"/people?{query}")

    assert status == 200
    assert listed(page) == found


async def test_paging_forth_and_back_shows_each_person_once() -> None:
    """Design 13.2."""
    async with peopled(extra=MANY) as (address, _):
        reviewer = await address.cookie("reviewer")
        seen, path, pages = [], "/people", []
        while path:
            body = (await fetch(address, path, headers=reviewer)).body
            pages.append(listed(body))
            seen += pages[-1]
            older = re.search(r'href="([^"]+)" rel="next"', body)
            back = re.search(r'href="([^"]+)" rel="prev"', body)
            path = older[1].replace("&amp;", "&") if older else ""
        assert back is not None
        again = (await fetch(address, back[1], headers=reviewer)).body

    assert len(seen) == len(set(seen)) == 120 + len(SITE.people)
    assert [len(page) for page in pages[:-1]] == [50] * (len(pages) - 1)
    assert listed(again) == pages[-2]


async def test_an_owner_of_zones_sees_their_own_people_and_of_them_only_that_zone() -> (
    None
):
    async with peopled() as (address, _):
        _, page = await get(address, "zone_owner", "/people")
        _, wang = await get(address, "zone_owner", f"/people/{WANG}")
        other, _ = await get(address, "zone_owner", "/people/E1001")
        why, _ = await get(
            address,
            "zone_owner",
            f"/people/{WANG}?door=precision_grinding&at=2026-11-23T15:00",
        )

    own = [
        p.id
        for p in SITE.people.values()
        if any(g.zone == "heat_treatment" for g in p.grants)
    ]
    assert listed(page) == sorted(own)
    assert "淬火工艺调试" in wang
    assert "磨削工艺核对" not in wang
    assert other == 404
    assert why == 422


async def test_a_person_has_kinds_of_credentials_grants_and_what_has_ended() -> None:
    async with peopled() as (address, _):
        _, page = await get(address, "secrecy_officer", f"/people/{CHEN}")

    assert "过期 4 天" in page
    assert "qual--lapsed" in page
    assert "热处理试块取样" in page
    assert "法定代表人或总经理" in page
    assert "门禁卡" in page
    assert CARD.decode() not in page
    assert f"{CHEN}.badge" not in page
    assert "style=" not in page


async def test_a_person_s_page_says_who_last_confirmed_and_which_doors_are_open() -> (
    None
):
    async with peopled() as (address, register):
        _, before = await get(address, "reviewer", f"/people/{WANG}")
        await register.office.database.write(confirmed)
        _, after = await get(address, "reviewer", f"/people/{WANG}")
        _, own = await get(address, "zone_owner", f"/people/{WANG}")
        await revoke.set_state(register.office, WANG, PersonState.SUSPENDED, by="x")
        _, frozen = await get(address, "reviewer", f"/people/{WANG}")

    assert "2026-11-05" not in before
    assert "2026-11-05 <span" in after
    assert "li.owner" in after
    assert "热处理车间" in open_now(after)
    assert "食堂" in open_now(after)
    assert open_now(own) == "热处理车间"
    assert open_now(frozen) == "没有"


def open_now(page: str) -> str:
    return page.partition('id="open-now">')[2].partition("</dd>")[0]


def confirmed(connection: Connection) -> None:
    """Wang's first grant, in a round that is over."""
    id_, at = RoundId("2026-H2"), NOW - timedelta(days=18)
    first = store.grants_of(connection, WANG)[0].grant
    reviews.add_round(connection, Span(id_, at, NOW))
    item = reviews.StoredItem(
        grant=first.id,
        person=WANG,
        zone=first.zone,
        state=ReviewState.OUTSTANDING,
        at=None,
        by="",
    )
    reviews.add_items(connection, id_, [item])
    reviews.decide(
        connection, id_, [first.id], ReviewState.CONFIRMED, at=at, by="li.owner"
    )


async def test_looking_at_a_person_is_recorded_once_a_day_for_each_operator() -> None:
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        for who in ("reviewer", "reviewer", "secrecy_officer"):
            await get(address, who, f"/people/{WANG}")
        await get(address, "reviewer", "/people")
        await get(address, "guard", f"/people/{WANG}")
        first = await looks(register)
        clock.pass_by(timedelta(days=1))
        await get(address, "reviewer", f"/people/{WANG}")
        second = await looks(register)

    assert first == [("secrecy_officer", WANG), ("reviewer", WANG)]
    assert second == [("reviewer", WANG), *first]


async def looks(register: Register) -> list[tuple[str, str]]:
    found = await events(register)
    return [(e.by, e.person) for e in found if isinstance(e, PersonViewed)]


async def test_why_not_names_what_failed_first_with_clause_and_way_out() -> None:
    async with peopled() as (address, register):
        _, page = await get(
            address,
            "reviewer",
            f"/people/{CHEN}?door=heat_treatment&at=2026-11-23T15:00",
        )
        _, before = await get(
            address,
            "reviewer",
            f"/people/{CHEN}?door=heat_treatment&at=2026-11-18T14:30",
        )
        told = await events(register)

    answer = page.partition('id="answer"')[2]
    assert "会拒绝" in answer
    first = answer.partition('<li class="no">')[2].partition("</li>")[0]
    assert answer.index('<li class="no">') < answer.index("<li><svg")
    assert "G5.1.1-4 G5.1.2-1" in first
    assert "到保密管理部补训" in first
    assert "会放行" not in answer
    assert "不开门，不发指令" in page
    assert "会拒绝" in before  # that day the register had no such person yet
    assert not [e for e in told if isinstance(e, CommandSent | AlarmRaised)]


@pytest.mark.parametrize(
    "query",
    [
        "door=nowhere&at=2026-11-23T15:00",
        "door=heat_treatment&at=tomorrow",
        "door=heat_treatment&at=9999-12-31T23:59",
        "door=heat_treatment&at=2026-11-23T14:30%2B08:00",
    ],
)
async def test_a_question_that_makes_no_sense_keeps_what_was_typed(query: str) -> None:
    async with peopled() as (address, _):
        status, page = await get(address, "reviewer", f"/people/{ZHAO}?{query}")

    assert status == 422
    assert 'class="errsum"' in page
    assert "<title>错误：" in page


@pytest.mark.parametrize("person", ["E9999", "V1", "..%2F..", "%3Cscript%3E", "x" * 99])
async def test_a_person_whom_nobody_knows_is_not_found(person: str) -> None:
    async with peopled() as (address, _):
        status, page = await get(address, "reviewer", f"/people/{person}")

    assert status == 404
    assert "<script>" not in page
