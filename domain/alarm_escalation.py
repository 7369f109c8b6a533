"""Whom an alarm is called out to when nobody takes it up, and when it is told again.

    priority 1, unacknowledged   1 min shift lead and all consoles, 3 min secrecy
                                 officer, 5 min the site's contact list
    priority 2, unacknowledged   3 min shift lead, 10 min the zone's owner
    priority 3                   nobody: it is on the list at the handing over of watch
    acknowledged, still wrong    a reminder each 10 min (1) or 30 min (2)

Laws: a step is due at its instant, not after it; time runs from when the office heard,
so that what a door tells late leaves the guard the same time; nobody is called twice
for one alarm, whether the clock or a guard called them; acknowledging stops the steps.

Source: the console's design, section 5. The times are the same on every site: who works
under them changes from site to site.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.alarm_acts import Called

BY_HAND: Final = 0  # the step of a call that no clock made


@dataclass(frozen=True, slots=True)
class Step:
    number: int  # from 1
    after: timedelta
    to: Called


@dataclass(frozen=True, slots=True, kw_only=True)
class Calling:
    """What the steps of one alarm depend on. `owned`: some zone's owner answers for it;
    the site as a whole has the secrecy officer."""

    priority: int
    owned: bool
    heard_at: datetime
    acknowledged_at: datetime | None
    called: frozenset[Called]


_LADDERS: Final[dict[int, tuple[Step, ...]]] = {
    1: (
        Step(1, timedelta(minutes=1), Called.SHIFT_LEAD),
        Step(2, timedelta(minutes=3), Called.SECRECY_OFFICER),
        Step(3, timedelta(minutes=5), Called.CONTACTS),
    ),
    2: (
        Step(1, timedelta(minutes=3), Called.SHIFT_LEAD),
        Step(2, timedelta(minutes=10), Called.ZONE_OWNER),
    ),
}
_SITE_LADDER: Final = (
    _LADDERS[2][0],
    Step(2, timedelta(minutes=10), Called.SECRECY_OFFICER),
)
# After this, whatever was not acknowledged has called everybody it calls.
LONGEST: Final = max(step.after for ladder in _LADDERS.values() for step in ladder)
_REMINDERS: Final = {1: timedelta(minutes=10), 2: timedelta(minutes=30)}


def steps(priority: int, *, owned: bool) -> tuple[Step, ...]:
    """In their order; empty where nobody is called."""
    if priority == 2 and not owned:
        return _SITE_LADDER
    return _LADDERS.get(priority, ())


def due(alarm: Calling, now: datetime) -> tuple[Step, ...]:
    """Steps whose time has come and that nobody has taken."""
    return tuple(step for step in _left(alarm) if alarm.heard_at + step.after <= now)


def coming(alarm: Calling, now: datetime) -> tuple[Step, datetime] | None:
    """The next step and when it is due; None: none will come by itself."""
    later = (
        (step, alarm.heard_at + step.after)
        for step in _left(alarm)
        if alarm.heard_at + step.after > now
    )
    return next(later, None)


def reminders(
    priority: int,
    *,
    acknowledged_at: datetime | None,
    still_wrong: bool,
    now: datetime,
) -> int:
    """How many times it was told again since somebody acknowledged it."""
    every = _REMINDERS.get(priority)
    if every is None or acknowledged_at is None or not still_wrong:
        return 0
    return max(0, (now - acknowledged_at) // every)


def callable_by_hand(
    *, owned: bool, called: frozenset[Called], resolved: bool
) -> tuple[Called, ...]:
    """Whom somebody may still call, the nearest first."""
    if resolved:
        return ()
    everybody = [c for c in Called if owned or c is not Called.ZONE_OWNER]
    return tuple(c for c in everybody if c not in called)


def _left(alarm: Calling) -> tuple[Step, ...]:
    if alarm.acknowledged_at is not None:
        return ()
    ladder = steps(alarm.priority, owned=alarm.owned)
    return tuple(step for step in ladder if step.to not in alarm.called)
