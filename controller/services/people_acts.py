"""What is done to somebody's rights at once: leave, freeze, reinstate, and the like.

G5.1.3-3, G5.1.3-4, G5.1.2-3, G7.3.2. What will happen is told before, by the same
functions that do it. One act changes the state, withdraws what is lost and ends the
console sessions of that person; who left or is frozen can't sign in again
(`services.sign_in`). Each door confirms for itself: `Receipts`. History stays, and
nobody acts on themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Connection, Row

from controller.services.freeze_proposals import FREEZABLE, proposed_any, visible
from controller.services.office import Act, Office
from controller.services.people import change_in
from controller.services.people_desk import MAX_REASON, profile, zones_seen
from controller.services.revoke import TRANSFER, lost_with, set_state_in, transfer_in
from controller.services.rosters import doors_of_person
from controller.services.sessions import end_all
from controller.store import doors, proposals, register, sendings
from controller.store import operators as accounts
from controller.store.proposals import Proposal
from controller.store.register import StoredGrant, StoredPerson
from controller.store.sendings import Change, ChangeId
from domain.errors import InputError
from domain.ids import DoorId, PersonId
from domain.operators import Operator
from domain.people import PersonState, Post, Qualifications

QUALIFIED: Final = "qualifications"
# Nobody signs anything for longer.
LONGEST: Final = timedelta(days=3660)


class Deed(StrEnum):
    """As an address names it."""

    FREEZE = "freeze"
    LEAVE = "leave"
    REINSTATE = "reinstate"
    DE_SECRECY = "de-secrecy"
    TRANSFER = TRANSFER


# A fresh one-time code is asked for.
CONFIRMED: Final = frozenset({Deed.FREEZE, Deed.LEAVE})
_ENDS_SESSIONS: Final = frozenset({Deed.FREEZE, Deed.LEAVE})
_A, _D, _S = PersonState.ACTIVE, PersonState.DE_SECRECY, PersonState.SUSPENDED
# From where each is possible. Who left comes back by being registered anew.
_FROM: Final = {
    Deed.FREEZE: FREEZABLE,
    Deed.LEAVE: {_A, _D, _S},
    Deed.REINSTATE: {_S},
    Deed.DE_SECRECY: {_A},
    Deed.TRANSFER: {_A},
}


class Problem(StrEnum):
    NOT_NOW = "not_now"
    CONCERNS_SELF = "concerns_self"
    OWN_PROPOSAL = "own_proposal"  # who proposed the freeze doesn't decide it
    NOT_OWN = "not_own"  # the owner of no zone they may enter
    NO_REASON = "no_reason"
    TOO_LONG = "too_long"
    NO_CODE = "no_code"
    TOO_FAST = "too_fast"
    NO_POST = "no_post"
    BAD_DAY = "bad_day"
    NOTHING_NEW = "nothing_new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Who it is about, what may be done, and what a deed would bring.

    `own`: whether they are of the operator's zones now. `into`: the state after it.
    `doors`: those that hear of it and that the operator may know, beside `other_doors`
    more. `grants`: what ends for good. `proposals`: of a freeze, the open ones that
    the operator may see; `proposed`: one of all that are open is their own.
    """

    person: StoredPerson
    own: bool
    possible: tuple[Deed, ...]
    into: PersonState
    doors: tuple[DoorId, ...]
    other_doors: int
    grants: tuple[StoredGrant, ...]
    accounts: tuple[Operator, ...]
    sessions: int
    proposals: tuple[Proposal, ...]
    proposed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorReceipt:
    """`confirmed_at` None: not answered yet; until `roster_ends` the door may go on
    with what it has (None: it never had a roster)."""

    door: DoorId
    confirmed_at: datetime | None
    online: bool
    roster_ends: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """`others`: doors of zones that are not the operator's, `others_waiting` of them
    without an answer."""

    person: StoredPerson
    change: Change
    doors: tuple[DoorReceipt, ...]  # those that have not answered first
    others: int
    others_waiting: int

    @property
    def waiting(self) -> int:
        return sum(d.confirmed_at is None for d in self.doors) + self.others_waiting


class PeopleActs:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def outlook(
        self, person: PersonId, deed: Deed, operator: Operator
    ) -> Outlook:
        """
        Raises:
            InputError: no such person, or none whom the operator may see.
        """
        return await self._office.database.read(
            lambda c: self._outlook(c, person, deed, operator)
        )

    def problems(
        self, seen: Outlook, deed: Deed, operator: Operator, reason: str, post: str = ""
    ) -> list[Problem]:
        found = {
            Problem.CONCERNS_SELF: operator.is_one_of([seen.person.id]),
            Problem.OWN_PROPOSAL: seen.proposed,
            Problem.NOT_OWN: not seen.own,
            Problem.NOT_NOW: deed not in seen.possible,
            Problem.NO_POST: deed is Deed.TRANSFER
            and (post not in self._office.site.posts or post == seen.person.post),
            Problem.NO_REASON: not reason,
            Problem.TOO_LONG: len(reason) > MAX_REASON,
        }
        return [problem for problem, is_so in found.items() if is_so]

    async def do(
        self,
        person: PersonId,
        deed: Deed,
        *,
        reason: str,
        by: Operator,
        post: str = "",
    ) -> ChangeId | list[Problem]:
        """Do it; what stands in the way if it can't be done, or no more.

        Raises:
            InputError: no such person, or none whom the operator may see.
        """

        def work(act: Act) -> ChangeId | list[Problem]:
            seen = self._outlook(act.connection, person, deed, by)
            if found := self.problems(seen, deed, by, reason, post):
                return found
            if deed in _ENDS_SESSIONS:
                for account in seen.accounts:
                    end_all(act, account.id, "disabled")
            if deed is Deed.TRANSFER:
                return transfer_in(
                    act, self._office, seen.person, Post(post), by=by.id, reason=reason
                )
            return set_state_in(
                act, self._office, person, seen.into, by=by.id, reason=reason
            )

        return await self._office.act(work)

    async def qualify(
        self, person: PersonId, fresh: Qualifications, *, note: str, by: Operator
    ) -> ChangeId | list[Problem]:
        """Other last days of agreement, commitment or training; `note`: on what paper.

        Raises:
            InputError: no such person, or none whom the operator may see.
        """

        def work(act: Act) -> ChangeId | list[Problem]:
            known = profile(act.connection, self._office, person, by).person
            ends = (
                fresh.agreement_until,
                fresh.commitment_until,
                fresh.training_until,
            )
            latest = act.at.date() + LONGEST
            problems = {
                Problem.CONCERNS_SELF: by.is_one_of([person]),
                Problem.NOT_NOW: known.state is PersonState.LEFT,
                Problem.BAD_DAY: any(end is not None and end > latest for end in ends),
                Problem.NOTHING_NEW: fresh == known.qualifications,
                Problem.NO_REASON: not note,
                Problem.TOO_LONG: len(note) > MAX_REASON,
            }
            if found := [problem for problem, is_so in problems.items() if is_so]:
                return found
            after = replace(known, qualifications=fresh)
            concerned = change_in(act, self._office, known, after, by=by.id, note=note)
            return act.change(QUALIFIED, person, by=by.id, doors=concerned)

        return await self._office.act(work)

    async def receipts(
        self, person: PersonId, change: int, operator: Operator
    ) -> Receipts:
        """
        Raises:
            InputError: no such change of a person whom the operator may see.
        """

        def work(connection: Connection) -> Receipts:
            found = profile(connection, self._office, person, operator)
            told = next((c for c in found.changes if c.id == change), None)
            if told is None:
                raise InputError(f"no change {change} of `{person}`")
            rows, zones = doors.rows(connection), zones_seen(operator)
            listed, others = [], []
            for each in sendings.receipts(connection, told.id):
                door = self._office.site.doors.get(each.door)
                if zones is not None and (door is None or door.zone not in zones):
                    others.append(each.confirmed_at)
                    continue
                listed.append(
                    door_receipt(connection, rows, each.door, each.confirmed_at)
                )
            listed.sort(key=lambda d: d.confirmed_at is not None)
            return Receipts(
                person=found.person,
                change=told,
                doors=tuple(listed),
                others=len(others),
                others_waiting=others.count(None),
            )

        return await self._office.database.read(work)

    def _outlook(
        self, connection: Connection, id_: PersonId, deed: Deed, operator: Operator
    ) -> Outlook:
        found = profile(connection, self._office, id_, operator)
        person, site = found.person, self._office.site
        into = state_after(connection, person, deed)
        grants = register.grants_of(connection, id_)
        live = [g for g in grants if g.withdrawal is None]
        zones = zones_seen(operator)
        heard = doors_of_person(site, person, grants)
        own = tuple(
            door.id
            for door in site.doors.values()
            if door.id in heard and (zones is None or door.zone in zones)
        )
        open_ = [
            s for a in found.accounts for s in accounts.open_sessions(connection, a.id)
        ]
        asked = proposals.unsettled(connection, id_) if deed is Deed.FREEZE else ()
        lost = live if deed is Deed.TRANSFER else lost_with(self._office, into, grants)
        return Outlook(
            person=person,
            own=zones is None or any(g.grant.zone in zones for g in live),
            possible=possible(person),
            into=into,
            doors=own,
            other_doors=len(heard) - len(own),
            grants=tuple(lost),
            accounts=found.accounts,
            sessions=len(open_),
            proposals=visible(asked, operator),
            proposed=proposed_any(operator, asked),
        )


def door_receipt(
    connection: Connection,
    rows: Mapping[DoorId, Row[Any]],
    door: DoorId,
    confirmed_at: datetime | None,
) -> DoorReceipt:
    row, applied = rows.get(door), sendings.applied_roster(connection, door)
    return DoorReceipt(
        door=door,
        confirmed_at=confirmed_at,
        online=row is not None and bool(row.online),
        roster_ends=None if applied is None else applied.valid_until,
    )


def possible(person: StoredPerson) -> tuple[Deed, ...]:
    return tuple(deed for deed in Deed if person.state in _FROM[deed])


def state_after(
    connection: Connection, person: StoredPerson, deed: Deed
) -> PersonState:
    match deed:
        case Deed.FREEZE:
            return PersonState.SUSPENDED
        case Deed.LEAVE:
            return PersonState.LEFT
        case Deed.DE_SECRECY:
            return PersonState.DE_SECRECY
        case Deed.TRANSFER:
            return person.state
        case Deed.REINSTATE:  # who was frozen in the de-secrecy period is in it again
            before = person.state_since - timedelta(microseconds=1)
            then = register.state_at(connection, person.id, before)
            return PersonState.ACTIVE if then is None else then[0]
