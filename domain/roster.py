"""What one door may know: people, their credentials and until when.

A roster (名册) carries everyone with a grant for the door's zone, whatever their
state or qualifications, so that a refusal can say why, and the visitors of visits that
are under way; nobody else (G2.4). It is
numbered, never rolled back, and has an end of validity, after which core doors
refuse. After a withdrawal it keeps person, badge digest and reason; the templates go
within 24 hours, naming but never admitting until then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.credentials import Credential
from domain.ids import DoorId, PersonId, SiteId
from domain.people import Person
from domain.schedule import Schedule
from domain.visits import VisitorRight

DEFAULT_VALIDITY: Final = timedelta(hours=72)
TEMPLATES_KEPT_AFTER_WITHDRAWAL: Final = timedelta(hours=24)
WARN_BEFORE_END: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """`right`: a visitor's, or None: they have none yet, or are no visitor."""

    person: Person
    credentials: tuple[Credential, ...]
    right: VisitorRight | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """One door's roster. `number` only grows; `valid_until` is its end (exclusive)."""

    site: SiteId
    door: DoorId
    number: int
    issued_at: datetime
    valid_until: datetime
    entries: tuple[RosterEntry, ...]
    schedules: tuple[Schedule, ...]

    def expired(self, at: datetime) -> bool:
        return at >= self.valid_until

    def entry_of(self, person: PersonId) -> RosterEntry | None:
        return next((e for e in self.entries if e.person.id == person), None)


def may_replace(current: Roster | None, offered: Roster) -> bool:
    """Whether `offered` is newer. INVARIANT: a door never goes back."""
    return current is None or offered.number > current.number
