"""Which question of the core each input is. No answers are given here.

Exhaustive over the inputs: a new one shows up as a type error.
"""

from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Final, assert_never

from config.schema import Role
from domain import admission, commands, escort_watch, movement, obedience, vigil
from domain.alarm_events import AlarmCode
from domain.attempt import Presentation
from domain.commands import CommandRefusal
from domain.door import Input as DoorInput
from domain.doorway import (
    Deadline,
    Doorway,
    Moment,
    Setting,
    Turn,
    alarm,
    settled,
)
from domain.policy import Side
from domain.vigil import Limits
from edge_agent import inputs as i

# What a line's change means to the door; a button that is let go means nothing.
_LINES: Final[dict[tuple[Role, bool], tuple[DoorInput, str]]] = {
    (Role.CONTACT, True): (DoorInput.OPENED, ""),
    (Role.CONTACT, False): (DoorInput.CLOSED, ""),
    (Role.EXIT_BUTTON, True): (DoorInput.EXIT_BUTTON, "exit_button"),
    (Role.HANDLE, True): (DoorInput.HANDLE, ""),
    (Role.FIRE, True): (DoorInput.FIRE, "fire"),
    (Role.FIRE, False): (DoorInput.FIRE_CLEARED, ""),
    (Role.TAMPER, True): (DoorInput.TAMPERED, ""),
    (Role.TAMPER, False): (DoorInput.TAMPER_CLEARED, ""),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What the core is told besides the input and the moment."""

    setting: Setting
    moment: Moment
    clock_trusted: bool
    journal_writable: bool
    seen: Container[str]
    limits: Limits | None


def ask(doorway: Doorway, input_: i.Input, asking: Asking) -> Turn:
    """What `input_` turns the door into."""
    turn = _asked(doorway, input_, asking)
    return settled(turn, setting=asking.setting, at=asking.moment.at)


def _asked(doorway: Doorway, input_: i.Input, asking: Asking) -> Turn:
    setting, moment, at = asking.setting, asking.moment, asking.moment.at
    match input_:
        case i.FactorPresented():
            presentation = Presentation(
                factor=input_.factor,
                person=input_.person,
                at=at,
                credential=input_.credential,
                duress=input_.duress,
            )
            return admission.present(
                doorway, presentation, side=input_.side, setting=setting, moment=moment
            )
        case i.DeclarationKeyed():
            return admission.declare(
                doorway, input_.declaration, setting=setting, moment=moment
            )
        case i.LineChanged():
            return _line(doorway, input_, asking)
        case i.TimerFired():
            return _timer(doorway, input_, asking)
        case i.CommandArrived():
            return _command(doorway, input_, asking)
        case i.RosterStored():
            applied = vigil.roster_applied(
                doorway,
                number=input_.index.number,
                people=len(input_.index),
                valid_until=input_.index.valid_until,
                setting=setting,
                at=at,
            )
            return applied.then(lambda d: _look(d, asking))
        case i.RosterUnusable():
            return vigil.roster_refused(
                doorway,
                number=input_.number,
                reason=input_.reason,
                setting=setting,
                at=at,
            )
        case i.LinkChanged() | i.PresenceReported() | i.CompanyChanged():
            company = vigil.company(doorway, moment.here, setting=setting, at=at)
            return company.then(lambda d: _look(d, asking))
        case i.ClockJudged():
            return vigil.clock_trust(
                doorway,
                trusted=input_.trusted,
                source=input_.source,
                setting=setting,
                at=at,
            )
        case i.DeviceDown():
            return vigil.device_down(
                doorway, input_.device, error=input_.error, setting=setting, at=at
            )
        case i.DeviceUp():
            return vigil.device_up(doorway, input_.device, setting=setting, at=at)
        case i.DeviceChanged():
            return vigil.device_changed(
                doorway, input_.device, detail=input_.detail, setting=setting, at=at
            )
        case i.MachineSeen():
            return vigil.machine(doorway, input_.machine, setting=setting, at=at)
        case i.HealthDue():
            return Turn(doorway, (replace(input_.report, at=at),))
        case i.ClimateSeen():
            return vigil.climate(
                doorway,
                temperature_c=input_.temperature_c,
                humidity_percent=input_.humidity_percent,
                limits=asking.limits,
                device=input_.device,
                setting=setting,
                at=at,
            )
        case i.JournalBack():
            code, holds = AlarmCode.JOURNAL_UNAVAILABLE, not asking.journal_writable
            return vigil.condition(doorway, code, holds, setting=setting, at=at)
        case i.JournalForked():
            detail = f"the controller holds another entry {input_.seq}"
            told = alarm(setting, at, AlarmCode.JOURNAL_FORKED, detail=detail)
            return Turn(doorway, (told,))
        case _:
            assert_never(input_)


def wants_out(input_: i.Input) -> bool:
    """Whether `input_` is somebody's wish to leave, which nothing may deny."""
    match input_:
        case i.FactorPresented(side=Side.EXIT):
            return True
        case i.LineChanged(role=Role.EXIT_BUTTON | Role.FIRE, active=True):
            return True
        case _:
            return False


def _line(doorway: Doorway, input_: i.LineChanged, asking: Asking) -> Turn:
    meaning = _LINES.get((input_.role, input_.active))
    if meaning is None:
        return Turn(doorway)
    told, cause = meaning
    return movement.move(
        doorway, told, setting=asking.setting, moment=asking.moment, cause=cause
    )


def _timer(doorway: Doorway, fired: i.TimerFired, asking: Asking) -> Turn:
    setting, moment = asking.setting, asking.moment
    match fired.kind:
        case i.LockTimer.RELEASE:
            return movement.move(
                doorway,
                DoorInput.RELEASE_EXPIRED,
                setting=setting,
                moment=moment,
                cause="",
            )
        case i.LockTimer.OPEN:
            return movement.move(
                doorway,
                DoorInput.OPEN_TOO_LONG,
                setting=setting,
                moment=moment,
                cause="",
            )
        case Deadline.ENTRY_ATTEMPT | Deadline.EXIT_ATTEMPT:
            return admission.expire(doorway, setting=setting, moment=moment)
        case Deadline.ALONE:
            return vigil.alone_too_long(
                doorway, moment.here, setting=setting, at=moment.at
            )
        case Deadline.WATCH:
            return _look(doorway, asking)
        case Deadline.ROSTER:
            return vigil.roster_end(doorway, setting=setting, at=moment.at)
        case Deadline.SERVICE:
            return Turn(doorway)  # `settled` ends it
        case i.Chore.FLASH | i.Chore.JOURNAL:
            return Turn(doorway)  # the loop's own business
        case _:
            assert_never(fired.kind)


def _look(doorway: Doorway, asking: Asking) -> Turn:
    """At visitors and their escorts, and at whoever stays too long."""
    moment = asking.moment
    return escort_watch.look(
        doorway,
        moment.here,
        moment.visitors,
        setting=asking.setting,
        at=moment.at,
    )


def _command(doorway: Doorway, arrived: i.CommandArrived, asking: Asking) -> Turn:
    setting, moment = asking.setting, asking.moment
    command, refusal = arrived.command, arrived.broken
    if command is not None and refusal is None:
        refusal = commands.judge(
            command,
            door=setting.door,
            now=moment.at,
            retained=arrived.retained,
            clock_trusted=asking.clock_trusted,
            seen=asking.seen,
        )
    if command is None or refusal is not None:
        why = refusal or CommandRefusal.MALFORMED
        return obedience.refuse(doorway, arrived.id, why, setting=setting, at=moment.at)
    return obedience.obey(
        doorway,
        command,
        journal_writable=asking.journal_writable,
        setting=setting,
        moment=moment,
    )
