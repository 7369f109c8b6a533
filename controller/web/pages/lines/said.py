"""What a line of the stream is made of: what is said, what things are called."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from controller.services.board import EventRow, Named
from controller.web.words import Named as Called
from controller.web.words import Words
from domain.ids import DoorId, ZoneId


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says, before place and time are added."""

    text: str
    icon: str = "info"
    tone: str = "plain"
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Names:
    """What identifiers are called on this site, in one language."""

    say: Words
    doors: Mapping[DoorId, Called]
    zones: Mapping[ZoneId, str]
    # The zone and the level behind each door.
    places: Mapping[DoorId, tuple[str, str]] = field(default_factory=dict)

    def door(self, door: DoorId | None) -> str:
        tile = None if door is None else self.doors.get(door)
        return (door or "") if tile is None else self.say.of(tile)

    def zone(self, zone: ZoneId) -> str:
        return self.zones.get(zone, zone)

    def people(self, people: Iterable[Named]) -> str:
        named = [self.say.of(p) or p.id for p in people]
        return self.say("board.decision.and").join(named)

    def who(self, row: EventRow) -> str:
        return self.people(row.people) or self.say("board.events.unknown_person")
