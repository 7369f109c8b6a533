"""The live board as HTML: is anything wrong, where, and who is in?

Pure: a `Board` and how somebody wants to see it become a page, or the fragments of
one. A fragment is an element with an id of its own; the script swaps fragments by id
and never makes any. Fragments don't depend on filters: filters are classes and
attributes around them, so that one rendering serves everybody who watches.
"""

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final, Protocol, cast
from urllib.parse import urlencode

from markupsafe import Markup

from config.schema import Site
from controller.services.board import Board
from controller.services.event_filter import NO_FILTER, EventFilter, EventKind
from controller.services.sessions import IDLE
from controller.web.pages.board_view import BoardView, TileView, ZoneView, board_view
from controller.web.pages.events import EventView
from controller.web.pages.frame import ENVIRONMENT, Preferences, Seat, render
from controller.web.words import Language, Words, words
from domain.zones import ZoneLevel

# Above this many doors, zones where all is well fold into one line.
FOLD_ABOVE: Final = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The filters of one page, as its address holds them."""

    abnormal: bool = False  # only doors that are not as they should be
    all_events: bool = False  # also the mechanics behind decisions
    wanted: EventFilter = NO_FILTER  # only these events

    @property
    def asked(self) -> dict[str, str]:
        """The filter of the stream as fields of an address."""
        wanted = self.wanted
        fields = {
            "kind": wanted.kind,
            "level": wanted.level,
            "zone": wanted.zone,
            "door": wanted.door,
        }
        return {name: str(value) for name, value in fields.items() if value}

    @property
    def shown(self) -> dict[str, str]:
        """What else the address holds."""
        return {
            **({"show": "abnormal"} if self.abnormal else {}),
            **({"events": "all"} if self.all_events else {}),
        }

    @property
    def address(self) -> str:
        query = {**self.shown, **self.asked}
        return f"/?{urlencode(query)}" if query else "/"

    @property
    def other_doors(self) -> str:
        return replace(self, abnormal=not self.abnormal).address

    @property
    def every_event(self) -> str:
        return replace(self, all_events=True).address

    @property
    def notable_events(self) -> str:
        return replace(self, all_events=False).address

    def without(self, name: str) -> str:
        wanted = replace(self.wanted, **{name: None})
        return replace(self, wanted=wanted).address


@dataclass(frozen=True, slots=True)
class Fragments:
    """A board in pieces. `states` by element id, in the order of the page; `rows`
    are lines of the stream with their positions, latest first."""

    position: int
    states: dict[str, str]
    rows: tuple[tuple[int, str], ...]


def page(
    board: Board, site: Site, preferences: Preferences, view: View, seat: Seat
) -> str:
    """The whole page, complete without any script."""
    seen = board_view(board, site, preferences.language)
    context = {
        **surroundings(seen, site, preferences, seat, view.address),
        "view": view,
        "chips": _chips(view, site, words(preferences.language)),
        "zones": tuple(site.zones.values()),
        "kinds": tuple(kind for kind in EventKind if kind is not EventKind.DOOR),
        "zone_levels": tuple(ZoneLevel),
        "folded": seen.doors > FOLD_ABOVE,
    }
    return render("board.html", preferences, context)


def surroundings(
    seen: BoardView, site: Site, preferences: Preferences, seat: Seat, address: str
) -> dict[str, object]:
    """What `console.html` needs around any page: top bar, alarm band, navigation."""
    return {
        "board": seen,
        "seat": seat,
        "address": address,
        "parts": _parts(preferences.language),
        "site_name": words(preferences.language).of(site),
        "tz": site.tz.key,
        "idle": int(IDLE.total_seconds()),
    }


def fragments(board: Board, site: Site, language: Language) -> Fragments:
    seen, parts = board_view(board, site, language), _parts(language)
    states = {"band": str(parts.band(seen)), "figures": str(parts.figures(seen))}
    states["posture"] = str(parts.posture(seen))
    states["alarms"] = str(parts.alarms(seen))
    for level in seen.levels:
        for zone in level.zones:
            states[f"zone-{zone.zone}"] = str(parts.zone_head(zone))
            for tile in zone.tiles:
                states[f"door-{tile.door}"] = _tile(language, tile)
    rows = tuple((e.position, _event(language, e)) for e in seen.events)
    return Fragments(seen.position, states, rows)


# Of 200 doors and 50 events one or two differ from the board before.
@lru_cache(maxsize=4096)
def _tile(language: Language, tile: TileView) -> str:
    return str(_parts(language).tile(tile))


@lru_cache(maxsize=1024)
def _event(language: Language, event: EventView) -> str:
    return str(_parts(language).event(event))


class _Parts(Protocol):
    """The macros of `board_parts.html`."""

    def band(self, board: BoardView) -> Markup: ...
    def figures(self, board: BoardView) -> Markup: ...
    def posture(self, board: BoardView) -> Markup: ...
    def alarms(self, board: BoardView) -> Markup: ...
    def zone_head(self, zone: ZoneView) -> Markup: ...
    def tile(self, tile: TileView) -> Markup: ...
    def event(self, event: EventView) -> Markup: ...


@cache
def _parts(language: Language) -> _Parts:
    template = ENVIRONMENT.get_template("board_parts.html")
    return cast(_Parts, template.make_module({"say": words(language)}))


def _chips(view: View, site: Site, say: Words) -> tuple[tuple[str, str], ...]:
    """Each part of the filter: its word, and the page without it."""
    names: dict[str, str] = {}
    if view.wanted.kind:
        names["kind"] = say.code("board.kind", view.wanted.kind)
    if view.wanted.level:
        names["level"] = say.code("board.level", view.wanted.level)
    if zone := view.wanted.zone:
        names["zone"] = say.of(site.zones[zone]) if zone in site.zones else zone
    if door := view.wanted.door:
        names["door"] = say.of(site.doors[door]) if door in site.doors else door
    return tuple((word, view.without(name)) for name, word in names.items())
