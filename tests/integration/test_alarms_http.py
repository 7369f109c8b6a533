"""Alarms over a real socket: who may do what, and what stands in the way."""

from dataclasses import replace
from urllib.parse import quote

import pytest

from controller.services.alarm_desk import AlarmDesk
from controller.store import envelopes
from domain.alarm_acts import WatchStarted
from domain.alarm_events import AlarmCode
from domain.ids import CONTROLLER, DoorId
from domain.operator_events import OperatorLocked
from domain.operators import OperatorId
from tests.alarms import alarmed, cleared, raised
from tests.boards import NOW
from tests.operators import form
from tests.web_site import Served, fetch

FORCED = "1"


async def send(
    address: Served, who: dict[str, str], path: str, **fields: str
) -> tuple[int, str, str]:
    answer = await fetch(
        address, path, method="POST", headers=who, body=form(who, **fields)
    )
    return answer.status, answer.headers.get("location", ""), answer.body


async def test_the_list_has_the_unacknowledged_first_with_door_and_priority() -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        await send(address, guard, f"/alarms/{FORCED}/acknowledge")
        page = (await fetch(address, "/alarms", headers=guard)).body

    rows = page.partition("<tbody>")[2].split("<tr>")[1:]
    assert "一级" in rows[0]
    assert "档案" in rows[0]
    assert "二级" in rows[1]
    assert [("未确认" in row) for row in rows] == [True, True, False]
    assert "guard" in rows[2]


async def test_a_guard_acknowledges_with_a_note_and_returns_to_where_they_were() -> (
    None
):
    async with alarmed() as (address, register):
        guard = await address.cookie("guard")
        path = f"/alarms/{FORCED}/acknowledge"
        first = await send(address, guard, path, note="on <b>my</b> way", next="/")
        twice = await send(address, guard, path)
        page = (await fetch(address, f"/alarms/{FORCED}", headers=guard)).body
        away = await send(
            address, guard, "/alarms/2/acknowledge", next="https://other.example/"
        )
        alarm = await AlarmDesk(register.office).one(1)

    assert first[:2] == (303, "/")
    assert twice[0] == 409
    assert "已有人做过" in twice[2]
    assert "Op guard" in page
    assert "on &lt;b&gt;my&lt;/b&gt; way" in page
    assert away[:2] == (303, "/")
    assert (alarm.acknowledged_by, alarm.note) == ("guard", "on <b>my</b> way")


async def test_the_shift_lead_resolves_an_urgent_alarm_once_it_has_cleared() -> None:
    async with alarmed() as (address, register):
        lead = await address.cookie("shift_lead")
        path = f"/alarms/{FORCED}/resolve"
        words = {"cause": "mishandling", "sentence": "a rack pushed the door"}
        unseen = await send(address, lead, path, **words)
        await send(address, lead, f"/alarms/{FORCED}/acknowledge")
        waiting = (await fetch(address, f"/alarms/{FORCED}", headers=lead)).body
        early = await send(address, lead, path, **words)
        over = cleared("heat_treatment", AlarmCode.DOOR_FORCED, ago=1)
        await register.tell([over])
        causeless = await send(address, lead, path, cause="ghosts", sentence="boo")
        done = await send(address, lead, path, **words)
        page = (await fetch(address, f"/alarms/{FORCED}", headers=lead)).body

    assert (unseen[0], "先确认" in unseen[2]) == (409, True)
    assert 'name="cause"' not in waiting
    assert (early[0], "情况解除后" in early[2]) == (409, True)
    assert (causeless[0], "选一项原因" in causeless[2]) == (409, True)
    assert ">boo</textarea>" in causeless[2]  # what was typed is kept
    assert done[:2] == (303, f"/alarms/{FORCED}")
    assert "a rack pushed the door" in page
    assert "操作不当" in page


async def test_an_officer_only_resolves_and_a_guard_only_acknowledges() -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        officer = await address.cookie("secrecy_officer")
        words = {"cause": "drill", "sentence": "the yearly drill"}
        refused = await send(address, officer, "/alarms/2/acknowledge")
        await send(address, guard, "/alarms/2/acknowledge")
        as_guard = await send(address, guard, "/alarms/2/resolve", **words)
        resolved = await send(address, officer, "/alarms/2/resolve", **words)
        theirs = (await fetch(address, "/alarms/1", headers=officer)).body

    assert refused[0] == 403
    assert as_guard[0] == 403
    assert resolved[0] == 303
    assert 'method="post" action="/alarms/1/acknowledge"' not in theirs
    assert 'id="acknowledge"' not in theirs


async def test_a_guard_calls_the_shift_lead_by_hand_and_the_page_says_so() -> None:
    async with alarmed() as (address, register):
        guard = await address.cookie("guard")
        path = f"/alarms/{FORCED}/escalate"
        before = (await fetch(address, f"/alarms/{FORCED}", headers=guard)).body
        wordless = await send(address, guard, path, to="shift_lead", note="")
        nobody = await send(address, guard, path, to="the police", note="<b>two</b>")
        done = await send(address, guard, path, to="shift_lead", note="<b>two</b>")
        twice = await send(address, guard, path, to="shift_lead", note="again")
        officer = await address.cookie("secrecy_officer")
        page = (await fetch(address, f"/alarms/{FORCED}", headers=officer)).body
        [call] = (await AlarmDesk(register.office).one(1)).called

    assert 'value="contacts"' in before
    assert "派出所" in before  # whom to telephone, from the site file
    assert (wordless[0], "写一句说明" in wordless[2]) == (409, True)
    assert (nobody[0], "选一个要呼叫的人" in nobody[2]) == (409, True)
    assert ">&lt;b&gt;two&lt;/b&gt;</textarea>" in nobody[2]  # what was typed is kept
    assert done[:2] == (303, f"/alarms/{FORCED}")
    assert twice[0] == 409
    assert "Op guard" in page
    assert "已呼叫：班长 14:32:08" in page
    assert f'action="{path}"' not in page
    assert (call.to, call.by, call.note) == ("shift_lead", "guard", "<b>two</b>")


async def test_the_band_says_who_is_called_next_and_when() -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/alarms", headers=guard)).body

    assert "14:32:46 呼叫班长" in page  # a minute after 14:31:46


async def test_a_filtered_stream_reaches_further_back_than_the_latest_events() -> None:
    async with alarmed() as (address, register):
        guard = await address.cookie("guard")
        office = register.office
        tamper = replace(
            raised("controller", AlarmCode.TAMPER, 2, ago=9), target=DoorId("archive")
        )
        await office.act(lambda act: act.say(tamper))
        locked = OperatorLocked(
            door=CONTROLLER, at=NOW, operator=OperatorId("guard"), idle=False
        )
        await office.act(lambda act: act.say(*[locked] * 300))
        latest = (await fetch(address, "/", headers=guard)).body
        only = (await fetch(address, "/?kind=alarm&zone=archive", headers=guard)).body
        odd = (await fetch(address, "/?kind=ghosts&zone=<b>", headers=guard)).body

    assert 'data-kind="alarm"' not in latest
    assert only.count('class="ev ') == 1
    assert 'data-kind="alarm"' in only
    assert "&lt;b&gt;" in odd


@pytest.mark.parametrize("act", ["acknowledge", "resolve", "escalate"])
async def test_an_act_without_the_mark_of_the_session_does_nothing(act: str) -> None:
    async with alarmed() as (address, register):
        lead = await address.cookie("shift_lead")
        answer = await fetch(
            address,
            f"/alarms/2/{act}",
            method="POST",
            headers=lead,
            body="cause=drill&sentence=x&note=x&to=shift_lead",
        )
        alarm = await AlarmDesk(register.office).one(2)

    assert answer.status == 403
    assert (alarm.acknowledged_at, alarm.called) == (None, ())


async def test_a_zone_owner_sees_alarms_of_their_own_zones_only() -> None:
    async with alarmed() as (address, register):
        owner = await address.cookie("zone_owner")
        mine = next(
            o for o in await address.gate.operators.all() if o.id == "zone_owner"
        )
        site = register.office.site
        door = next(d.id for d in site.doors.values() if d.zone in mine.zones)
        await register.tell([raised(door, AlarmCode.TAMPER, 2, ago=1)])
        ours = await fetch(address, "/alarms/4", headers=owner)
        others = [
            (await fetch(address, f"/alarms/{n}", headers=owner)).status
            for n in (1, 2, 3)
            if site.doors[(await AlarmDesk(register.office).one(n)).door].zone
            not in mine.zones
        ]
        listed = (await fetch(address, "/alarms", headers=owner)).body

    assert ours.status == 200
    assert others
    assert set(others) == {404}
    assert 'href="/alarms/4"' in listed.partition("<tbody>")[2]
    assert 'href="/alarms/3"' not in listed


@pytest.mark.parametrize("number", ["0", "999", "-1", "1e3", "٣", "9" * 30, "x"])
async def test_an_alarm_that_is_not_there_is_not_found(number: str) -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        answer = await fetch(address, f"/alarms/{quote(number)}", headers=guard)

    assert answer.status == 404


async def test_the_next_guard_takes_over_each_open_alarm_by_name() -> None:
    async with alarmed() as (address, register):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/watch/start", headers=guard)).body
        some = await fetch(
            address,
            "/watch/start",
            method="POST",
            headers=guard,
            body=form(guard, alarm="1") + "&alarm=3&alarm=x&alarm=%C2%B2",
        )
        nothing = await register.office.database.read(envelopes.page)
        all_ = form(guard, alarm="1") + "&alarm=2&alarm=3"
        done = await fetch(
            address, "/watch/start", method="POST", headers=guard, body=all_
        )
        stream = (await fetch(address, "/?kind=act", headers=guard)).body
        entries = await register.office.database.read(envelopes.page)
        [started] = [s.event for s in entries if isinstance(s.event, WatchStarted)]

    assert page.count('type="checkbox"') == 3
    assert some.status == 422
    assert 'href="#alarm-2">未接手：门被强行打开，涉密档案室' in some.body
    assert some.body.count(" checked") == 2
    assert not any(isinstance(s.event, WatchStarted) for s in nothing)
    assert (done.status, done.headers["location"]) == (303, "/")
    assert (started.by, len(started.alarms)) == ("guard", 3)
    assert {a.target for a in started.alarms} == {
        "heat_treatment",
        "archive",
        "precision_grinding",
    }
    assert "guard 开始值守，接手 3 条告警" in stream


async def test_without_script_the_list_renews_itself_and_says_so() -> None:
    async with alarmed() as (address, _):
        guard = await address.cookie("guard")
        page = (await fetch(address, "/alarms", headers=guard)).body
        renewed = await fetch(address, "/alarms?renewed=1", headers=guard)

    assert 'http-equiv="refresh" content="15;url=/alarms?renewed=1"' in page
    assert "静态页 · 每 15 秒刷新" in page
    assert renewed.status == 200
