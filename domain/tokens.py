"""Other systems of the company that use the office: tokens with scopes, and their life.

A token is of a machine (the personnel system, a display), never of a person: it
requests, reports and withdraws; whatever needs a person's judgement (approving, opening
a door, taking up an alarm) has no scope, so no token can do it.

The log names a token as `token:NAME` where it names an operator otherwise; no account
of an operator has a colon.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from domain.ids import DoorId

TokenId = NewType("TokenId", str)  # "hr": never re-used, also not after the end

# A token that nobody renews within a year is one that nobody remembers.
LONGEST: Final = timedelta(days=366)
_NAME: Final = re.compile(r"[a-z][a-z0-9._-]{1,31}")


class TokenScope(StrEnum):
    """What a token may be allowed. To read is not to change, in each case."""

    BOARD_READ = "board.read"  # doors and zones, nobody's name
    EVENTS_READ = "events.read"
    ALARMS_READ = "alarms.read"
    MUSTER_READ = "muster.read"
    COMMANDS_READ = "commands.read"
    CHANGES_READ = "changes.read"  # receipts, door by door
    PEOPLE_READ = "people.read"
    PEOPLE_WRITE = "people.write"  # register; name, post, qualifications
    PEOPLE_LEAVE = "people.leave"
    PEOPLE_SUSPEND = "people.suspend"
    PEOPLE_REINSTATE = "people.reinstate"  # gives back what a suspension took
    VISITS_READ = "visits.read"
    VISITS_REQUEST = "visits.request"
    VISITS_CANCEL = "visits.cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`used_at`: within a minute; None: never."""

    id: TokenId
    scopes: frozenset[TokenScope]
    made_at: datetime
    made_by: str
    until: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @property
    def actor(self) -> str:
        """Whom the log names."""
        return f"token:{self.id}"

    def why_not(self, at: datetime) -> "TokenRefusal | None":
        """Why it opens nothing at `at`; half-open, [made_at, until)."""
        if self.revoked_at is not None:
            return TokenRefusal.REVOKED
        return TokenRefusal.EXPIRED if at >= self.until else None


class TokenRefusal(StrEnum):
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE = "scope"  # the token is good, for other things


class TokenFault(StrEnum):
    """Why a token can't be as it was asked for."""

    NAME = "name"  # not 2 to 32 of a-z, 0-9, ".", "_", "-", a letter first
    NO_SCOPE = "no_scope"
    OVER = "over"  # it would have ended already
    TOO_LONG = "too_long"  # longer than `LONGEST`


def faults(
    id_: TokenId, scopes: Iterable[TokenScope], *, until: datetime, at: datetime
) -> frozenset[TokenFault]:
    found = {
        TokenFault.NAME: _NAME.fullmatch(id_) is None,
        TokenFault.NO_SCOPE: not set(scopes),
        TokenFault.OVER: until <= at,
        TokenFault.TOO_LONG: until - at > LONGEST,
    }
    return frozenset(fault for fault, is_so in found.items() if is_so)


# --- in the vocabulary of `domain.events`; the office says these ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _TokenAct:
    door: DoorId
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(_TokenAct):
    token: TokenId
    scopes: tuple[TokenScope, ...]
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRevoked(_TokenAct):
    token: TokenId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRefused(_TokenAct):
    """`token` None: none that the office made; what was sent is not kept. `act` names
    the route."""

    token: TokenId | None
    reason: TokenRefusal
    act: str


TokenAct: TypeAlias = TokenMade | TokenRevoked | TokenRefused
