"""A roster made ready for look-ups: who a badge, a slot, a PIN or a face names.

Built once when a roster is applied, off the loop; every look-up afterwards takes the
same time for 250 people and for 250,000.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from domain.credentials import Credential, Factor
from domain.ids import PersonId, ScheduleId
from domain.roster import Roster, RosterEntry
from domain.schedule import Schedule
from domain.visits import VisitorRight
from hardware.ports import Embedding

if TYPE_CHECKING:  # numpy is only for doors that see faces
    from hardware.faces.matching import Gallery


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a credential names."""

    person: PersonId
    duress: bool
    credential: Credential

    def admits(self, at: datetime) -> bool:
        return self.credential.admits(at)


class RosterIndex:
    """INVARIANT: never changed once built, so that a decision sees one roster."""

    def __init__(self, roster: Roster) -> None:
        self.number = roster.number
        self.valid_until = roster.valid_until
        self.schedules: Mapping[ScheduleId, Schedule] = {
            s.id: s for s in roster.schedules
        }
        self.people: Mapping[PersonId, RosterEntry] = {
            e.person.id: e for e in roster.entries
        }
        self.rights: Mapping[PersonId, VisitorRight] = {
            person: entry.right
            for person, entry in self.people.items()
            if entry.right is not None
        }
        self._badges = {
            credential.data: Named(entry.person.id, credential.duress, credential)
            for entry in roster.entries
            for credential in entry.credentials
            if credential.factor is Factor.BADGE
        }

    def __len__(self) -> int:
        return len(self.people)

    def badge(self, digest: bytes) -> Named | None:
        return self._badges.get(digest)

    def pins(self, person: PersonId) -> Sequence[Credential]:
        return self._of(person, Factor.PIN)

    def faces(self, person: PersonId) -> Sequence[Embedding]:
        return [_embedding(c) for c in self._of(person, Factor.FACE)]

    @cached_property
    def gallery(self) -> "Gallery":
        """Everybody's faces; built on first use, which belongs off the loop."""
        from hardware.faces.matching import Gallery

        faces = {person: self.faces(person) for person in self.people}
        return Gallery({person: found for person, found in faces.items() if found})

    def fingers(self) -> Sequence[tuple[PersonId, Credential]]:
        """Every fingerprint template, in a stable order."""
        return [
            (person, credential)
            for person in sorted(self.people)
            for credential in self._of(person, Factor.FINGERPRINT)
        ]

    def _of(self, person: PersonId, factor: Factor) -> Sequence[Credential]:
        entry = self.people.get(person)
        if entry is None:
            return ()
        return [c for c in entry.credentials if c.factor is factor]


def _embedding(credential: Credential) -> Embedding:
    import numpy as np

    from hardware.faces.matching import SIZE

    found = np.frombuffer(credential.data, dtype="<f4").astype(np.float32)
    # A template of another size is of another network and compares with nothing.
    return found if found.shape == (SIZE,) else np.full(SIZE, np.nan, np.float32)
