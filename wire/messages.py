"""What travels beside events, commands and rosters. Their JSON is `wire.json_v1`'s."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import DoorId, PersonId, SiteId, ZoneId
from wire.codec import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ack:
    """The controller has committed everything of `door` up to `seq` (inclusive).

    `digest` is that of entry `seq`: a door whose own entry differs must not forget
    anything, for the controller knows another past.
    """

    site: SiteId
    door: DoorId
    seq: int
    digest: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterManifest:
    """The one signed page of a roster. Parts belong to it by their digests, so parts
    of an older roster that still lie at the broker are recognised.

    `digest` and `size` (bytes) are those of the compressed whole, before it was cut
    and sealed.
    """

    site: SiteId
    door: DoorId
    number: int
    valid_until: datetime
    parts: tuple[Digest, ...]  # SHA-256 of each sealed part, in order
    digest: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    person: PersonId
    at: datetime
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceSnapshot:
    """The whole truth of the others at `at`; see `wire.presence`."""

    site: SiteId
    door: DoorId  # for whom
    zone: ZoneId
    at: datetime
    entered: tuple[Movement, ...]
    left: tuple[Movement, ...]
    unknown_at: datetime | None
    reset_at: datetime | None
    doubtful: bool  # seen over all doors: somebody unrecorded may be inside


class DoorState(StrEnum):
    ONLINE = "online"
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Whether a door is there. Not signed: the broker's rights vouch for its topic.

    A last will is written when the connection begins; `session` names that
    connection, so that an older one's will does not make a newer one offline.
    """

    state: DoorState
    at: datetime
    session: str
