"""What the door itself does becomes: phases, records, who is inside.

    move: Doorway, door.Input -> Turn

The table is `domain.door`; here its reports become events, and openings become
passages. People are *in* (or *out*) when the door shuts. Where nobody read and the
zone keeps account (anti-passback), its occupancy becomes unknown: at once in a fire,
on shutting after an unread exit or a forced opening (G5.3.2-3).
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from domain import door, passage
from domain.access_events import OccupancyBecameUnknown, PersonEntered, PersonLeft
from domain.alarm_events import AlarmCleared, AlarmCode
from domain.door import DoorState, Effect, Input, Phase
from domain.door_events import (
    DoorClosed,
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    DoorOpened,
    ExitButtonPressed,
    FireCleared,
    FireReleased,
    HandleTurned,
    LockReleased,
    LockSecured,
)
from domain.doorway import Doorway, Moment, Setting, Turn, alarm, lock_released
from domain.events import Event
from domain.ids import is_visitor
from domain.passage import Passage, Passenger
from domain.policy import Reason, Side

# Causes, most telling first: one shutting is told once.
_CAUSES: Final = ("fire", "forced", "exit_unread")


def move(
    doorway: Doorway,
    input_: Input,
    *,
    setting: Setting,
    moment: Moment,
    cause: str,
) -> Turn:
    """`cause`: what lets the lock go, should it: "access", "exit_button", …"""
    before = doorway.door
    state, effects = door.step(before, input_)
    if Effect.RELEASE_LOCK in effects and Effect.REPORT_FIRE in effects:
        cause = "fire"
    at = moment.at
    events: list[Event] = []
    for effect in effects:
        events += _told(effect, doorway, before, setting, at, cause)
    moved = _follow(replace(doorway, door=state), input_, before, at)
    if input_ is Input.CLOSED and not before.shut:
        moved, passed = _shut(moved, setting, moment)
        # The lock's and the alarms' records come first: they are of the opening.
        events += passed
    if Effect.REPORT_FIRE in effects and setting.zone.anti_passback:
        events.append(_unknown(setting, at, "fire"))
    return Turn(moved, tuple(events), effects)


def _follow(
    doorway: Doorway, input_: Input, before: DoorState, at: datetime
) -> Doorway:
    """What an input means for the passage and for who can still be accounted for."""
    went, doubt, opened_at = doorway.passage, doorway.doubt, doorway.opened_at
    match input_:
        case Input.EXIT_BUTTON | Input.HANDLE:
            went = passage.asked_to_leave(went)
        case Input.OPENED if before.shut:
            went, opened_at = passage.opened(went), at
        case Input.FIRE:
            doubt = "fire"
        case Input.FIRE_CLEARED if doorway.door.phase is Phase.SECURED:
            doubt = None  # told when it began and at each shutting since
        case Input.TAMPERED | Input.TAMPER_CLEARED:
            return replace(doorway, tampered=input_ is Input.TAMPERED)
        case _:
            pass
    if doorway.door.phase is Phase.FORCED:
        doubt = doubt or "forced"
    if _came_to_nothing(before, doorway.door):
        went = Passage()
    return replace(doorway, passage=went, doubt=doubt, opened_at=opened_at)


def _came_to_nothing(before: DoorState, now: DoorState) -> bool:
    """Released, or the handle turned, and yet nobody opened."""
    waited = before.shut and before.phase is not Phase.SECURED
    return waited and now.phase is Phase.SECURED


def _shut(
    doorway: Doorway, setting: Setting, moment: Moment
) -> tuple[Doorway, tuple[Event, ...]]:
    """Whoever was let through has passed; what nobody read makes a doubt."""
    went, passed = passage.shut(doorway.passage)
    doubts = {doorway.doubt, "exit_unread" if passed.unread else None}
    cause = next((c for c in _CAUSES if c in doubts), None)
    events: list[Event] = []
    if cause is not None and setting.zone.anti_passback:
        # First: those whose passing was read are certain in spite of it.
        events.append(_unknown(setting, moment.at, cause))
    events += [_entered(p, setting, moment.at) for p in passed.entered]
    events += [_left(p, setting, moment.at) for p in passed.left]
    burning = doorway.door.phase is Phase.FIRE_SHUT
    kept = doorway.doubt if burning else None
    return replace(doorway, passage=went, doubt=kept, opened_at=None), tuple(events)


def _told(
    effect: Effect,
    doorway: Doorway,
    before: DoorState,
    setting: Setting,
    at: datetime,
    cause: str,
) -> list[Event]:
    """The events of one effect; exhaustive over all effects of the table."""
    who, now = setting.door, at
    open_for = timedelta(0) if doorway.opened_at is None else at - doorway.opened_at
    match effect:
        case Effect.RELEASE_LOCK:
            return [LockReleased(door=who, at=now, cause=cause)]
        case Effect.SECURE_LOCK:
            if not lock_released(before.phase):
                return []
            return [LockSecured(door=who, at=now)]
        case Effect.START_RELEASE_TIMER | Effect.START_OPEN_TIMER | Effect.STOP_TIMERS:
            return []
        case Effect.REPORT_OPENED:
            return [DoorOpened(door=who, at=now)]
        case Effect.REPORT_CLOSED:
            return [DoorClosed(door=who, at=now, open_for=open_for)]
        case Effect.REPORT_NOT_OPENED:
            return _not_opened(doorway.passage, setting, at)
        case Effect.REPORT_FORCED:
            forced = alarm(setting, at, AlarmCode.DOOR_FORCED)
            return [DoorForced(door=who, at=now), forced]
        case Effect.REPORT_FORCED_CLEARED:
            return [cleared(setting, at, AlarmCode.DOOR_FORCED)]
        case Effect.REPORT_HELD:
            held = alarm(setting, at, AlarmCode.DOOR_HELD)
            return [DoorHeldOpen(door=who, at=now, open_for=open_for), held]
        case Effect.REPORT_HELD_CLEARED:
            return [cleared(setting, at, AlarmCode.DOOR_HELD)]
        case Effect.REPORT_EXIT_BUTTON:
            return [ExitButtonPressed(door=who, at=now)]
        case Effect.REPORT_HANDLE:
            return [HandleTurned(door=who, at=now)]
        case Effect.REPORT_FIRE:
            fire = alarm(setting, at, AlarmCode.FIRE)
            return [FireReleased(door=who, at=now), fire]
        case Effect.REPORT_FIRE_CLEARED:
            return [FireCleared(door=who, at=now), cleared(setting, at, AlarmCode.FIRE)]
        case Effect.REPORT_RELAY_FAULT:
            return [alarm(setting, at, AlarmCode.LOCK_FAULT, detail="the lock's relay")]
        case Effect.REPORT_TAMPER:
            return [alarm(setting, at, AlarmCode.TAMPER)]
        case Effect.REPORT_TAMPER_CLEARED:
            return [cleared(setting, at, AlarmCode.TAMPER)]
        case Effect.REPORT_CONTACT_SILENT:
            return [alarm(setting, at, AlarmCode.CONTACT_SILENT)]
        case _:
            assert_never(effect)


def _not_opened(went: Passage, setting: Setting, at: datetime) -> list[Event]:
    people = tuple(p.person for p in went.passengers)
    told: list[Event] = [DoorNotOpened(door=setting.door, at=at, people=people)]
    if people:
        told.append(alarm(setting, at, AlarmCode.DOOR_NOT_OPENED, person=people[0]))
    told += [
        alarm(setting, at, AlarmCode.VISITOR_DID_NOT_PASS, person=p.person)
        for p in went.passengers
        if is_visitor(p.person) and p.side is Side.ENTRY
    ]
    return told


def cleared(setting: Setting, at: datetime, code: AlarmCode) -> AlarmCleared:
    return AlarmCleared(
        door=setting.door, at=at, code=Reason(str(code)), device=None, target=None
    )


def _unknown(setting: Setting, at: datetime, cause: str) -> OccupancyBecameUnknown:
    return OccupancyBecameUnknown(
        door=setting.door, at=at, zone=setting.zone.id, cause=cause
    )


def _entered(who: Passenger, setting: Setting, at: datetime) -> PersonEntered:
    return PersonEntered(
        door=setting.door,
        at=at,
        zone=setting.zone.id,
        person=who.person,
        declaration=who.declaration,
    )


def _left(who: Passenger, setting: Setting, at: datetime) -> PersonLeft:
    return PersonLeft(
        door=setting.door,
        at=at,
        zone=setting.zone.id,
        person=who.person,
        declaration=who.declaration,
    )
