"""What the board says, in one language: every mark, word and time, ready to lay out.

Nothing here ages: it says *since when*, never *for how long*.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from config.schema import Site
from controller.services.board import (
    Board,
    DoorLook,
    DoorTile,
    LevelRow,
    OpenAlarm,
    ZonePanel,
)
from controller.web.pages.events import EventView, event_view
from controller.web.pages.frame import Times
from controller.web.pages.lines.said import Names
from controller.web.words import Language, Words, words
from domain.alarm_acts import Called
from domain.alarm_escalation import coming, reminders
from domain.alarm_flood import entries
from domain.alarm_life import lasts, still_wrong
from domain.ids import ZoneId
from domain.zones import ZoneLevel

# As many as anybody can tell apart by ear; the most urgent are first.
SOUNDING: Final = 40
# The panel's; /alarms has the rest.
LINES: Final = 30
# How an alarm of a round of review names what it concerns (services.review_rounds).
_REVIEW: Final = "review:"
_CALM: Final = frozenset({DoorLook.SECURED, DoorLook.OPEN, DoorLook.RELEASED})
_ICONS: Final[dict[DoorLook, str]] = {
    DoorLook.UNKNOWN: "unknown",
    DoorLook.SECURED: "door",
    DoorLook.SERVICE: "tool",
}
_FACTOR_ICONS: Final = {"fingerprint": "finger"}
_BARS: Final = {
    ZoneLevel.CORE: 3,
    ZoneLevel.IMPORTANT: 2,
    ZoneLevel.GENERAL: 1,
    ZoneLevel.NON_SECRET: 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TileView:
    door: str
    look: str
    icon: str
    name: str
    factors: tuple[tuple[str, str], ...]  # icon, word
    state: str
    note: str
    calm: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    zone: str
    name: str
    climate: str
    inside: tuple[tuple[str, str, bool], ...]  # name, since, certain
    doubtful: bool
    calm: str
    tiles: tuple[TileView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelView:
    level: str
    name: str
    asks: str
    bars: int
    zones: tuple[ZoneView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    id: int
    priority: int
    title: str
    deed: str  # what to do
    place: str
    since: str
    times: int
    cleared: str  # when; empty: its condition still holds
    acknowledged: str  # when; empty: nobody has said that they saw it
    acknowledged_by: str
    resolved: str  # when; though it may still be wrong
    calls: bool  # somebody must look now
    lasting: bool  # it has a condition that can end
    called: str  # who was called further, and when
    next_call: "NextCall | None"
    reminder: int  # how many times it was told again since it was acknowledged
    hears: str  # roles whose consoles sound, joined by "+"; or "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCall:
    """Who is called when, if nobody acknowledges."""

    at: str  # ISO, for the script to count down to
    time: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    """One line of the panel: an alarm, or those that came in a flood or a chatter."""

    alarm: AlarmView
    place: str
    times: int
    calls: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """One board in one language. `position`: of the latest event it shows."""

    position: int
    at: str
    time: str
    day: str
    simulated: int
    levels: tuple[LevelView, ...]
    alarms: tuple[AlarmView, ...]
    lines: tuple[AlarmLine, ...]  # the same, grouped
    more_lines: int  # that the panel has no room for
    figures: tuple[tuple[str, str, str], ...]  # label, number, unit
    events: tuple[EventView, ...]  # latest first
    doors: int
    posture: tuple[int, str] = (0, "")  # doors locked down, in words

    @property
    def sounds(self) -> str:
        """For the script: what to sound, how urgent, how often, at whose consoles."""
        told = []
        for a in self.alarms[:SOUNDING]:
            if not a.acknowledged:
                told.append(f"{a.id}:{a.priority}:until:{a.hears}")
            elif a.reminder:
                told.append(f"{a.id}.{a.reminder}:{a.priority}:once:{a.hears}")
        return " ".join(told)

    @property
    def open_alarms(self) -> tuple[AlarmView, ...]:
        """Those that call: unacknowledged, or still wrong."""
        return tuple(a for a in self.alarms if a.calls)


def board_view(board: Board, site: Site, language: Language) -> BoardView:
    say = words(language)
    times = Times(say, site.tz, board.at)
    tiles = board.tiles
    zones = {z.zone: say.of(z) for row in board.levels for z in row.zones}
    places = {
        door: (zone.zone, row.level)
        for row in board.levels
        for zone in row.zones
        for door in (tile.door for tile in zone.doors)
    }
    names = Names(say, tiles, zones, places)
    alarms = tuple(alarm_view(a, names, times) for a in board.alarms)
    lines = _lines(board, alarms, say)
    return BoardView(
        position=max([board.position, *(e.position for e in board.events)]),
        at=board.at.isoformat(),
        time=times.clock(board.at),
        day=say("page.day", date=times.day(board.at), weekday=times.weekday(board.at)),
        simulated=sum(t.simulated for t in tiles.values()),
        levels=tuple(_level(row, say, times) for row in board.levels),
        alarms=alarms,
        lines=lines[:LINES],
        more_lines=len(lines[LINES:]),
        figures=_figures(board, say),
        # By their own time: what came late stands where it happened.
        events=tuple(
            event_view(row, names, times)
            for row in sorted(
                board.events, key=lambda r: (r.at, r.position), reverse=True
            )
        ),
        doors=len(tiles),
        posture=posture(tiles.values(), say),
    )


def _lines(
    board: Board, alarms: Sequence[AlarmView], say: Words
) -> tuple[AlarmLine, ...]:
    view = {alarm.id: alarm for alarm in alarms}
    return tuple(
        AlarmLine(
            alarm=(first := view[entry.first.id]),
            place=say("board.alarms.doors", n=entry.doors)
            if entry.doors > 1
            else first.place,
            times=sum(a.times for a in entry.all) if entry.doors == 1 else 1,
            calls=any(a.calls for a in entry.all),
        )
        for entry in entries(board.alarms)
    )


def posture(tiles: Iterable[DoorTile], say: Words) -> tuple[int, str]:
    """How many of these doors are locked down, and what that is called."""
    locked = [tile.lockdown for tile in tiles]
    n = sum(locked)
    if not n:
        return 0, say("posture.normal")
    if n == len(locked):
        return n, say("posture.lockdown")
    return n, say("posture.some", n=n, all=len(locked))


def _level(row: LevelRow, say: Words, times: Times) -> LevelView:
    return LevelView(
        level=row.level,
        name=say(f"board.level.{row.level}"),
        asks=say(f"board.asks.{row.level}"),
        bars=_BARS[row.level],
        zones=tuple(_zone(zone, say, times) for zone in row.zones),
    )


def _zone(zone: ZonePanel, say: Words, times: Times) -> ZoneView:
    climate = ""
    if zone.climate is not None:
        t = f"{zone.climate.temperature_c:.1f}"
        h = f"{zone.climate.humidity_percent:.0f}"
        climate = say("board.inside.climate", t=t, h=h)
    tiles = tuple(_tile(tile, say, times) for tile in zone.doors)
    calm = sum(tile.calm for tile in tiles)
    return ZoneView(
        zone=zone.zone,
        name=say.of(zone),
        climate=climate,
        inside=tuple(
            (say.of(i.person) or i.person.id, times.short(i.since), i.certain)
            for i in zone.inside
        ),
        doubtful=zone.doubtful,
        calm=say("board.calm", n=calm) if calm else "",
        tiles=tiles,
    )


def _tile(tile: DoorTile, say: Words, times: Times) -> TileView:
    factors = [
        (_FACTOR_ICONS.get(f, f.value), say(f"board.factor.{f}")) for f in tile.factors
    ]
    if tile.two_person:
        factors.append(("two", say("board.factor.two_person")))
    if tile.lockdown and tile.look is not DoorLook.LOCKDOWN:
        factors.append(("lockdown", say("board.factor.lockdown")))
    if tile.service_until and tile.look is not DoorLook.SERVICE:
        factors.append(("tool", say("board.look.service")))
    if tile.simulated:
        factors.append(("chip", say("board.factor.simulated")))
    return TileView(
        door=tile.door,
        look=tile.look,
        icon=_ICONS.get(tile.look, tile.look.value),
        name=say.of(tile),
        factors=tuple(factors),
        state=say(f"board.look.{tile.look}"),
        note=_note(tile, say, times),
        calm=tile.look in _CALM,
    )


def _note(tile: DoorTile, say: Words, times: Times) -> str:
    """The right side of a tile: who last, or since when."""
    people = say("board.decision.and").join(say.of(p) or p.id for p in tile.last_people)
    since = say("board.since", at=times.clock(tile.since)) if tile.since else ""
    match tile.look:
        case DoorLook.UNKNOWN:
            return say("board.tile.never")
        case DoorLook.OFFLINE:
            phase = say(f"board.look.{tile.phase}").lower()
            was = say("board.tile.was", phase=phase)
            return say("page.between").join([was, since] if since else [was])
        case DoorLook.SERVICE if tile.service_until is not None:
            until = say("board.tile.until", at=times.short(tile.service_until))
            return say("page.between").join(filter(None, [tile.service_worker, until]))
        case DoorLook.SECURED if people and tile.last_at:
            return f"{people} {times.short(tile.last_at)}"
        case DoorLook.SECURED if tile.last_at:
            return times.short(tile.last_at)
        case DoorLook.SECURED:
            return say("board.tile.unused")
        case DoorLook.OPEN | DoorLook.RELEASED if people:
            return people
        case _:
            return since


def tile_names(site: Site, language: Language) -> Names:
    """What doors and zones are called, away from the board."""
    say = words(language)
    zones = {zone.id: say.of(zone) for zone in site.zones.values()}
    return Names(say, site.doors, zones)


def _review(device: str, names: Names) -> str:
    """A round of review stands in an alarm as `review:<round>[:<zone>]`."""
    round_, _, zone = device.removeprefix(_REVIEW).partition(":")
    said = names.say("board.alarms.review", round=round_)
    return (
        f"{said}{names.say('page.between')}{names.zone(ZoneId(zone))}" if zone else said
    )


def alarm_view(alarm: OpenAlarm, names: Names, times: Times) -> AlarmView:
    say, between = names.say, names.say("page.between")
    place = [names.door(alarm.door)]
    if alarm.device and alarm.device.startswith(_REVIEW):
        place = [_review(alarm.device, names)]
    elif alarm.device:
        place.append(alarm.device)
    if alarm.person:
        place.append(names.people((alarm.person,)))
    title, deed = say.alarm(alarm.code)
    next_ = coming(alarm.calling, times.now)
    return AlarmView(
        id=alarm.id,
        priority=alarm.priority,
        title=title,
        deed=deed,
        place=between.join(place),
        since=times.clock(alarm.since),
        times=alarm.times,
        cleared=times.clock(alarm.cleared_at) if alarm.cleared_at else "",
        acknowledged=(
            times.clock(alarm.acknowledged_at) if alarm.acknowledged_at else ""
        ),
        acknowledged_by=alarm.acknowledged_by,
        resolved=times.clock(alarm.resolved_at) if alarm.resolved_at else "",
        calls=alarm.calls,
        lasting=lasts(alarm.code),
        called=say("board.decision.list").join(
            f"{say.code('alarm.to', call.to)} {times.clock(call.at)}"
            for call in alarm.called
        ),
        next_call=None
        if next_ is None
        else NextCall(
            at=next_[1].isoformat(),
            time=times.clock(next_[1]),
            to=say.code("alarm.to", next_[0].to),
        ),
        reminder=reminders(
            alarm.priority,
            acknowledged_at=alarm.acknowledged_at,
            still_wrong=still_wrong(alarm.code, alarm.cleared_at),
            now=times.now,
        ),
        hears=_hears(alarm),
    )


def _hears(alarm: OpenAlarm) -> str:
    """Whose consoles sound: those who watch, then whoever was called."""
    called = {str(call.to) for call in alarm.called}
    if alarm.priority == 1 and Called.SHIFT_LEAD in called:
        return "all"
    return "+".join(sorted(called | {"guard", "shift_lead"}))


def _figures(board: Board, say: Words) -> tuple[tuple[str, str, str], ...]:
    c = board.counters
    figures = [
        ("inside", c.inside, say("board.unit.people")),
        ("doors", c.doors_online, say("board.unit.online", n=c.doors)),
        ("granted", c.granted_today, ""),
        ("refused", c.refused_today, ""),
        # Of these there should be none: shown when there are.
        *([("gaps", c.gaps, "")] if c.gaps else []),
        *([("quarantined", c.quarantined, "")] if c.quarantined else []),
    ]
    return tuple(
        (say(f"board.figures.{name}"), str(number), unit)
        for name, number, unit in figures
    )
