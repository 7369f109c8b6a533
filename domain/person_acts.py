"""What operators do about people beyond changing them, in the vocabulary of
`domain.events`."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.ids import DoorId, PersonId
from domain.operators import OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonViewed:
    """Somebody looked at what is known of a person; once a day for each of both."""

    door: DoorId
    at: datetime
    person: PersonId
    by: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterPrinted:
    """Somebody took the list of everybody inside on paper. `reliable`: every door was
    online and nothing was doubtful."""

    door: DoorId
    at: datetime
    inside: int
    reliable: bool
    by: OperatorId


PersonAct: TypeAlias = PersonViewed | MusterPrinted
