"""Acts on people over a real socket: told before, done at once, confirmed by doors."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from controller.services import revoke
from controller.services.passwords import Busy
from controller.services.people_desk import PeopleDesk
from controller.services.sign_in import Refused, SignIn
from controller.services.sign_in_backoff import FIRST_WAIT, MOST, TRIES
from controller.store import register as store
from controller.store.register import StoredGrant, StoredPerson
from domain.ids import DoorId, PersonId
from domain.office_events import GrantRevoked, PersonChanged
from domain.operator_events import OperatorActRefused, OperatorSignedOut
from domain.operators import OperatorRole
from domain.people import PersonState, Post
from domain.policy import Outcome
from tests.alarms import Register
from tests.boards import NOW
from tests.operators import form
from tests.peopled import CHEN, HEAT, WANG, account_of, answer, events, peopled
from tests.web_site import Served, SetClock, fetch

WANGS = account_of(WANG, OperatorRole.GUARD, "wang")
OFFICER_CHEN = account_of(CHEN, OperatorRole.SECRECY_OFFICER, "chen")
GRINDING, HEAT_DOOR = DoorId("precision_grinding"), DoorId("heat_treatment")
WHY = "涉嫌泄密，正在调查"


async def send(
    address: Served, who: dict[str, str], path: str, **fields: str
) -> tuple[int, str, str]:
    sent = await fetch(
        address, path, method="POST", headers=who, body=form(who, **fields)
    )
    return sent.status, sent.headers.get("location", ""), sent.body


async def known(
    register: Register, person: PersonId
) -> tuple[StoredPerson, list[StoredGrant]]:
    database = register.office.database
    found = await database.read(lambda c: store.person(c, person))
    grants = await database.read(lambda c: store.grants_of(c, person))
    assert found is not None
    return found, [g for g in grants if g.withdrawal is None]


async def test_a_freeze_tells_before_ends_sessions_and_waits_for_each_door() -> None:
    clock = SetClock()
    async with peopled(WANGS, clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        victim = await address.cookie("wang")
        before = (await fetch(address, f"/people/{WANG}/freeze", headers=officer)).body
        clock.pass_by(timedelta(minutes=1))
        done, where, _ = await send(
            address,
            officer,
            f"/people/{WANG}/freeze",
            reason=WHY,
            code=address.gate.code("secrecy_officer"),
        )
        waiting = (await fetch(address, where, headers=officer)).body
        out = await fetch(address, "/", headers=victim)
        await answer(register, HEAT_DOOR)
        half = (await fetch(address, where, headers=officer)).body
        for door in re.findall(r'<tr id="receipt-(\w+)" class="unanswered"', half):
            await answer(register, door)
        whole = (await fetch(address, where, headers=officer)).body
        person, grants = await known(register, WANG)
        told = await events(register)
        why = await PeopleDesk(register.office).why(WANG, HEAT_DOOR, clock.now())

    assert "在岗 → <b>已冻结</b>" in before
    assert "热处理车间" in before
    assert "结束 1 个控制台登录" in before
    assert done == 303
    assert 'http-equiv="refresh"' in waiting
    assert f'data-look="{where}?renewed=1"' in waiting
    assert f'<tr id="receipt-{HEAT_DOOR}" class="unanswered">' in waiting
    assert f'<tr id="receipt-{HEAT_DOOR}">' in half
    assert "未回执" in half
    assert "各门均已生效" in whole
    assert 'http-equiv="refresh"' not in whole
    assert "data-look" not in whole
    assert (out.status, out.headers["location"]) == (303, "/sign-in")
    assert person.state is PersonState.SUSPENDED
    assert len(grants) == 2  # they come back when it is lifted
    [changed] = [e for e in told if isinstance(e, PersonChanged)]
    assert changed.by == "secrecy_officer"
    assert WHY in changed.change
    assert [e.operator for e in told if isinstance(e, OperatorSignedOut)] == ["wang"]
    assert why.decision.outcome is Outcome.DENIED


async def test_who_is_frozen_signs_in_no_more_until_it_is_lifted() -> None:
    clock = SetClock()
    async with peopled(WANGS, clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        await revoke.set_state(register.office, WANG, PersonState.SUSPENDED, by="x")
        clock.pass_by(timedelta(minutes=1))
        with pytest.raises(AssertionError, match="disabled"):
            await address.cookie("wang")
        path = f"/people/{WANG}/reinstate"
        done, _, _ = await send(address, officer, path, reason="查清无事")
        clock.pass_by(timedelta(minutes=1))
        cookie = await address.cookie("wang")
        person, _ = await known(register, WANG)

    assert done == 303
    assert cookie
    assert person.state is PersonState.ACTIVE


async def test_who_was_frozen_in_the_de_secrecy_period_is_in_it_again() -> None:
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        for state in (PersonState.DE_SECRECY, PersonState.SUSPENDED):
            clock.pass_by(timedelta(minutes=1))
            await revoke.set_state(register.office, WANG, state, by="x")
        await send(address, officer, f"/people/{WANG}/reinstate", reason="ok")
        person, grants = await known(register, WANG)

    assert person.state is PersonState.DE_SECRECY
    assert grants == []


async def test_a_leaver_loses_everything_in_one_act_and_history_stays() -> None:
    clock = SetClock()
    async with peopled(WANGS, clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        await address.cookie("wang")
        clock.pass_by(timedelta(minutes=1))
        code = address.gate.code("secrecy_officer")
        path = f"/people/{WANG}/leave"
        done, _, _ = await send(address, officer, path, reason="辞职", code=code)
        person, grants = await known(register, WANG)
        told = await events(register)
        page = (await fetch(address, f"/people/{WANG}", headers=officer)).body
        again, _, body = await send(address, officer, path, reason="辞职", code="1")

    assert done == 303
    assert person.state is PersonState.LEFT
    assert grants == []
    assert len([e for e in told if isinstance(e, GrantRevoked)]) == 2
    assert len([e for e in told if isinstance(e, OperatorSignedOut)]) == 1
    assert "淬火工艺调试" in page
    assert "离职收回" in page
    assert f'href="/people/{WANG}/freeze"' not in page
    assert again == 422
    assert "现在的状态不能这样做" in body


async def test_de_secrecy_takes_the_secret_zones_and_leaves_the_canteen() -> None:
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        path = f"/people/{WANG}/de-secrecy"
        before = (await fetch(address, path, headers=officer)).body
        done, _, _ = await send(address, officer, path, reason="离开核心岗位")
        person, grants = await known(register, WANG)
        desk = PeopleDesk(register.office)
        canteen = await desk.why(WANG, DoorId("canteen"), NOW)
        heat = await desk.why(WANG, HEAT_DOOR, NOW)

    assert "永久收回 2 项授权" in before
    assert done == 303
    assert (person.state, grants) == (PersonState.DE_SECRECY, [])
    assert canteen.decision.outcome is Outcome.GRANTED
    assert "G5.1.3-4" in heat.decision.clauses


async def test_a_transfer_withdraws_what_was_granted_for_the_old_post() -> None:
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        path = f"/people/{WANG}/transfer"
        nowhere = await send(address, officer, path, reason="r", post="astronaut")
        same = await send(address, officer, path, reason="r", post="process_technician")
        done, _, _ = await send(
            address, officer, path, reason="调令 12", post="grinder"
        )
        person, grants = await known(register, WANG)
        told = await events(register)

    assert (nowhere[0], same[0], done) == (422, 422, 303)
    assert "选一个新岗位" in nowhere[2]
    assert (person.post, grants) == (Post("grinder"), [])
    assert person.state is PersonState.ACTIVE
    gone = [e for e in told if isinstance(e, GrantRevoked)]
    assert {(e.reason, e.by) for e in gone} == {("transferred", "secrecy_officer")}
    [changed] = [e for e in told if isinstance(e, PersonChanged)]
    assert changed.change == "post=grinder: 调令 12"


async def test_renewed_qualifications_have_a_note_and_open_the_door_again() -> None:
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        path = f"/people/{CHEN}/qualifications"
        days = {"agreement_until": "2027-12-31", "commitment_until": "2027-12-31"}
        bad = [
            await send(address, officer, path, **days, training_until=t, reason=r)
            for t, r in (
                ("2027-02-30", "x"),
                ("2099-01-01", "x"),
                ("2027-02-28", ""),
                ("2026-11-19", "x"),
            )
        ]
        done, where, _ = await send(
            address,
            officer,
            path,
            **days,
            training_until="2027-02-28",
            reason="考核 91",
        )
        receipts = await fetch(address, where, headers=officer)
        told = await events(register)
        why = await PeopleDesk(register.office).why(CHEN, HEAT_DOOR, NOW)

    assert [status for status, _, _ in bad] == [422] * 4
    assert 'value="2099-01-01"' in bad[1][2]
    assert done == 303
    assert "热处理车间" in receipts.body
    [changed] = [e for e in told if isinstance(e, PersonChanged)]
    assert changed.change == "training_until=2027-02-28: 考核 91"
    assert why.decision.outcome is Outcome.GRANTED


async def test_without_reason_or_a_fresh_code_nothing_happens_and_words_are_kept() -> (
    None
):
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        path = f"/people/{WANG}/freeze"
        clock.pass_by(timedelta(minutes=1))
        code = address.gate.code("secrecy_officer")
        silent = await send(address, officer, path, code=code)
        long = await send(address, officer, path, reason="字" * 501, code=code)
        wrong = await send(address, officer, path, reason=WHY, code="000000")
        none = await send(address, officer, path, reason=WHY)
        unmarked = await fetch(
            address, path, method="POST", headers=officer, body=f"reason=x&code={code}"
        )
        person, _ = await known(register, WANG)
        done, _, _ = await send(address, officer, path, reason=WHY, code=code)

    assert [a[0] for a in (silent, long, wrong, none)] == [422] * 4
    assert 'id="reason-wrong"' in silent[2]
    assert 'id="code-wrong"' in wrong[2]
    assert f">{WHY}</textarea>" in wrong[2]
    assert unmarked.status == 403
    assert person.state is PersonState.ACTIVE
    assert done == 303  # the code was not spent on what couldn't be done


async def guess_names(sign_in: SignIn, times: int) -> None:
    for n in range(times):
        await sign_in.give_password(f"name{n}", "guess")


async def test_strangers_at_the_sign_in_form_do_not_delay_a_freeze() -> None:
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        officer = await address.cookie("secrecy_officer")
        clock.pass_by(timedelta(minutes=1))
        sign_in = address.gate.operators.sign_in
        for _ in range(TRIES + 1):
            step = await sign_in.give_password("secrecy_officer", "guess")
            if not isinstance(step, Refused):
                await sign_in.give_code(step, "000000")
        blocked = sign_in.retry_after("secrecy_officer")
        with pytest.raises(Busy):
            await guess_names(sign_in, MOST)
        code = address.gate.code("secrecy_officer")
        path = f"/people/{WANG}/freeze"
        done, _, _ = await send(address, officer, path, reason=WHY, code=code)
        person, _ = await known(register, WANG)

    assert blocked == 60
    assert done == 303
    assert person.state is PersonState.SUSPENDED


async def test_wrong_codes_of_who_is_signed_in_wait_and_the_page_says_so() -> None:
    clock = SetClock()
    async with peopled(clock=clock) as (address, _):
        officer = await address.cookie("secrecy_officer")
        clock.pass_by(timedelta(minutes=1))
        path = f"/people/{WANG}/freeze"
        wrong = [
            (await send(address, officer, path, reason=WHY, code="000000"))[0]
            for _ in range(TRIES)
        ]
        code = address.gate.code("secrecy_officer")
        blocked, _, page = await send(address, officer, path, reason=WHY, code=code)
        clock.pass_by(FIRST_WAIT)
        code = address.gate.code("secrecy_officer")
        later, _, _ = await send(address, officer, path, reason=WHY, code=code)

    assert wrong == [422] * TRIES
    assert blocked == 429
    assert "请等一分钟再试" in page
    assert f">{WHY}</textarea>" in page
    assert later == 303


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("freeze", {}),
        ("leave", {}),
        ("de-secrecy", {}),
        ("transfer", {"post": "grinder"}),
        ("qualifications", {"training_until": "2027-06-30"}),
    ],
)
async def test_nobody_acts_on_themselves(act: str, fields: dict[str, str]) -> None:
    clock = SetClock()
    async with peopled(OFFICER_CHEN, clock=clock) as (address, register):
        officer = await address.cookie("chen")
        path = f"/people/{CHEN}/{act}"
        clock.pass_by(timedelta(minutes=1))
        code = address.gate.code("chen")
        page = (await fetch(address, path, headers=officer)).body
        status, _, body = await send(
            address, officer, path, reason="x", code=code, **fields
        )
        person, _ = await known(register, CHEN)
        told = await events(register)
        own = (await fetch(address, f"/people/{CHEN}", headers=officer)).body

    assert "由他人办理" in page
    assert 'name="reason"' not in page
    assert status == 422
    assert "由他人办理" in body
    assert person.state is PersonState.ACTIVE
    assert [e.operator for e in told if isinstance(e, OperatorActRefused)] == ["chen"]
    assert f'href="/people/{CHEN}/{act}"' not in own


async def test_an_owner_freezes_their_own_people_only_and_sees_their_doors_only() -> (
    None
):
    clock = SetClock()
    async with peopled(clock=clock) as (address, register):
        owner = await address.cookie("zone_owner")
        page = (await fetch(address, f"/people/{WANG}/freeze", headers=owner)).body
        clock.pass_by(timedelta(minutes=1))
        stranger = await send(
            address, owner, "/people/E1001/freeze", reason="x", code="1"
        )
        code = address.gate.code("zone_owner")
        done, where, _ = await send(
            address, owner, f"/people/{WANG}/freeze", reason="x", code=code
        )
        receipts = (await fetch(address, where, headers=owner)).body
        await revoke.revoke(register.office, CHEN, HEAT, reason="revoked", by="x")
        former = await send(
            address, owner, f"/people/{CHEN}/freeze", reason="x", code="1"
        )

    assert "精密磨削车间" not in page
    assert "扇其他区域的门" in page
    assert stranger[0] == 404
    assert done == 303
    assert 'id="receipt-heat_treatment"' in receipts
    assert 'id="receipt-precision_grinding"' not in receipts
    assert "另有其他区域的" in receipts
    assert former[0] == 422
    assert "没有你的区域的授权" in former[2]


@pytest.mark.parametrize("change", ["0", "9999", "-1", "x", "٣", "9" * 40])
async def test_receipts_of_no_such_change_are_not_found(change: str) -> None:
    async with peopled() as (address, _):
        officer = await address.cookie("secrecy_officer")
        path = f"/people/{WANG}/changes/{quote(change)}"
        found = await fetch(address, path, headers=officer)

    assert found.status == 404


async def test_a_change_of_one_person_is_not_shown_as_another_s() -> None:
    async with peopled() as (address, register):
        officer = await address.cookie("secrecy_officer")
        change = await revoke.set_state(
            register.office, WANG, PersonState.SUSPENDED, by="x"
        )
        theirs = await fetch(
            address, f"/people/{CHEN}/changes/{change}", headers=officer
        )

    assert theirs.status == 404
