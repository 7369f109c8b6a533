"""What operators do about people beyond changing them, in the vocabulary of
`domain.events`."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleExported:
    """Somebody took the list of people out of the console. `wanted`: its filter, as
    the address has it."""

    door: DoorId
    at: datetime
    wanted: str
    people: int
    by: OperatorId


class ProposalOutcome(StrEnum):
    """What became of what was proposed; `LEFT`: there was nothing left to freeze."""

    FROZEN = "frozen"
    DECLINED = "declined"
    LEFT = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeProposed:
    """Who may not freeze asks those who may (G7.3.2)."""

    door: DoorId
    at: datetime
    person: PersonId
    reason: str
    by: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class FreezeProposalSettled:
    """All proposals about a person at once; `proposals`: how many. `by`: an operator,
    or another system that reported a leaver."""

    door: DoorId
    at: datetime
    person: PersonId
    outcome: ProposalOutcome
    proposals: int
    reason: str
    by: str


PersonAct: TypeAlias = (
    PersonViewed
    | MusterPrinted
    | PeopleExported
    | FreezeProposed
    | FreezeProposalSettled
)
