"""Call somebody further because of an alarm that nobody takes up.

Looks whenever an alarm is raised or acted upon, and at the next step's instant. A step
is an entry of the log, written in the transaction that finds it due, so that it is told
once, also across a restart; what fell due while the office was down is told when it is
up again. Which steps: `domain.alarm_escalation`.
"""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from controller.services.office import Act, Office
from controller.store import alarms as store
from controller.store.alarms import StoredAlarm
from controller.store.envelopes import Stored
from domain.alarm_acts import AlarmAct, AlarmEscalated
from domain.alarm_escalation import LONGEST, Calling, coming, due
from domain.alarm_events import AlarmRaised
from domain.ids import CONTROLLER

# For a look that comes late.
_MARGIN: Final = timedelta(minutes=10)


def _calling(alarm: StoredAlarm) -> Calling:
    return Calling(
        priority=alarm.priority,
        owned=alarm.door != CONTROLLER,
        heard_at=alarm.heard_at,
        acknowledged_at=alarm.acknowledged_at,
        called=frozenset(call.to for call in alarm.calls),
    )


class AlarmCalls:
    """Runs beside the others; `heard` takes every committed entry."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._wake = asyncio.Event()

    def heard(self, entry: Stored) -> None:
        if isinstance(entry.event, AlarmRaised | AlarmAct):
            self._wake.set()

    async def run(self) -> None:
        """Until cancelled. The first look is at all of them; then those that still
        call somebody are younger than the last step."""
        everything = True
        while True:
            self._wake.clear()
            next_ = await self._office.act(partial(_call, everything=everything))
            everything = False
            await self._wait(next_)

    async def _wait(self, next_: datetime | None) -> None:
        now = self._office.clock.now()
        timeout = None if next_ is None else max(0.0, (next_ - now).total_seconds())
        try:
            async with asyncio.timeout(timeout):
                await self._wake.wait()
        except TimeoutError:
            return


def _call(act: Act, *, everything: bool) -> datetime | None:
    """Do what is due; when to look again."""
    dues: list[datetime] = []
    heard_from = None if everything else act.at - LONGEST - _MARGIN
    for alarm in store.unacknowledged(act.connection, heard_from=heard_from):
        state = _calling(alarm)
        for step in due(state, act.at):
            act.say(
                AlarmEscalated(
                    door=CONTROLLER,
                    at=act.at,
                    target=alarm.door,
                    code=alarm.code,
                    device=alarm.device,
                    since=alarm.since,
                    to=step.to,
                    step=step.number,
                    by=None,
                    note="",
                )
            )
        if (later := coming(state, act.at)) is not None:
            dues.append(later[1])
    return min(dues, default=None)
