"""The life of one door, as a table.

Everything that changes a door's phase is in `TRANSITIONS`; nothing else in the
system holds it. Unlike a network peer, a door cannot break a protocol: whatever its
contact reports has happened. So the table is *total*: every phase answers every
input, and `step` cannot fail.

    SECURED --GRANT--> RELEASED --OPENED--> OPEN --CLOSED--> SECURED
       | \\                |                  |
       |  HANDLE       RELEASE_EXPIRED    OPEN_TOO_LONG
       |    v              v                  v
       |  LEAVING       SECURED             HELD
     OPENED
       v
     FORCED           FIRE in any phase -> FIRE_SHUT or FIRE_OPEN, lock released

Life safety is hardware (architecture, section 5): the handle opens a fail-secure
door from inside, the fire relay cuts a fail-safe lock. Handle, exit button and fire
only tell this table that an opening was not forced. Fire beats lockdown: in a fire
phase nothing secures the lock. Lockdown ends a release; `domain.obedience` doesn't
tell the door of it while somebody is on the way out. Whom to admit is the policy's
business.

A door whose contact never reports looks like a row of releases that nobody used;
after `SILENT_AFTER` of them in a row the contact itself is doubted.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

SILENT_AFTER: Final = 3


class Phase(StrEnum):
    SECURED = "secured"  # shut, lock secured
    RELEASED = "released"  # shut, lock released, waiting to be opened
    LEAVING = "leaving"  # shut, lock secured, the handle was turned inside
    OPEN = "open"  # opened after a release or from inside
    HELD = "held"  # open longer than this door allows
    FORCED = "forced"  # opened without a release
    FIRE_SHUT = "fire_shut"  # fire alarm, shut, lock released
    FIRE_OPEN = "fire_open"  # fire alarm, open


class Input(StrEnum):
    GRANT = "grant"  # the policy said yes, or a command to open once
    EXIT_BUTTON = "exit_button"  # pressed inside: opens, always
    HANDLE = "handle"  # turned inside: the mechanism opens, software only learns
    OPENED = "opened"  # contact went from closed to open
    CLOSED = "closed"  # contact went from open to closed
    RELEASE_EXPIRED = "release_expired"  # nobody opened in time
    OPEN_TOO_LONG = "open_too_long"  # nobody closed in time
    FIRE = "fire"  # the fire contact alarms
    FIRE_CLEARED = "fire_cleared"
    LOCKDOWN = "lockdown"  # begins
    LOCKDOWN_ENDED = "lockdown_ended"
    RELAY_FAILED = "relay_failed"  # the lock did not confirm a release
    TAMPERED = "tampered"  # the housing was opened
    TAMPER_CLEARED = "tamper_cleared"


class Effect(StrEnum):
    """What the shell must do, in order. REPORT_… are events, recorded first."""

    RELEASE_LOCK = "release_lock"
    SECURE_LOCK = "secure_lock"
    START_RELEASE_TIMER = "start_release_timer"
    START_OPEN_TIMER = "start_open_timer"
    STOP_TIMERS = "stop_timers"
    REPORT_OPENED = "report_opened"
    REPORT_CLOSED = "report_closed"
    REPORT_NOT_OPENED = "report_not_opened"
    REPORT_FORCED = "report_forced"
    REPORT_HELD = "report_held"
    REPORT_HELD_CLEARED = "report_held_cleared"
    REPORT_FORCED_CLEARED = "report_forced_cleared"
    REPORT_EXIT_BUTTON = "report_exit_button"
    REPORT_HANDLE = "report_handle"
    REPORT_FIRE = "report_fire"
    REPORT_FIRE_CLEARED = "report_fire_cleared"
    REPORT_RELAY_FAULT = "report_relay_fault"
    REPORT_TAMPER = "report_tamper"
    REPORT_TAMPER_CLEARED = "report_tamper_cleared"
    REPORT_CONTACT_SILENT = "report_contact_silent"


@dataclass(frozen=True, slots=True)
class DoorState:
    """`unopened`: releases in a row that nobody seems to have used."""

    phase: Phase = Phase.SECURED
    unopened: int = 0

    @property
    def secured(self) -> bool:
        return self.phase in (Phase.SECURED, Phase.LEAVING)

    @property
    def shut(self) -> bool:
        return self.phase in _SHUT


_SHUT: Final = frozenset(
    {Phase.SECURED, Phase.RELEASED, Phase.LEAVING, Phase.FIRE_SHUT}
)

Step: TypeAlias = tuple[Phase, tuple[Effect, ...]]

_P, _I, _E = Phase, Input, Effect
_LET = (_E.RELEASE_LOCK, _E.START_RELEASE_TIMER)
_RELAX = (_E.SECURE_LOCK, _E.STOP_TIMERS)
_OPENED = (_E.REPORT_OPENED, *_RELAX, _E.START_OPEN_TIMER)
_BURN = (_E.REPORT_FIRE, _E.RELEASE_LOCK, _E.STOP_TIMERS)
_BUTTON = _E.REPORT_EXIT_BUTTON
_TAMPER = {
    _I.TAMPERED: (_E.REPORT_TAMPER,),
    _I.TAMPER_CLEARED: (_E.REPORT_TAMPER_CLEARED,),
}


def _row(phase: Phase, answers: dict[Input, Step]) -> dict[tuple[Phase, Input], Step]:
    """One phase's answers, with tampering, which is told and changes no phase."""
    tampering = {i: (phase, effects) for i, effects in _TAMPER.items()}
    return {(phase, i): step for i, step in (answers | tampering).items()}


TRANSITIONS: Final[dict[tuple[Phase, Input], Step]] = {
    **_row(
        _P.SECURED,
        {
            _I.GRANT: (_P.RELEASED, _LET),
            _I.EXIT_BUTTON: (_P.RELEASED, (_BUTTON, *_LET)),
            _I.HANDLE: (_P.LEAVING, (_E.REPORT_HANDLE, _E.START_RELEASE_TIMER)),
            _I.OPENED: (_P.FORCED, (_E.REPORT_FORCED,)),
            _I.CLOSED: (_P.SECURED, ()),
            _I.RELEASE_EXPIRED: (_P.SECURED, ()),
            _I.OPEN_TOO_LONG: (_P.SECURED, ()),
            _I.FIRE: (_P.FIRE_SHUT, _BURN),
            _I.FIRE_CLEARED: (_P.SECURED, ()),
            _I.LOCKDOWN: (_P.SECURED, ()),
            _I.LOCKDOWN_ENDED: (_P.SECURED, ()),
            _I.RELAY_FAILED: (_P.SECURED, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.RELEASED,
        {
            _I.GRANT: (_P.RELEASED, (_E.START_RELEASE_TIMER,)),
            _I.EXIT_BUTTON: (_P.RELEASED, (_BUTTON, _E.START_RELEASE_TIMER)),
            _I.HANDLE: (_P.RELEASED, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.OPEN, _OPENED),
            _I.CLOSED: (_P.RELEASED, ()),
            _I.RELEASE_EXPIRED: (_P.SECURED, (_E.REPORT_NOT_OPENED, *_RELAX)),
            _I.OPEN_TOO_LONG: (_P.RELEASED, ()),
            _I.FIRE: (_P.FIRE_SHUT, _BURN),
            _I.FIRE_CLEARED: (_P.RELEASED, ()),
            _I.LOCKDOWN: (_P.SECURED, (_E.REPORT_NOT_OPENED, *_RELAX)),
            _I.LOCKDOWN_ENDED: (_P.RELEASED, ()),
            _I.RELAY_FAILED: (
                _P.SECURED,
                (_E.REPORT_RELAY_FAULT, _E.REPORT_NOT_OPENED, *_RELAX),
            ),
        },
    ),
    **_row(
        _P.LEAVING,
        {
            _I.GRANT: (_P.RELEASED, _LET),
            _I.EXIT_BUTTON: (_P.RELEASED, (_BUTTON, *_LET)),
            _I.HANDLE: (_P.LEAVING, (_E.START_RELEASE_TIMER,)),
            _I.OPENED: (_P.OPEN, _OPENED),
            _I.CLOSED: (_P.LEAVING, ()),
            # Nobody was let in, so nothing is told: a handle may be tried.
            _I.RELEASE_EXPIRED: (_P.SECURED, (_E.STOP_TIMERS,)),
            _I.OPEN_TOO_LONG: (_P.LEAVING, ()),
            _I.FIRE: (_P.FIRE_SHUT, _BURN),
            _I.FIRE_CLEARED: (_P.LEAVING, ()),
            _I.LOCKDOWN: (_P.LEAVING, ()),
            _I.LOCKDOWN_ENDED: (_P.LEAVING, ()),
            _I.RELAY_FAILED: (_P.LEAVING, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.OPEN,
        {
            _I.GRANT: (_P.OPEN, (_E.START_OPEN_TIMER,)),
            _I.EXIT_BUTTON: (_P.OPEN, (_BUTTON, _E.START_OPEN_TIMER)),
            _I.HANDLE: (_P.OPEN, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.OPEN, ()),
            _I.CLOSED: (_P.SECURED, (_E.REPORT_CLOSED, *_RELAX)),
            _I.RELEASE_EXPIRED: (_P.OPEN, ()),
            _I.OPEN_TOO_LONG: (_P.HELD, (_E.REPORT_HELD,)),
            _I.FIRE: (_P.FIRE_OPEN, _BURN),
            _I.FIRE_CLEARED: (_P.OPEN, ()),
            _I.LOCKDOWN: (_P.OPEN, ()),
            _I.LOCKDOWN_ENDED: (_P.OPEN, ()),
            _I.RELAY_FAILED: (_P.OPEN, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.HELD,
        {
            _I.GRANT: (_P.HELD, ()),
            _I.EXIT_BUTTON: (_P.HELD, (_BUTTON,)),
            _I.HANDLE: (_P.HELD, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.HELD, ()),
            _I.CLOSED: (
                _P.SECURED,
                (_E.REPORT_CLOSED, _E.REPORT_HELD_CLEARED, *_RELAX),
            ),
            _I.RELEASE_EXPIRED: (_P.HELD, ()),
            _I.OPEN_TOO_LONG: (_P.HELD, ()),
            _I.FIRE: (_P.FIRE_OPEN, (_E.REPORT_HELD_CLEARED, *_BURN)),
            _I.FIRE_CLEARED: (_P.HELD, ()),
            _I.LOCKDOWN: (_P.HELD, ()),
            _I.LOCKDOWN_ENDED: (_P.HELD, ()),
            _I.RELAY_FAILED: (_P.HELD, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.FORCED,
        {
            _I.GRANT: (_P.FORCED, ()),
            _I.EXIT_BUTTON: (_P.FORCED, (_BUTTON,)),
            _I.HANDLE: (_P.FORCED, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.FORCED, ()),
            _I.CLOSED: (
                _P.SECURED,
                (_E.REPORT_CLOSED, _E.REPORT_FORCED_CLEARED, *_RELAX),
            ),
            _I.RELEASE_EXPIRED: (_P.FORCED, ()),
            _I.OPEN_TOO_LONG: (_P.FORCED, ()),
            _I.FIRE: (_P.FIRE_OPEN, (_E.REPORT_FORCED_CLEARED, *_BURN)),
            _I.FIRE_CLEARED: (_P.FORCED, ()),
            _I.LOCKDOWN: (_P.FORCED, ()),
            _I.LOCKDOWN_ENDED: (_P.FORCED, ()),
            _I.RELAY_FAILED: (_P.FORCED, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.FIRE_SHUT,
        {
            _I.GRANT: (_P.FIRE_SHUT, ()),
            _I.EXIT_BUTTON: (_P.FIRE_SHUT, (_BUTTON,)),
            _I.HANDLE: (_P.FIRE_SHUT, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.FIRE_OPEN, (_E.REPORT_OPENED,)),
            _I.CLOSED: (_P.FIRE_SHUT, ()),
            _I.RELEASE_EXPIRED: (_P.FIRE_SHUT, ()),
            _I.OPEN_TOO_LONG: (_P.FIRE_SHUT, ()),
            _I.FIRE: (_P.FIRE_SHUT, ()),
            _I.FIRE_CLEARED: (_P.SECURED, (_E.REPORT_FIRE_CLEARED, *_RELAX)),
            _I.LOCKDOWN: (_P.FIRE_SHUT, ()),
            _I.LOCKDOWN_ENDED: (_P.FIRE_SHUT, ()),
            _I.RELAY_FAILED: (_P.FIRE_SHUT, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
    **_row(
        _P.FIRE_OPEN,
        {
            _I.GRANT: (_P.FIRE_OPEN, ()),
            _I.EXIT_BUTTON: (_P.FIRE_OPEN, (_BUTTON,)),
            _I.HANDLE: (_P.FIRE_OPEN, (_E.REPORT_HANDLE,)),
            _I.OPENED: (_P.FIRE_OPEN, ()),
            _I.CLOSED: (_P.FIRE_SHUT, (_E.REPORT_CLOSED,)),
            _I.RELEASE_EXPIRED: (_P.FIRE_OPEN, ()),
            _I.OPEN_TOO_LONG: (_P.FIRE_OPEN, ()),
            _I.FIRE: (_P.FIRE_OPEN, ()),
            _I.FIRE_CLEARED: (
                _P.OPEN,
                (_E.REPORT_FIRE_CLEARED, *_RELAX, _E.START_OPEN_TIMER),
            ),
            _I.LOCKDOWN: (_P.FIRE_OPEN, ()),
            _I.LOCKDOWN_ENDED: (_P.FIRE_OPEN, ()),
            _I.RELAY_FAILED: (_P.FIRE_OPEN, (_E.REPORT_RELAY_FAULT,)),
        },
    ),
}


def step(state: DoorState, input_: Input) -> tuple[DoorState, tuple[Effect, ...]]:
    """The next state, and what the shell must do about it, in order."""
    phase, effects = TRANSITIONS[state.phase, input_]
    # A lockdown or a relay that failed ended the release: that says nothing about the
    # contact.
    if input_ is Input.RELEASE_EXPIRED and Effect.REPORT_NOT_OPENED in effects:
        unopened = state.unopened + 1
        if unopened == SILENT_AFTER:
            effects = (Effect.REPORT_CONTACT_SILENT, *effects)
    elif input_ is Input.OPENED:
        unopened = 0
    else:
        unopened = state.unopened
    return DoorState(phase, unopened), effects
