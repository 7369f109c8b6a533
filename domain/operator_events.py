"""Operators of the console, in the vocabulary of `domain.events`.

The office says these.
"""

from dataclasses import dataclass
from typing import TypeAlias

from domain.happened import Happened
from domain.ids import PersonId
from domain.operators import OperatorId, OperatorRole


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdded(Happened):
    operator: OperatorId
    person: PersonId | None
    roles: tuple[OperatorRole, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReset(Happened):
    """New password, new one-time secret, new recovery codes; all sessions ended."""

    operator: OperatorId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPasswordChanged(Happened):
    """By the operator, who gave the old one and a code; their other sessions ended."""

    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDisabled(Happened):
    operator: OperatorId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignedIn(Happened):
    operator: OperatorId
    recovery: bool  # with a recovery code instead of a one-time code


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignInRefused(Happened):
    """`operator` None: nobody of that name; what was typed could be a password."""

    operator: OperatorId | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLocked(Happened):
    operator: OperatorId
    idle: bool  # by itself after five minutes (G7.1.2); else by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorUnlocked(Happened):
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignedOut(Happened):
    operator: OperatorId
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActRefused(Happened):
    """An act that none of the operator's roles may do; `act` names the route."""

    operator: OperatorId
    act: str


OperatorEvent: TypeAlias = (
    OperatorAdded
    | OperatorReset
    | OperatorPasswordChanged
    | OperatorDisabled
    | OperatorSignedIn
    | OperatorSignInRefused
    | OperatorLocked
    | OperatorUnlocked
    | OperatorSignedOut
    | OperatorActRefused
)
