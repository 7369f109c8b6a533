"""What a `do` step does, one function a deed, and the table that finds it."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final, TypeAlias

from config.schema import GrantSpec
from controller.services.badges import BadgeProblem
from controller.store.sendings import ChangeId
from domain.commands import (
    EndLockdown,
    EndService,
    ResetOccupancy,
    StartLockdown,
    StartService,
    UnlockDoor,
)
from domain.errors import CallerError, InputError
from domain.ids import DoorId, PersonId, ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import PersonState, Rank
from domain.review import ReviewAct
from domain.zones import LEVEL_DEMANDS
from simulators.people import badge_number
from simulators.rig import DoorRig
from simulators.serial_faults import DeviceFault
from simulators.site import SimulatedSite
from simulators.story import (
    FORCED_FOR,
    OPENS_AFTER,
    SERVED_FOR,
    SHUTS_AFTER,
    Deed,
    Step,
)

Doing: TypeAlias = Coroutine[Any, Any, None]

_BY: Final = "story"
_GUARD: Final = Operator(
    id=OperatorId(_BY),
    name=_BY,
    person=None,
    roles=frozenset({OperatorRole.GUARD}),
    zones=frozenset(),
    rank=None,
    department="",
    disabled_at=None,
)
_WHY: Final = "the story says so"
_HOT_C, _COOL_C, _HUMID = 38.0, 22.0, 45.0


async def perform(step: Step, site: SimulatedSite) -> None:
    """Do the deed of `step`, at its door or at all of them."""
    deed = step.deed
    if deed is None:
        raise CallerError("a step without a deed has nothing to perform")
    if deed in _TO_PEOPLE:
        await _TO_PEOPLE[deed](site, _person(step), _zone(step, site))
    elif deed in _AT_SITE:
        await _AT_SITE[deed](site)
    else:
        for door in (step.door,) if step.door is not None else tuple(site.rigs):
            site.later(_AT_DOOR[deed](site, door))


def _person(step: Step) -> PersonId:
    if step.person is None:
        raise CallerError(f"`{step.deed}` needs a person")
    return step.person


def _zone(step: Step, site: SimulatedSite) -> ZoneId | None:
    return None if step.door is None else site.site.doors[step.door].zone


# --- people ---


async def _revoke(site: SimulatedSite, person: PersonId, zone: ZoneId | None) -> None:
    await site.controller.revoke(person, zone, reason="revoked", by=_BY)


async def _leave(site: SimulatedSite, person: PersonId, zone: ZoneId | None) -> None:
    await site.controller.leave(person, by=_BY)


async def _suspend(site: SimulatedSite, person: PersonId, zone: ZoneId | None) -> None:
    await site.controller.suspend(person, by=_BY)


async def _reinstate(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    await site.controller.reinstate(person, by=_BY)


async def _de_secrecy(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    await site.controller.set_state(person, PersonState.DE_SECRECY, by=_BY)


async def _grant(site: SimulatedSite, person: PersonId, zone: ZoneId | None) -> None:
    if zone is None:
        raise CallerError("`grant` needs a door")
    rank = LEVEL_DEMANDS[site.site.zones[zone].level].rank or Rank.DEPARTMENT_HEAD
    grant = GrantSpec(
        zone=zone, rank=rank, purpose=_WHY, since=None, until=None, schedule=None
    )
    await site.controller.grant(person, grant, by=_BY)


# --- the review of grants ---

_OFFICER: Final = Operator(
    id=OperatorId(_BY),
    name=_BY,
    person=None,
    roles=frozenset({OperatorRole.SECRECY_OFFICER}),
    zones=frozenset(),
    rank=None,
    department="",
    disabled_at=None,
)


async def _confirm_grant(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    """Each of theirs for the zone, in whatever round is not closed."""
    for sheet in await site.controller.reviews.unclosed():
        for row in (row for each in sheet.zones for row in each.rows):
            if (row.item.person, row.item.zone) == (person, zone):
                await site.controller.reviews.decide(
                    sheet.round.id, row.item.grant, ReviewAct.CONFIRM, by=_OFFICER
                )


async def _let_lapse(site: SimulatedSite, door: DoorId) -> None:
    zone = site.site.doors[door].zone
    for sheet in await site.controller.reviews.unclosed():
        await site.controller.reviews.let_lapse(sheet.round.id, zone, by=_OFFICER)


async def _day_badge(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    number = badge_number(f"{person}.day").hex()
    done = await site.controller.badges.issue_day(_GUARD, person, "id_card", number)
    _demand_done(done)


async def _return_day_badge(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    _demand_done(await site.controller.badges.end_day(_GUARD, person))


async def _withdraw_badge(
    site: SimulatedSite, person: PersonId, zone: ZoneId | None
) -> None:
    _demand_done(await site.controller.badges.withdraw(_GUARD, person, _WHY))


def _demand_done(done: ChangeId | BadgeProblem) -> None:
    if isinstance(done, BadgeProblem):
        raise InputError(done)


# --- the office's orders ---


async def _lockdown(site: SimulatedSite, door: DoorId) -> None:
    await site.controller.command(door, StartLockdown(_WHY), by=_BY)


async def _release_lockdown(site: SimulatedSite, door: DoorId) -> None:
    await site.controller.command(door, EndLockdown(_WHY), by=_BY)


async def _unlock(site: SimulatedSite, door: DoorId) -> None:
    await site.controller.command(door, UnlockDoor(_WHY), by=_BY)


async def _reset_occupancy(site: SimulatedSite, door: DoorId) -> None:
    await site.controller.command(door, ResetOccupancy(_WHY), by=_BY)


async def _start_service(site: SimulatedSite, door: DoorId) -> None:
    until = site.now() + SERVED_FOR
    await site.controller.command(door, StartService(_WHY, _BY, until), by=_BY)


async def _end_service(site: SimulatedSite, door: DoorId) -> None:
    await site.controller.command(door, EndService(_WHY), by=_BY)


# --- the world at the door ---


async def _press_exit(site: SimulatedSite, door: DoorId) -> None:
    await site.rigs[door].leave_by_button(
        OPENS_AFTER.total_seconds(), SHUTS_AFTER.total_seconds()
    )


async def _turn_handle(site: SimulatedSite, door: DoorId) -> None:
    await site.rigs[door].leave_by_handle(SHUTS_AFTER.total_seconds())


async def _force(site: SimulatedSite, door: DoorId) -> None:
    await site.rigs[door].force(FORCED_FOR.total_seconds())


async def _hold(site: SimulatedSite, door: DoorId) -> None:
    await site.rigs[door].hold_open()


async def _wait(site: SimulatedSite, door: DoorId) -> None:
    return None


async def _cut_power(site: SimulatedSite, door: DoorId) -> None:
    await site.cut_power(door)


async def _restore_power(site: SimulatedSite, door: DoorId) -> None:
    await site.restore_power(door)
    site.rigs[door].let_go()


def _at_once(
    act: Callable[[SimulatedSite, DoorId], object],
) -> Callable[[SimulatedSite, DoorId], Doing]:
    """A deed that takes no time."""

    async def deed(site: SimulatedSite, door: DoorId) -> None:
        act(site, door)

    return deed


def _sensor(rig: DoorRig, *, silent: bool) -> None:
    if rig.fingerprint is None:
        return
    if silent:
        rig.fingerprint.inject(DeviceFault.DEAD, times=None)
    else:
        rig.fingerprint.heal()


def _camera(rig: DoorRig, *, dead: bool) -> None:
    if rig.scene is not None:
        rig.scene.die() if dead else rig.scene.revive()


def _climate(rig: DoorRig, celsius: float) -> None:
    if rig.climate is not None:
        rig.climate.set(temperature_c=celsius, humidity_percent=_HUMID)


async def _kill_broker(site: SimulatedSite) -> None:
    await site.network.kill_broker()


async def _start_broker(site: SimulatedSite) -> None:
    await site.network.start_broker()


_TO_PEOPLE: Final[
    Mapping[
        Deed,
        Callable[[SimulatedSite, PersonId, ZoneId | None], Doing],
    ]
] = {
    Deed.REVOKE: _revoke,
    Deed.LEAVE: _leave,
    Deed.SUSPEND: _suspend,
    Deed.REINSTATE: _reinstate,
    Deed.DE_SECRECY: _de_secrecy,
    Deed.GRANT: _grant,
    Deed.DAY_BADGE: _day_badge,
    Deed.RETURN_DAY_BADGE: _return_day_badge,
    Deed.WITHDRAW_BADGE: _withdraw_badge,
    Deed.CONFIRM_GRANT: _confirm_grant,
}

_AT_SITE: Final[Mapping[Deed, Callable[[SimulatedSite], Doing]]] = {
    Deed.KILL_BROKER: _kill_broker,
    Deed.START_BROKER: _start_broker,
}

_AT_DOOR: Final[Mapping[Deed, Callable[[SimulatedSite, DoorId], Doing]]] = {
    Deed.LET_LAPSE: _let_lapse,
    Deed.LOCKDOWN: _lockdown,
    Deed.RELEASE_LOCKDOWN: _release_lockdown,
    Deed.UNLOCK: _unlock,
    Deed.RESET_OCCUPANCY: _reset_occupancy,
    Deed.START_SERVICE: _start_service,
    Deed.END_SERVICE: _end_service,
    Deed.FIRE: _at_once(lambda s, d: s.rigs[d].hardware.start_fire()),
    Deed.END_FIRE: _at_once(lambda s, d: s.rigs[d].hardware.end_fire()),
    Deed.FORCE_DOOR: _force,
    Deed.HOLD_DOOR: _hold,
    Deed.PRESS_EXIT: _press_exit,
    Deed.TURN_HANDLE: _turn_handle,
    Deed.TAMPER: _at_once(lambda s, d: s.rigs[d].hardware.open_cover()),
    Deed.END_TAMPER: _at_once(lambda s, d: s.rigs[d].hardware.close_cover()),
    Deed.CUT_NETWORK: _at_once(lambda s, d: s.network.cut(d)),
    Deed.RESTORE_NETWORK: _at_once(lambda s, d: s.network.restore(d)),
    Deed.CUT_POWER: _cut_power,
    Deed.RESTORE_POWER: _restore_power,
    Deed.SILENCE_SENSOR: _at_once(lambda s, d: _sensor(s.rigs[d], silent=True)),
    Deed.RESTORE_SENSOR: _at_once(lambda s, d: _sensor(s.rigs[d], silent=False)),
    Deed.KILL_CAMERA: _at_once(lambda s, d: _camera(s.rigs[d], dead=True)),
    Deed.RESTORE_CAMERA: _at_once(lambda s, d: _camera(s.rigs[d], dead=False)),
    Deed.JAM_LOCK: _at_once(lambda s, d: s.rigs[d].hardware.jam_relay()),
    Deed.FREE_LOCK: _at_once(lambda s, d: s.rigs[d].hardware.free_relay()),
    Deed.BREAK_CONTACT: _at_once(lambda s, d: s.rigs[d].break_contact(broken=True)),
    Deed.MEND_CONTACT: _at_once(lambda s, d: s.rigs[d].break_contact(broken=False)),
    Deed.DISTRUST_CLOCK: _at_once(lambda s, d: s.trust_of(d).set(trusted=False)),
    Deed.TRUST_CLOCK: _at_once(lambda s, d: s.trust_of(d).set(trusted=True)),
    Deed.FILL_DISK: lambda s, d: s.fill_disk(d, full=True),
    Deed.FREE_DISK: lambda s, d: s.fill_disk(d, full=False),
    Deed.HEAT_ROOM: _at_once(lambda s, d: _climate(s.rigs[d], _HOT_C)),
    Deed.COOL_ROOM: _at_once(lambda s, d: _climate(s.rigs[d], _COOL_C)),
    Deed.WAIT: _wait,
}
