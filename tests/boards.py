"""Boards to look at: values for the tests of the page and for its pictures.

`BUSY` shows every kind of thing at once, with drawn people of the example site;
`CALM` shows nothing that is not as it should be.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from config.load import load_site
from config.schema import Door, Site
from controller.services.board import (
    Board,
    Climate,
    Counters,
    DoorLook,
    DoorTile,
    EventRow,
    Inside,
    LevelRow,
    Named,
    OpenAlarm,
    ZonePanel,
)
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.agent_events import RosterApplied
from domain.credentials import Factor
from domain.door_events import DoorForced, DoorHeldOpen, LockdownStarted, LockReleased
from domain.events import Event
from domain.ids import CONTROLLER, DeviceId, DoorId, PersonId, ZoneId
from domain.policy import Awaited, Clause, Finding, Outcome, Reason, Side, Verdict
from domain.zones import LEVEL_DEMANDS, ZoneLevel

SITE: Final[Site] = load_site(Path(__file__).parents[1] / "config/sites/example.toml")
NOW: Final = datetime(2026, 11, 23, 6, 32, 8, tzinfo=UTC)  # 14:32:08 on the site


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def person(number: int) -> Named:
    spec = SITE.people[PersonId(f"E{number}")]
    return Named(id=spec.id, name=spec.name, name_en=spec.name_en)


def tile(door: Door) -> DoorTile:
    """A door that is shut, online and that nobody has used yet."""
    zone = SITE.zones[door.zone]
    return DoorTile(
        door=door.id,
        name=door.name,
        name_en=door.name_en,
        factors=(*LEVEL_DEMANDS[zone.level].factors, *door.factors),
        two_person=zone.two_person,
        look=DoorLook.SECURED,
        phase=DoorLook.SECURED,
        since=ago(3600),
        online=True,
        lockdown=False,
        simulated=False,
        last_people=(),
        last_at=None,
    )


def board(*, tiles: dict[str, DoorTile] | None = None) -> Board:
    """Every zone of the example site, calm, except for `tiles`."""
    changed = tiles or {}
    rows = []
    for level in ZoneLevel:
        zones = tuple(
            ZonePanel(
                zone=zone.id,
                name=zone.name,
                name_en=zone.name_en,
                level=level,
                doors=tuple(
                    changed.get(door.id, tile(door))
                    for door in SITE.doors.values()
                    if door.zone == zone.id
                ),
                inside=(),
                doubtful=False,
                climate=None,
            )
            for zone in SITE.zones.values()
            if zone.level is level
        )
        rows.append(LevelRow(level=level, zones=zones))
    count = len(SITE.doors)
    return Board(
        at=NOW,
        levels=tuple(rows),
        alarms=(),
        counters=Counters(
            inside=0,
            granted_today=0,
            refused_today=0,
            doors=count,
            doors_online=count,
            alarms=0,
            gaps=0,
            quarantined=0,
        ),
        events=(),
    )


CALM: Final = board()


def plain_tile(door: str) -> DoorTile:
    return tile(SITE.doors[DoorId(door)])


def with_zone(shown: Board, zone: str, **changes: object) -> Board:
    levels = tuple(
        replace(
            row,
            zones=tuple(
                replace(z, **changes) if z.zone == zone else z  # type: ignore[arg-type]  # replace checks the names
                for z in row.zones
            ),
        )
        for row in shown.levels
    )
    return replace(shown, levels=levels)


def row(position: int, event: Event, *, late: bool = False) -> EventRow:
    """The line of `event`, as the controller would tell it."""
    door = getattr(event, "target", None) or event.door
    people = getattr(event, "people", None)
    if not isinstance(people, tuple):  # a roster counts its people
        one = getattr(event, "person", None)
        people = () if one is None else (one,)
    findings: tuple[Finding, ...] = getattr(event, "findings", ())
    outcome = {
        AccessGranted: Outcome.GRANTED,
        AccessDenied: Outcome.DENIED,
        AccessWaiting: Outcome.WAITING,
    }.get(type(event))
    return EventRow(
        position=position,
        sender=event.door,
        seq=position,
        door=None if door == CONTROLLER else door,
        at=event.at,
        received_at=event.at + timedelta(hours=1 if late else 0),
        type=type(event).__name__,
        event=event,
        people=tuple(
            person(int(p[1:])) if p in SITE.people else Named(id=p, name="", name_en="")
            for p in people
        ),
        side=getattr(event, "side", None),
        outcome=outcome,
        findings=findings,
        late=late,
    )


def finding(reason: str, verdict: Verdict, *clauses: str) -> Finding:
    return Finding(Reason(reason), verdict, tuple(map(Clause, clauses)))


_CORE = finding("grant.core", Verdict.PERMIT, "G4.2.1", "G5.3.1-1")
_GENERAL = finding("post.general", Verdict.PERMIT, "G5.3.2-1")
_NOTES = (
    finding("agreement.current", Verdict.NOTE, "G5.1.1-3"),
    finding("factors.complete", Verdict.NOTE, "G5.3.2-1"),
)


def granted(
    door: str, at: datetime, *people: str, side: Side = Side.ENTRY, pair: bool = False
) -> AccessGranted:
    core = SITE.zone_of(DoorId(door)).level is ZoneLevel.CORE
    extra = (finding("two_person.complete", Verdict.NOTE, "G6.1.2-3"),) if pair else ()
    findings = (_CORE if core else _GENERAL, *_NOTES, *extra)
    if side is Side.EXIT:
        findings = (finding("exit.free", Verdict.PERMIT),)
    return AccessGranted(
        door=DoorId(door),
        at=at,
        zone=ZoneId(door),
        side=side,
        people=tuple(map(PersonId, people)),
        factors=(Factor.FINGERPRINT, Factor.FACE),
        findings=findings,
        credential=None,
        camera=None,
        roster=7,
        purposes=(),
        declarations=(),
    )


def denied(
    door: str, at: datetime, who: str | None, *findings: Finding
) -> AccessDenied:
    return AccessDenied(
        door=DoorId(door),
        at=at,
        zone=ZoneId(door),
        side=Side.ENTRY,
        people=() if who is None else (PersonId(who),),
        factors=(Factor.BADGE,),
        findings=findings,
        credential=None if who else "5f" * 32,
        camera=None,
        roster=7,
        timed_out=False,
    )


def _waiting(door: str, at: datetime, who: str) -> AccessWaiting:
    return AccessWaiting(
        door=DoorId(door),
        at=at,
        zone=ZoneId(door),
        side=Side.ENTRY,
        people=(PersonId(who),),
        factors=(Factor.FINGERPRINT, Factor.FACE),
        findings=(finding("two_person.waiting", Verdict.WAIT, "G6.1.2-3"),),
        credential=None,
        camera=None,
        roster=7,
        waiting_for=(Awaited.SECOND_PERSON,),
        until=at + timedelta(seconds=20),
    )


def alarm(
    door: str,
    code: str,
    priority: int,
    since: datetime,
    *,
    times: int = 1,
    cleared_at: datetime | None = None,
    device: str | None = None,
    id_: int = 1,
    acknowledged_at: datetime | None = None,
) -> OpenAlarm:
    return OpenAlarm(
        id=id_,
        door=DoorId(door),
        code=Reason(code),
        priority=priority,
        since=since,
        last_at=since,
        times=times,
        person=None,
        device=None if device is None else DeviceId(device),
        detail="",
        cleared_at=cleared_at,
        acknowledged_at=acknowledged_at,
        acknowledged_by="guard" if acknowledged_at else "",
    )


def _busy_tiles() -> dict[str, DoorTile]:
    def last(door: str, seconds: float, *people: int, **changes: object) -> DoorTile:
        return replace(
            plain_tile(door),
            last_people=tuple(map(person, people)),
            last_at=ago(seconds),
            **changes,  # type: ignore[arg-type]  # replace checks the names
        )

    return {
        "heat_treatment": last(
            "heat_treatment", 170, 1003, look=DoorLook.FORCED, since=ago(22)
        ),
        "rd_lab": last("rd_lab", 3, 1001, 1002, look=DoorLook.RELEASED, since=ago(3)),
        "server_room": last("server_room", 12400, 1007),
        "precision_grinding": last(
            "precision_grinding", 145, 1013, look=DoorLook.HELD, since=ago(130)
        ),
        "core_assembly": last(
            "core_assembly", 48, 1016, look=DoorLook.OPEN, since=ago(6)
        ),
        "archive": last(
            "archive", 1800, 1009, look=DoorLook.LOCKDOWN, lockdown=True, since=ago(900)
        ),
        "purchasing": last("purchasing", 84, 1017),
        "reception": last("reception", 600, 1018),
        "meeting_room": replace(
            plain_tile("meeting_room"),
            look=DoorLook.OFFLINE,
            online=False,
            since=ago(200),
        ),
        "dormitory": replace(
            plain_tile("dormitory"), look=DoorLook.UNKNOWN, online=False, since=None
        ),
    }


def _busy_events() -> tuple[EventRow, ...]:
    told: list[Event] = [
        RosterApplied(
            door=DoorId("archive"),
            at=ago(900),
            number=7,
            people=31,
            valid_until=ago(-259200),
        ),
        LockdownStarted(door=DoorId("archive"), at=ago(900), reason="盘点"),
        granted("reception", ago(600), "E1018"),
        granted("heat_treatment", ago(300), "E1004", side=Side.EXIT),
        granted("heat_treatment", ago(170), "E1003"),
        DoorHeldOpen(
            door=DoorId("precision_grinding"),
            at=ago(130),
            open_for=timedelta(seconds=30),
        ),
        denied(
            "archive",
            ago(95),
            None,
            finding("credential.unknown", Verdict.FORBID, "G2.4"),
            finding("door.lockdown", Verdict.FORBID, "G7.3.2"),
        ),
        granted("purchasing", ago(84), "E1017"),
        granted("core_assembly", ago(48), "E1016"),
        DoorForced(door=DoorId("heat_treatment"), at=ago(22)),
        denied(
            "server_room",
            ago(14),
            "E1014",
            finding("grant.missing", Verdict.FORBID, "G2.4"),
            finding("training.lapsed", Verdict.FORBID, "G5.1.1-4", "G5.1.2-1"),
            finding("agreement.current", Verdict.NOTE, "G5.1.1-3"),
        ),
        _waiting("rd_lab", ago(9), "E1001"),
        granted("rd_lab", ago(3), "E1001", "E1002", pair=True),
        LockReleased(door=DoorId("rd_lab"), at=ago(3), cause="access"),
    ]
    rows = [row(4700 + n, event) for n, event in enumerate(told)]
    rows.insert(8, row(4720, granted("canteen", ago(120), "E1026"), late=True))
    return tuple(reversed(rows))


def busy() -> Board:
    shown = board(tiles=_busy_tiles())
    for zone, people in (
        ("heat_treatment", (1003, 1021)),
        ("rd_lab", (1014,)),
        ("precision_grinding", (1013, 1015)),
        ("core_assembly", (1016, 1019)),
        ("purchasing", (1017, 1025)),
        ("canteen", (1026,)),
    ):
        inside = tuple(
            Inside(
                person=person(p), since=ago(9000 - p), certain=zone != "heat_treatment"
            )
            for p in people
        )
        shown = with_zone(shown, zone, inside=inside, doubtful=zone == "heat_treatment")
    climate = Climate(at=ago(60), temperature_c=22.4, humidity_percent=41)
    shown = with_zone(shown, "server_room", climate=climate)
    return replace(
        shown,
        alarms=(
            alarm("heat_treatment", "door.forced", 1, ago(22)),
            alarm("precision_grinding", "door.held", 2, ago(130)),
            alarm("meeting_room", "door.offline", 2, ago(140)),
            alarm(
                "archive",
                "storage.low",
                3,
                ago(4000),
                times=3,
                cleared_at=ago(1000),
                acknowledged_at=ago(3000),
            ),
        ),
        counters=replace(
            shown.counters,
            inside=10,
            granted_today=664,
            refused_today=11,
            doors_online=9,
            alarms=3,
            gaps=1,
        ),
        events=_busy_events(),
    )


BUSY: Final = busy()
