"""Every picture that the display at a door can show, as scenes; and what it is told.

The door leads to the heat-treatment workshop; it is ten seconds past nine. `STATES` has
one scene for each state; tests look at them as values, in a browser and as pictures.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, cast

from config.schema import DisplaySpec, Door
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.backoff import Backoff
from domain.credentials import Factor
from domain.door import DoorState, Phase
from domain.door_events import ExitButtonPressed, LockReleased
from domain.doorway import Doorway
from domain.events import Event
from domain.ids import DoorId, PersonId, SiteId
from domain.policy import Awaited, Clause, Finding, Reason, Side, Verdict
from domain.roster import Roster, RosterEntry
from domain.zones import Responsible, Zone, ZoneLevel
from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.scene import Place, Scene
from edge_agent.display.server import DisplayServer
from edge_agent.roster_index import RosterIndex
from tests.builders import LI, NINE, SHANGHAI, WANG, ZHAO, person, zone
from tests.unit.edge_agent.entrance import make_door

NOW: Final = NINE + timedelta(seconds=10)
VISITOR: Final = PersonId("V1001")
NAMES: Final = {LI: "李志远", WANG: "王强", ZHAO: "欧阳建国", VISITOR: "陈立"}

WORKSHOP: Final = zone(
    ZoneLevel.CORE,
    name="热处理车间",
    name_en="Heat treatment workshop",
    responsible=Responsible(name="李志远", name_en="Li Zhiyuan", phone="6203"),
)
LAB: Final = replace(
    WORKSHOP, name="研发实验室", name_en="R&D laboratory", two_person=True
)
GRINDING: Final = zone(
    ZoneLevel.IMPORTANT,
    name="精密磨削车间",
    name_en="Precision grinding workshop",
    responsible=Responsible(name="赵磊", name_en="Zhao Lei", phone="6205"),
)
CANTEEN: Final = zone(ZoneLevel.NON_SECRET, name="食堂", name_en="Canteen")


def door_to(leads_to: Zone, **changes: object) -> Door:
    named = make_door(leads_to, name=leads_to.name, name_en=leads_to.name_en)
    door = replace(named, display=DisplaySpec(port=8090))
    return replace(door, **changes)  # type: ignore[arg-type]  # any field


def place_of(leads_to: Zone, **changes: object) -> Place:
    return Place(door=door_to(leads_to, **changes), zone=leads_to, tz=SHANGHAI)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


JUST_NOW: Final = ago(1)


def doorway(phase: Phase = Phase.SECURED, **changes: object) -> Doorway:
    return replace(Doorway(door=DoorState(phase)), **changes)  # type: ignore[arg-type]  # any field


def scene(
    *recent: Event,
    phase: Phase = Phase.SECURED,
    leads_to: Zone = WORKSHOP,
    **new: object,
) -> Scene:
    """Nothing but `recent` has happened, and all is well."""
    plain = Scene(
        place=place_of(leads_to),
        doorway=doorway(phase),
        recent=cast(Any, recent),
        at=NOW,
        name_of=NAMES.get,
        offline_since=None,
        clock_trusted=True,
        journal_writable=True,
        roster_expired=False,
        face_available=True,
    )
    return replace(plain, **new)  # type: ignore[arg-type]  # any field


def finding(reason: str, verdict: Verdict = Verdict.FORBID, *clauses: str) -> Finding:
    return Finding(Reason(reason), verdict, tuple(map(Clause, clauses)))


def _attempt(at: datetime, people: tuple[PersonId, ...]) -> dict[str, Any]:
    return {
        "door": DoorId("core"),
        "at": at,
        "zone": WORKSHOP.id,
        "side": Side.ENTRY,
        "people": people,
        "factors": (Factor.FINGERPRINT,),
        "findings": (),
        "credential": None,
        "camera": None,
        "roster": 1,
    }


def granted(
    *people: PersonId, at: datetime = JUST_NOW, **changes: object
) -> AccessGranted:
    fields = _attempt(at, people or (LI,))
    fields |= {"purposes": (), "declarations": ()}
    return AccessGranted(**fields | changes)


def denied(
    reason: str,
    *clauses: str,
    people: tuple[PersonId, ...] = (LI,),
    at: datetime = JUST_NOW,
    **changes: object,
) -> AccessDenied:
    fields = _attempt(at, people)
    fields |= {
        "findings": (finding(reason, Verdict.FORBID, *clauses),),
        "timed_out": False,
    }
    return AccessDenied(**fields | changes)


def waiting(
    *waiting_for: Awaited,
    people: tuple[PersonId, ...] = (LI,),
    at: datetime = JUST_NOW,
    lasts: float = 15,
    **changes: object,
) -> AccessWaiting:
    fields = _attempt(at, people)
    fields |= {"waiting_for": waiting_for, "until": at + timedelta(seconds=lasts)}
    return AccessWaiting(**fields | changes)


def released(cause: str, *, at: datetime = JUST_NOW) -> LockReleased:
    return LockReleased(door=DoorId("core"), at=at, cause=cause)


def exit_button(*, at: datetime = JUST_NOW) -> ExitButtonPressed:
    return ExitButtonPressed(door=DoorId("core"), at=at)


BLOCKED: Final = Backoff(blocks=((LI, NOW + timedelta(seconds=58)),))
REMINDED: Final = (finding("devices.reminder", Verdict.NOTE, "G5.3.3-1"),)
LOCKER: Final[dict[str, Any]] = {"declarations": ("locker:12",)}
BOTH: Final = (Awaited.FACE, Awaited.DECLARATION)
DECLARED: Final = (finding("devices.declared", Verdict.NOTE, "G5.3.3-1"),)
ALL_GIVEN: Final[dict[str, Any]] = {
    "factors": (Factor.FINGERPRINT, Factor.FACE),
    "findings": DECLARED,
}

STATES: Final[dict[str, Scene]] = {
    "idle": scene(),
    "idle-two-person": scene(leads_to=LAB),
    "idle-important": scene(leads_to=GRINDING),
    "idle-non-secret": scene(leads_to=CANTEEN),
    "idle-no-camera": scene(face_available=False),
    "offline": scene(offline_since=ago(60)),
    "fingerprint": scene(waiting(Awaited.FINGERPRINT, *BOTH, factors=(Factor.BADGE,))),
    "face": scene(waiting(*BOTH)),
    "declaration": scene(
        waiting(Awaited.DECLARATION, factors=(Factor.FINGERPRINT, Factor.FACE))
    ),
    "pin": scene(
        waiting(Awaited.PIN, factors=(Factor.BADGE, Factor.FINGERPRINT)),
        face_available=False,
    ),
    "second-person": scene(
        waiting(Awaited.SECOND_PERSON, lasts=20, **ALL_GIVEN), leads_to=LAB
    ),
    "escort": scene(
        waiting(Awaited.ESCORT, people=(VISITOR,), lasts=10, factors=(Factor.BADGE,)),
        leads_to=GRINDING,
    ),
    "granted": scene(granted(**LOCKER), released("access"), phase=Phase.RELEASED),
    "granted-pair": scene(
        granted(LI, ZHAO), released("access"), phase=Phase.RELEASED, leads_to=LAB
    ),
    "granted-reminded": scene(
        granted(findings=REMINDED),
        released("access"),
        phase=Phase.RELEASED,
        leads_to=GRINDING,
    ),
    "granted-nameless": scene(
        granted(at=ago(3)), released("access", at=ago(3)), phase=Phase.RELEASED
    ),
    "open": scene(granted(at=ago(4)), phase=Phase.OPEN),
    "unlocked": scene(released("command"), phase=Phase.RELEASED),
    "leaving": scene(exit_button(), released("exit_button"), phase=Phase.RELEASED),
    "refused": scene(denied("training.lapsed", "G5.1.2-1")),
    "refused-unknown": scene(denied("credential.unknown", "G2.4", people=())),
    "blocked": scene(
        denied("training.lapsed", "G5.1.2-1"), doorway=doorway(backoff=BLOCKED)
    ),
    "held": scene(phase=Phase.HELD),
    "forced": scene(phase=Phase.FORCED),
    "lockdown": scene(doorway=doorway(lockdown=True)),
    "fire": scene(phase=Phase.FIRE_SHUT),
    "unusable": scene(clock_trusted=False),
}


# --- a door that stands still, and the page before it -----------------------------


@dataclass
class StillClock:
    """Stands still until it is moved."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class StillDoor:
    """A door as its display sees it, in whatever state a test puts it."""

    doorway: Doorway = field(default_factory=Doorway)
    index: RosterIndex | None = None
    connected: bool = True
    clock_trusted: bool = True
    journal_writable: bool = True
    face_available: bool = True

    @classmethod
    def in_state(cls, shown: Scene) -> "StillDoor":
        """The door of `shown`, but for what has happened there."""
        return cls(
            doorway=shown.doorway,
            index=None if shown.roster_expired else roster(),
            connected=shown.offline_since is None,
            clock_trusted=shown.clock_trusted,
            journal_writable=shown.journal_writable,
            face_available=shown.face_available,
        )


def roster() -> RosterIndex:
    """The door's roster, in which everybody of `NAMES` is."""
    people = (person(id_, name=name) for id_, name in NAMES.items())
    return RosterIndex(
        Roster(
            site=SiteId("works"),
            door=DoorId("core"),
            number=1,
            issued_at=NINE,
            valid_until=NINE + timedelta(hours=72),
            entries=tuple(RosterEntry(one, ()) for one in people),
            schedules=(),
        )
    )


def display_of(shown: Scene, clock: StillClock) -> tuple[DoorDisplay, StillDoor]:
    """A display that shows `shown`, and its door."""
    door = StillDoor.in_state(shown)
    display = DoorDisplay(shown.place, door, clock)
    if shown.offline_since is not None:
        clock.at, now = shown.offline_since, clock.at
        display.view()  # it notices that the office is gone
        clock.at = now
    for event in shown.recent:
        display.hear(replace(event, door=shown.place.door.id))
    return display, door


@asynccontextmanager
async def served(display: DoorDisplay, *, port: int = 0) -> AsyncIterator[str]:
    """The address of the display's page, until the block ends."""
    started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    serving = asyncio.create_task(
        DisplayServer(display, port=port).run(started.set_result)
    )
    try:
        yield f"http://127.0.0.1:{await started}"
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
