"""What a pair of eyes may see of the board.

While the console is locked: states, places and priorities, no person and no event. A
role without business with persons sees the same, and events that are about nobody. A
zone owner sees their own zones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from controller.services.board import Board, EventRow, LevelRow, Named, ZonePanel
from controller.services.sessions import Session
from controller.web.roles import sees_names
from controller.web.words import Language
from domain.ids import DoorId, PersonId, ZoneId
from domain.operators import OperatorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class Onlooker:
    """`zones` None: all of them."""

    language: Language
    locked: bool = False
    names: bool = True
    zones: frozenset[ZoneId] | None = None


def onlooker(session: Session, language: Language) -> Onlooker:
    operator = session.operator
    only = operator.roles <= {OperatorRole.ZONE_OWNER, OperatorRole.APPROVER}
    owner = OperatorRole.ZONE_OWNER in operator.roles
    return Onlooker(
        language=language,
        locked=session.locked,
        names=sees_names(operator),
        zones=operator.zones if owner and only else None,
    )


def seen(board: Board, eyes: Onlooker) -> Board:
    if eyes.zones is not None:
        board = _of_zones(board, eyes.zones)
    if eyes.locked or not eyes.names:
        board = _nameless(board)
    return replace(board, events=()) if eyes.locked else board


def _nameless(board: Board) -> Board:
    return replace(
        board,
        levels=tuple(_level(row, map(_empty, row.zones)) for row in board.levels),
        alarms=tuple(replace(alarm, person=None) for alarm in board.alarms),
        events=tuple(row for row in board.events if _is_of_nobody(row)),
    )


_SOMEBODY: Final = Named(id=PersonId("—"), name="—", name_en="—")


_OF_SOMEBODY: Final = ("operator_", "access_", "service_", "people_")


def _is_of_nobody(row: EventRow) -> bool:
    return not row.people and not row.type.startswith(_OF_SOMEBODY)


def _empty(zone: ZonePanel) -> ZonePanel:
    """As many are inside, but nobody says who."""
    return replace(
        zone,
        doors=tuple(
            replace(tile, last_people=(), service_worker="") for tile in zone.doors
        ),
        inside=tuple(replace(each, person=_SOMEBODY) for each in zone.inside),
    )


def _of_zones(board: Board, zones: frozenset[ZoneId]) -> Board:
    levels = tuple(
        _level(row, (zone for zone in row.zones if zone.zone in zones))
        for row in board.levels
    )
    levels = tuple(row for row in levels if row.zones)
    own = replace(board, levels=levels)
    doors: frozenset[DoorId] = frozenset(own.tiles)
    alarms = tuple(alarm for alarm in board.alarms if alarm.door in doors)
    tiles = own.tiles.values()
    return replace(
        own,
        alarms=alarms,
        events=tuple(row for row in board.events if row.door in doors),
        counters=replace(
            board.counters,
            inside=sum(len(z.inside) for row in levels for z in row.zones),
            doors=len(doors),
            doors_online=sum(tile.online for tile in tiles),
            alarms=sum(alarm.calls for alarm in alarms),
        ),
    )


def _level(row: LevelRow, zones: Iterable[ZonePanel]) -> LevelRow:
    return replace(row, zones=tuple(zones))
