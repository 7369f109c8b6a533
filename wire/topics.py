"""The grammar of MQTT topics: `menshen/v1/{site}/{door}/{kind}`.

One function per topic and one parser; nothing else in the system builds or cuts a
topic. Names are lower-case letters, digits, `_` and `-`: that keeps MQTT's wildcards
out, and `.`, which NATS would take for a level of its own.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import CallerError, MessageMalformed
from domain.ids import DoorId, SiteId

MANIFEST: Final = "manifest"

_ROOT: Final = "menshen/v1"
_NAME: Final = re.compile(r"[a-z0-9_-]{1,64}", re.ASCII)
_PART: Final = re.compile(rf"{MANIFEST}|0|[1-9][0-9]{{0,5}}", re.ASCII)


class Kind(StrEnum):
    """What a topic carries; who speaks, in brackets."""

    EVENTS = "events"  # [door] batches of signed envelopes
    ACK = "ack"  # [controller] the highest committed sequence number
    COMMANDS = "commands"  # [controller] signed commands, never retained
    ROSTER = "roster"  # [controller] retained, in parts
    STATUS = "status"  # [door] retained, with last will
    PRESENCE = "presence"  # [controller] who is inside, as other doors report


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic taken apart. `part` only under `roster`: `MANIFEST` or a number."""

    site: SiteId
    door: DoorId
    kind: Kind
    part: str | None = None


def events(site: SiteId, door: DoorId) -> str:
    return _topic(site, door, Kind.EVENTS)


def ack(site: SiteId, door: DoorId) -> str:
    return _topic(site, door, Kind.ACK)


def commands(site: SiteId, door: DoorId) -> str:
    return _topic(site, door, Kind.COMMANDS)


def roster(site: SiteId, door: DoorId, part: int | str) -> str:
    """`part`: `MANIFEST`, or the number of a part from 0."""
    if not _PART.fullmatch(str(part)):
        raise CallerError(f"`{part}` is not a part of a roster")
    return f"{_topic(site, door, Kind.ROSTER)}/{part}"


def status(site: SiteId, door: DoorId) -> str:
    return _topic(site, door, Kind.STATUS)


def presence(site: SiteId, door: DoorId) -> str:
    return _topic(site, door, Kind.PRESENCE)


def roster_filter(site: SiteId, door: DoorId) -> str:
    """What a door subscribes to for its roster: manifest and parts."""
    return f"{_topic(site, door, Kind.ROSTER)}/+"


def every_door(site: SiteId, kind: Kind) -> str:
    """What the controller subscribes to: `kind` of all doors of the site."""
    return f"{_ROOT}/{_demand_name(site)}/+/{kind}"


def is_name(name: str) -> bool:
    """Whether `name` may be the id of a site or a door."""
    return _NAME.fullmatch(name) is not None


def parse(topic: str) -> Topic:
    """Take apart what arrived.

    Raises:
        MessageMalformed: not a topic of this grammar.
    """
    levels = topic.split("/")
    if len(levels) not in (5, 6) or levels[:2] != _ROOT.split("/"):
        raise MessageMalformed(f"topic `{topic[:200]}` is not one of ours")
    _, _, site, door, kind, *rest = levels
    if not (is_name(site) and is_name(door) and kind in set(Kind)):
        raise MessageMalformed(f"topic `{topic[:200]}` has a level we do not know")
    if (kind == Kind.ROSTER) != bool(rest) or (rest and not _PART.fullmatch(rest[0])):
        raise MessageMalformed(f"topic `{topic[:200]}` names no part of a roster")
    return Topic(SiteId(site), DoorId(door), Kind(kind), rest[0] if rest else None)


def _topic(site: SiteId, door: DoorId, kind: Kind) -> str:
    return f"{_ROOT}/{_demand_name(site)}/{_demand_name(door)}/{kind}"


def _demand_name(name: str) -> str:
    if not is_name(name):
        raise CallerError(
            f"`{name}` is no name for a site or door: 1..64 of a-z, 0-9, _ and -"
        )
    return name
