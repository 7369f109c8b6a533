"""Doors over HTTP, as each role: what is asked reaches the door, or nothing does."""

from datetime import timedelta
from pathlib import Path

from controller.services.door_page import PAGE
from controller.store import envelopes
from domain.commands import StartService
from domain.door_events import (
    LockdownStarted,
    ServiceEnded,
    ServiceNoted,
    ServiceStarted,
)
from domain.ids import DoorId
from domain.operator_events import OperatorActRefused
from domain.policy import Reason, Verdict
from tests.boards import denied, finding
from tests.door_consoles import door_console
from tests.offices import World
from tests.operators import form
from tests.web_site import Answer, Served, SetClock, Told, fetch, served

CORE, BELOW = DoorId("rd_lab"), DoorId("archive")


async def ask(
    address: Served,
    cookie: dict[str, str],
    door: DoorId,
    act: str,
    reason: str = "盘点",
) -> Answer:
    body = form(cookie, act=act, reason=reason)
    path = f"/doors/{door}/commands"
    return await fetch(address, path, method="POST", headers=cookie, body=body)


async def post(address: Served, cookie: dict[str, str], path: str) -> Answer:
    return await fetch(address, path, method="POST", headers=cookie, body=form(cookie))


def orders_at(world: World, door: DoorId) -> list[str]:
    return [type(c.order).__name__ for c in world.doors[door].commands]


async def refusals(world: World) -> list[tuple[str, str]]:
    database = world.controller.operators.sessions.office.database
    entries = await database.read(lambda c: envelopes.page(c, limit=500))
    found = [entry.event for entry in reversed(entries)]
    return [(x.operator, x.act) for x in found if isinstance(x, OperatorActRefused)]


async def test_each_role_reaches_the_doors_it_may_and_no_other(tmp_path: Path) -> None:
    async with door_console(tmp_path) as (address, world):
        guard, lead, officer, owner = [
            await address.cookie(name)
            for name in ("guard", "shift_lead", "secrecy_officer", "zone_owner")
        ]
        allowed = [
            await ask(address, guard, BELOW, "unlock_door:door"),
            await ask(address, lead, BELOW, "start_lockdown:zone"),
            await ask(address, owner, CORE, "start_lockdown:door"),
        ]
        refused = [
            await ask(address, guard, CORE, "unlock_door:door"),
            await ask(address, guard, CORE, "end_lockdown:site"),
            await ask(address, officer, BELOW, "unlock_door:door"),
            await ask(address, lead, BELOW, "unlock_door:site"),
            await ask(address, lead, BELOW, "reset_occupancy:door"),
            await ask(address, lead, BELOW, "unlock_door:moon"),
        ]
        hidden = await ask(address, owner, BELOW, "start_lockdown:door")
        empty = await ask(address, guard, BELOW, "unlock_door:door", reason=" ")
        unmarked = await fetch(
            address,
            f"/doors/{BELOW}/commands",
            method="POST",
            headers=guard,
            body="act=unlock_door:door&reason=x",
        )
        await world.settle()

        assert {a.status for a in allowed} == {303}
        assert {a.status for a in refused} == {403}
        assert (hidden.status, empty.status, unmarked.status) == (404, 422, 403)
        assert orders_at(world, BELOW) == ["UnlockDoor", "StartLockdown"]
        assert orders_at(world, CORE) == ["StartLockdown"]
        assert len(await refusals(world)) == len([*refused, hidden])


async def test_a_core_door_is_released_by_two_and_never_by_one(tmp_path: Path) -> None:
    async with door_console(tmp_path) as (address, world):
        lead = await address.cookie("shift_lead")
        officer = await address.cookie("secrecy_officer")
        asked = await ask(address, lead, CORE, "end_lockdown:door")
        page = asked.headers["location"]
        own = await post(address, lead, f"{page}/confirm")
        before = orders_at(world, CORE)
        offered = await fetch(address, page, headers=officer)
        noticed = await fetch(address, f"/doors/{CORE}", headers=officer)
        done = await post(address, officer, f"{page}/confirm")
        await world.settle()
        again = await post(address, officer, f"{page}/confirm")
        shown = await fetch(address, page, headers=lead)

        assert (own.status, before) == (403, [])
        assert f'action="{page}/confirm"' in offered.body
        assert page in noticed.body
        assert (done.status, again.status) == (303, 409)
        assert orders_at(world, CORE) == ["EndLockdown"]
        assert "已执行" in shown.body
        assert "secrecy_officer" in shown.body
        assert "refresh" not in shown.headers


async def test_a_page_waits_for_a_door_that_does_not_answer_and_then_says_so(
    tmp_path: Path,
) -> None:
    clock = SetClock()
    async with door_console(tmp_path, clock) as (address, world):
        world.doors[BELOW].confirms = False
        guard = await address.cookie()
        asked = await ask(address, guard, BELOW, "start_lockdown:door", "<b>x</b>")
        page = asked.headers["location"]
        early = await fetch(address, page, headers=guard)
        clock.at = clock.at.replace(minute=clock.at.minute + 1)
        late = await fetch(address, page, headers=guard)

        assert early.headers["refresh"].startswith("2; url=/commands/")
        assert "尚无回执" in early.body
        assert "&lt;b&gt;x" in early.body
        assert "<b>x</b>" not in early.body
        assert "refresh" not in late.headers
        assert "无回执" in late.body


async def test_an_owner_sees_their_own_doors_and_what_was_asked_of_them(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, _):
        guard, owner = await address.cookie(), await address.cookie("zone_owner")
        mine = await ask(address, guard, CORE, "start_lockdown:door", "mine")
        other = await ask(address, guard, BELOW, "start_lockdown:door", "theirs")
        listed = await fetch(address, "/commands", headers=owner)
        statuses = [
            (await fetch(address, path, headers=owner)).status
            for path in (
                f"/doors/{CORE}",
                f"/doors/{BELOW}",
                mine.headers["location"],
                other.headers["location"],
                "/commands/none",
            )
        ]
        confirm = await post(address, owner, f"{other.headers['location']}/confirm")

        assert statuses == [200, 404, 200, 404, 404]
        assert confirm.status == 404
        assert "mine" in listed.body
        assert "theirs" not in listed.body


async def test_the_log_of_a_door_is_paged_without_a_repetition_or_a_gap(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        door = world.doors[BELOW]
        at = world.clock.now()
        started = len(world.heard)
        await door.say(
            *(
                denied(BELOW, at, None, finding(f"x.{n:03}", Verdict.FORBID, "G2.4"))
                for n in range(PAGE + 20)
            )
        )
        await world.until(lambda: len(world.heard) >= started + PAGE + 20)
        cookie = await address.cookie("reviewer")
        first = await fetch(address, f"/doors/{BELOW}", headers=cookie)
        path = first.body.partition('rel="next" href="')[2].partition('"')[0]
        second = await fetch(address, path, headers=cookie)
        back = second.body.partition('rel="prev" href="')[2].partition('"')[0]
        again = await fetch(address, back, headers=cookie)
        junk = await fetch(address, f"/doors/{BELOW}?before=x%27", headers=cookie)

        def reasons(page: Answer) -> list[str]:
            return [f"x.{n:03}" for n in range(PAGE + 20) if f"x.{n:03}" in page.body]

        assert len(reasons(first)) == PAGE
        assert sorted(reasons(first) + reasons(second)) == [
            f"x.{n:03}" for n in range(PAGE + 20)
        ]
        assert reasons(again) == reasons(first) == reasons(junk)
        assert "G2.4" in first.body


async def test_who_has_no_business_with_persons_sees_a_door_without_them(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        started = len(world.heard)
        refusal = denied(BELOW, world.clock.now(), "E1014")
        await world.doors[BELOW].say(refusal)
        await world.until(lambda: len(world.heard) > started)
        pages = {
            name: await fetch(
                address, f"/doors/{BELOW}", headers=await address.cookie(name)
            )
            for name in ("guard", "administrator", "approver")
        }

        assert {name for name, page in pages.items() if "E1014" in page.body} == {
            "guard"
        }
        assert 'name="act"' not in pages["administrator"].body


async def test_a_guard_reads_today_and_a_shift_lead_a_week(tmp_path: Path) -> None:
    async with door_console(tmp_path) as (address, world):
        now = world.clock.now()
        started = len(world.heard)
        ages = {"今天": 0, "三天": 3, "九天": 9}
        for what, days in ages.items():
            event = LockdownStarted(
                door=BELOW, at=now.replace(day=now.day - days), reason=what
            )
            await world.doors[BELOW].say(event)
        await world.until(lambda: len(world.heard) >= started + 3)
        seen = {}
        for name in ("guard", "shift_lead", "reviewer"):
            cookie = await address.cookie(name)
            page = await fetch(address, f"/doors/{BELOW}", headers=cookie)
            seen[name] = [what for what in ages if f"：{what}" in page.body]

        assert seen == {
            "guard": ["今天"],
            "shift_lead": ["今天", "三天"],
            "reviewer": ["今天", "三天", "九天"],
        }


async def test_a_tile_of_the_board_leads_to_its_door() -> None:
    async with served(Told()) as address:
        cookie = await address.cookie()
        board = await fetch(address, "/", headers=cookie)
        page = await fetch(address, "/doors/archive", headers=cookie)
        nowhere = await fetch(address, "/doors/nowhere", headers=cookie)

    assert 'href="/doors/archive"' in board.body
    assert (page.status, nowhere.status) == (200, 404)


async def posture(
    address: Served, cookie: dict[str, str], order: str, zone: str, reason: str = "演练"
) -> Answer:
    body = form(cookie, order=order, zone=zone, reason=reason)
    return await fetch(address, "/posture", method="POST", headers=cookie, body=body)


async def test_the_site_is_locked_down_by_one_and_released_by_two(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        guard, lead, officer = [
            await address.cookie(name)
            for name in ("guard", "shift_lead", "secrecy_officer")
        ]
        calm = await fetch(address, "/posture", headers=guard)
        asked = await fetch(
            address, "/posture?order=start_lockdown&zone=", headers=guard
        )
        empty = await posture(address, guard, "start_lockdown", "", reason=" ")
        shut = await posture(address, guard, "start_lockdown", "")
        at, heard = world.clock.now(), len(world.heard)
        for door in world.doors.values():
            started = LockdownStarted(door=door.id, at=at, reason="演练")
            await door.say(started)
        await world.until(lambda: len(world.heard) >= heard + len(world.doors))
        shown = await fetch(address, "/posture", headers=guard)
        alone = await posture(address, guard, "end_lockdown", "")
        below = await posture(address, guard, "end_lockdown", "archive")
        waits = await posture(address, lead, "end_lockdown", "")
        before = orders_at(world, CORE)
        done = await post(address, officer, f"{waits.headers['location']}/confirm")
        await world.settle()

        assert "态势 · 常态" in calm.body
        assert "11 门即刻只出不进" in asked.body
        assert 'name="order"' not in calm.body
        assert (shut.status, empty.status, alone.status) == (303, 422, 403)
        assert (below.status, waits.status, done.status) == (303, 303, 303)
        assert "态势 · 封锁" in shown.body
        assert before == ["StartLockdown"]
        assert orders_at(world, CORE) == ["StartLockdown", "EndLockdown"]
        assert ("guard", "POST /posture end_lockdown ") in await refusals(world)


async def test_an_owner_sees_and_changes_the_posture_of_their_own_zone(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        owner = await address.cookie("zone_owner")
        page = await fetch(address, "/posture", headers=owner)
        own = await posture(address, owner, "start_lockdown", "rd_lab")
        others = [
            await posture(address, owner, "start_lockdown", zone)
            for zone in ("archive", "", "moon")
        ]
        await world.settle()

        assert "rd_lab" in page.body
        assert "zone=archive" not in page.body
        assert own.status == 303
        assert [each.status for each in others] == [403, 403, 404]
        assert orders_at(world, CORE) == ["StartLockdown"]
        assert orders_at(world, BELOW) == []


async def test_emergency_services_are_let_in_by_a_recorded_opening(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        guard = await address.cookie()
        page = await fetch(address, f"/doors/{BELOW}", headers=guard)
        reason = "应急救援人员进入"
        done = await ask(address, guard, BELOW, "unlock_door:door", reason)
        await world.settle()

        assert f'<option value="{reason}">' in page.body
        assert done.status == 303
        assert [c.order.reason for c in world.doors[BELOW].commands] == [reason]


async def test_a_door_is_worked_at_by_a_named_worker_for_a_limited_time(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        guard, lead, officer = [
            await address.cookie(name)
            for name in ("guard", "shift_lead", "secrecy_officer")
        ]

        async def serve(
            cookie: dict[str, str], door: DoorId, worker: str, minutes: str
        ) -> Answer:
            body = form(
                cookie,
                act="start_service:door",
                reason="换读卡器",
                worker=worker,
                minutes=minutes,
            )
            path = f"/doors/{door}/commands"
            return await fetch(address, path, method="POST", headers=cookie, body=body)

        refused = [
            await serve(guard, BELOW, "孙工", "60"),
            await serve(lead, BELOW, " ", "60"),
            await serve(lead, BELOW, "孙工", "999"),
        ]
        done = await serve(lead, BELOW, "孙工", "60")
        waits = await serve(lead, CORE, "孙工", "30")
        await world.settle()
        asked = orders_at(world, CORE)
        confirmed = await post(address, officer, f"{waits.headers['location']}/confirm")
        await world.settle()

        assert [each.status for each in refused] == [403, 422, 422]
        assert "最长 4 小时" in refused[1].body
        assert (done.status, waits.status, confirmed.status) == (303, 303, 303)
        assert asked == []
        [order] = [c.order for c in world.doors[BELOW].commands]
        now = world.clock.now()
        assert order == StartService("换读卡器", "孙工", now + timedelta(hours=1))
        [core] = [c.order for c in world.doors[CORE].commands]
        assert core == StartService("换读卡器", "孙工", now + timedelta(minutes=30))


async def test_a_service_is_shown_until_it_ends_and_its_worker_to_who_sees_names(
    tmp_path: Path,
) -> None:
    async with door_console(tmp_path) as (address, world):
        now, heard = world.clock.now(), len(world.heard)
        door = world.doors[BELOW]
        await door.online()
        await door.say(
            ServiceStarted(
                door=BELOW,
                at=now,
                worker="孙工",
                until=now + timedelta(hours=1),
                reason="换读卡器",
                by="shift_lead",
            ),
            ServiceNoted(
                door=BELOW,
                at=now,
                code=Reason("device.tamper"),
                device=None,
                detail="",
            ),
        )
        await world.until(lambda: len(world.heard) >= heard + 2)
        pages = {
            name: await fetch(
                address, f"/doors/{BELOW}", headers=await address.cookie(name)
            )
            for name in ("guard", "administrator")
        }
        board = await fetch(address, "/", headers=await address.cookie("guard"))
        ended = ServiceEnded(door=BELOW, at=now, worker="孙工", cause="expired")
        await door.say(ended)
        await world.until(lambda: len(world.heard) >= heard + 3)
        after = await fetch(address, "/", headers=await address.cookie("guard"))

        assert "tile--service" in board.body
        assert "孙工 · 至" in board.body
        assert 'value="end_service:door"' in pages["guard"].body
        assert "检修中：" in pages["guard"].body
        assert "孙工" not in pages["administrator"].body
        assert "tile--service" in pages["administrator"].body
        assert "tile--service" not in after.body
        assert "检修结束（到时）" in after.body
