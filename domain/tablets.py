"""The lobby's tablets: what stands on one, for how long, and what happens to them.

A guard pairs a tablet with a code, and sends one visitor to it at a time. What it then
shows is a *task*: it ends by itself when nobody uses the tablet for `IDLE`, half-open:
at the instant itself it is over, and with it every name on the screen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from domain.ids import DoorId, PersonId, VisitId

TabletId = NewType("TabletId", str)

IDLE: Final = timedelta(minutes=2)
# How long a guard may take to come and witness; no name is on the screen then.
WITNESS_WITHIN: Final = timedelta(minutes=10)
CODE_LASTS: Final = timedelta(minutes=10)
MAX_NAME: Final = 40


class TaskState(StrEnum):
    READING = "reading"  # the text is on the screen
    WITNESS = "witness"  # a name was typed; the guard is to witness it
    DECLINING = "declining"  # an inspector won't sign; the guard is to witness that
    SIGNED = "signed"  # the check code is on the screen
    REFUSED = "refused"  # not agreed, over


class TabletProblem(StrEnum):
    """Why something cannot be done with a tablet."""

    NO_NAME = "no_name"
    NAME_TAKEN = "name_taken"
    NO_TABLET = "no_tablet"  # not paired, or revoked
    BUSY = "busy"  # somebody else is at it
    OVER = "over"  # what it was about has ended
    NO_PERSON = "no_person"  # the witness's account names nobody of the register
    NOT_READ = "not_read"
    NO_SIGNATURE = "no_signature"
    BAD_STROKES = "bad_strokes"
    OTHER_NAME = "other_name"  # what was typed is not the visitor's name


def lasts(state: TaskState) -> timedelta:
    """How long a task stays after the tablet was last used."""
    waiting = state in (TaskState.WITNESS, TaskState.DECLINING)
    return WITNESS_WITHIN if waiting else IDLE


def is_live(state: TaskState, used_at: datetime, at: datetime) -> bool:
    return state is not TaskState.REFUSED and at - used_at < lasts(state)


@dataclass(frozen=True, slots=True, kw_only=True)
class _TabletEvent:
    door: DoorId
    at: datetime
    tablet: TabletId
    name: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TabletAdded(_TabletEvent):
    """Its pairing code was shown to `by`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabletPaired(_TabletEvent):
    """The code that `by` was shown was entered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabletRevoked(_TabletEvent):
    """It shows nothing and takes nothing any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingShown(_TabletEvent):
    """A visitor was sent to a tablet to read and sign."""

    visit: VisitId
    person: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingNotAgreed(_TabletEvent):
    """They chose not to agree there; nothing was signed."""

    visit: VisitId
    person: PersonId


TabletEvent: TypeAlias = (
    TabletAdded | TabletPaired | TabletRevoked | UndertakingShown | UndertakingNotAgreed
)
