"""What happens to visits, in the vocabulary of `domain.events`: the office says it.

Each act at the desk is one of these, also one that was refused. `by` is who did it, as
the console knows them. No document number, signature or badge is in any of them: of a
document only its kind, of a signature only digests.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.ids import DoorId, PersonId, VisitId, ZoneId
from domain.people import Department, Rank
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import CarriedDevice
from domain.visit_life import VisitState
from domain.visit_photos import PhotoConsent, PhotoEnd
from domain.visit_problems import VisitProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class _VisitEvent:
    door: DoorId
    at: datetime
    visit: VisitId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRequested(_VisitEvent):
    kind: VisitClass
    department: Department
    purpose: str
    requested_by: PersonId
    visitors: tuple[PersonId, ...]
    escorts: tuple[PersonId, ...]
    route: tuple[ZoneId, ...]
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreZoneApproved(_VisitEvent):
    """The committee lets a visit into one core zone in [since, until) (G2.4)."""

    zone: ZoneId
    since: datetime
    until: datetime
    approver: PersonId
    rank: Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitApproved(_VisitEvent):
    approver: PersonId
    rank: Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRefused(_VisitEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCancelled(_VisitEvent):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitActRefused(_VisitEvent):
    """Somebody tried what could not be; `act` names it, `problems` say why."""

    act: str
    person: PersonId | None
    problems: tuple[VisitProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorIdentified(_VisitEvent):
    person: PersonId
    document: str  # its kind


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorPhotographed(_VisitEvent):
    """They agreed to it, and where; the picture is in no event."""

    person: PersonId
    consent: PhotoConsent


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoRemoved(_VisitEvent):
    person: PersonId
    why: PhotoEnd


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingSigned(_VisitEvent):
    """`text` is id and version, "repair/3"; digests in hex; `where` it was signed."""

    person: PersonId
    text: str
    language: str
    text_digest: str
    digest: str
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingDeclined(_VisitEvent):
    """An inspector was told and did not sign, before a witness (G5.5.3-1)."""

    person: PersonId
    text: str
    witness: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingCopied(_VisitEvent):
    """Somebody took a paper of what was signed."""

    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingTextChanged(_VisitEvent):
    """`visit` is empty: it concerns every visit from now on."""

    text: str  # id and new version
    text_digests: tuple[str, ...]  # hex, one a language


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBadgeAdded(_VisitEvent):
    """One of the desk's own badges has a label; `visit` is empty. No number."""

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskBadgeRetired(_VisitEvent):
    """It is offered no more; `visit` is empty."""

    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesDeclared(_VisitEvent):
    person: PersonId
    devices: tuple[CarriedDevice, ...]
    locker: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorTurnedAway(_VisitEvent):
    person: PersonId
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitCheckedIn(_VisitEvent):
    people: tuple[PersonId, ...]
    escorts: tuple[PersonId, ...]  # of the visit
    present: tuple[PersonId, ...]  # of them, at the desk


@dataclass(frozen=True, slots=True, kw_only=True)
class EscortHandedOver(_VisitEvent):
    """At the desk, both present."""

    old: PersonId
    new: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorCheckedOut(_VisitEvent):
    person: PersonId
    returned: tuple[ReturnItem, ...]
    over: bool  # the last of the visit


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitIncident(_VisitEvent):
    """Somebody left, and not everything was as declared (G5.3.2-2b, G5.4.3-1)."""

    person: PersonId
    missing: tuple[CarriedDevice, ...]
    unexpected: tuple[CarriedDevice, ...]
    unreturned: tuple[ReturnItem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorBadgeRevoked(_VisitEvent):
    """It wasn't given back: it never opens anything again."""

    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitLapsed(_VisitEvent):
    """Its end came: `state` is expired, no_show or overdue."""

    state: VisitState


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitBlocked(_VisitEvent):
    """Frozen (G7.3.2)."""

    reason: str


VisitEvent: TypeAlias = (
    VisitRequested
    | CoreZoneApproved
    | VisitApproved
    | VisitRefused
    | VisitCancelled
    | VisitActRefused
    | VisitorIdentified
    | VisitorPhotographed
    | PhotoRemoved
    | UndertakingSigned
    | UndertakingDeclined
    | UndertakingCopied
    | UndertakingTextChanged
    | DeskBadgeAdded
    | DeskBadgeRetired
    | DevicesDeclared
    | VisitorTurnedAway
    | VisitCheckedIn
    | EscortHandedOver
    | VisitorCheckedOut
    | VisitIncident
    | VisitorBadgeRevoked
    | VisitLapsed
    | VisitBlocked
)
