"""The site's posture in words: where doors are locked down, and what may be changed.

Pure. Asked twice (the console's keys, F8): the page names areas; only the second page,
which says what will happen, has the button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from config.schema import Site
from controller.services.board import Board, DoorTile
from controller.services.door_acts import Scope
from controller.web.pages.board_view import posture
from controller.web.words import Words
from domain.door_rights import Right
from domain.ids import DoorId, ZoneId

START, END = "start_lockdown", "end_lockdown"
ORDERS: Final = (START, END)
# May this operator ask `order` of the doors that `scope` reaches from `door`?
May = Callable[[str, DoorId, Scope], Right]


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """`zone` "" is the whole site. `door`: one of its doors, by which it is named."""

    zone: str
    door: DoorId
    scope: Scope
    name: str
    level: str
    doors: int
    locked: int
    state: str
    orders: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the second page is about."""

    order: str
    zone: str
    title: str
    effect: str
    second: bool


def areas(board: Board, site: Site, say: Words, may: May) -> tuple[Area, ...]:
    """The site, then its zones that have doors; of the site only who may ask of it."""
    zones = [zone for row in board.levels for zone in row.zones if zone.doors]
    if not zones:
        return ()
    tiles = [tile for zone in zones for tile in zone.doors]
    whole = _area("", tiles, Scope.SITE, say("posture.site"), "", say, may)
    found = [whole] if len(tiles) == len(site.doors) and whole.orders else []
    found += [
        _area(
            zone.zone,
            list(zone.doors),
            Scope.ZONE,
            say.of(zone),
            say(f"board.level.{zone.level}"),
            say,
            may,
        )
        for zone in zones
    ]
    return tuple(found)


def _area(
    zone: ZoneId | str,
    tiles: list[DoorTile],
    scope: Scope,
    name: str,
    level: str,
    say: Words,
    may: May,
) -> Area:
    locked, state = posture(tiles, say)
    door = tiles[0].door
    orders = [order for order in ORDERS if may(order, door, scope) is not Right.NONE]
    # Nothing to release, or everything shut already: that order would be empty.
    empty = {START: locked == len(tiles), END: locked == 0}
    return Area(
        zone=zone,
        door=door,
        scope=scope,
        name=name,
        level=level,
        doors=len(tiles),
        locked=locked,
        state=state,
        orders=tuple(order for order in orders if not empty[order]),
    )


def asked(area: Area, order: str, say: Words, right: Right) -> Asked:
    kind = "start" if order == START else "end"
    return Asked(
        order=order,
        zone=area.zone,
        title=say(f"posture.{kind}_title", area=area.name),
        effect=say(f"posture.effect_{kind}", n=area.doors),
        second=right is Right.WITH_SECOND,
    )
