"""What a door makes of its own start: how the last run ended, and what is open now.

An open door is taken as opened in the ordinary way: nobody saw how, so it is no
forced one, but it is held open if it stays. After an unclean end, any sign that
somebody may have gone through meanwhile makes the occupancy unknown (G5.3.2-3).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from domain.access_events import OccupancyBecameUnknown
from domain.agent_events import AgentStarted
from domain.alarm_events import AlarmCode
from domain.door import DoorState, Effect, Phase
from domain.doorway import Doorway, Setting, Turn, alarm
from domain.events import Event
from domain.movement import cleared


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a start found.

    `moving`: exit button or handle in use just now. `damaged`: the name under which a
    damaged journal was kept.
    """

    version: str
    simulated: bool
    unclean: bool
    last_phase: Phase
    open: bool
    moving: bool
    damaged: str | None


def awake(doorway: Doorway, found: Found, *, setting: Setting, at: datetime) -> Turn:
    """The first turn of a run."""
    events: list[Event] = [
        AgentStarted(
            door=setting.door,
            at=at,
            version=found.version,
            simulated=found.simulated,
            unclean=found.unclean,
        )
    ]
    events += damaged_journal(found.damaged, setting, at)
    if setting.zone.anti_passback and moved_unseen(found):
        events.append(
            OccupancyBecameUnknown(
                door=setting.door, at=at, zone=setting.zone.id, cause="power"
            )
        )
    # The roster's end is looked at first thing.
    ready = replace(doorway, roster_next=at if doorway.roster_until else None)
    if not found.open:
        return Turn(ready, tuple(events))
    opened = replace(ready, door=DoorState(Phase.OPEN), opened_at=at)
    return Turn(opened, tuple(events), (Effect.START_OPEN_TIMER,))


def moved_unseen(found: Found) -> bool:
    """Whether somebody may have gone through while the agent was dead."""
    secured = found.last_phase in (Phase.SECURED, Phase.LEAVING)
    return found.unclean and (found.open or found.moving or not secured)


def damaged_journal(
    kept_as: str | None, setting: Setting, at: datetime
) -> tuple[Event, ...]:
    """The alarm that a damaged journal was moved aside, if one was.

    Its condition is over where this can be recorded: the new file works. The alarm
    itself stays until a person closes it.
    """
    if kept_as is None:
        return ()
    detail = f"the journal's file was damaged and is kept as {kept_as}"
    code = AlarmCode.JOURNAL_UNAVAILABLE
    return (alarm(setting, at, code, detail=detail), cleared(setting, at, code))
