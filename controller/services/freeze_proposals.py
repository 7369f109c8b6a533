"""Proposals to freeze somebody (G7.3.2): shift lead, reviewer ask; the officer decides.

All that are open about one person are one case, settled together: by the freeze itself,
whoever makes it; by the officer who declines; by the person's leaving. Who proposed
never decides, also not by another account of the same person; nobody proposes against
themselves, and nobody sees what was proposed about them. Officer and reviewer see all
others, a shift lead their own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.services.people_desk import MAX_REASON, sees_everybody
from controller.services.settling import settle_in
from controller.store import proposals, register
from controller.store.proposals import Proposal
from controller.store.register import StoredPerson
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, is_visitor
from domain.operators import Operator, OperatorRole, bars_to_deciding
from domain.people import PersonState
from domain.person_acts import FreezeProposed, ProposalOutcome

FREEZABLE: Final = frozenset({PersonState.ACTIVE, PersonState.DE_SECRECY})
# Open ones about one person; more say nothing new.
MOST_OPEN: Final = 10
_SHOWN: Final = 50  # settled ones


class ProposalProblem(StrEnum):
    NOT_NOW = "not_now"  # frozen already, or gone
    CONCERNS_SELF = "concerns_self"
    DECIDES = "decides"  # who may freeze doesn't ask
    ENOUGH = "enough"
    NO_REASON = "no_reason"
    TOO_LONG = "too_long"
    OWN_PROPOSAL = "own_proposal"
    SETTLED = "settled"  # by somebody else meanwhile
    NEWER = "newer"  # another was proposed meanwhile


# What somebody tries that is not theirs to do, for the log.
FORBIDDEN: Final = frozenset(
    {
        ProposalProblem.CONCERNS_SELF,
        ProposalProblem.DECIDES,
        ProposalProblem.OWN_PROPOSAL,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is open about one person and the operator may see, oldest first, beside
    `others`. `own`: the operator proposed one, and so does not decide."""

    person: StoredPerson
    proposals: tuple[Proposal, ...]
    others: int
    own: bool

    @property
    def seen(self) -> int:
        """Of the last proposal: what somebody who decides has read."""
        return self.proposals[-1].id


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """`cases`: the oldest first. `settled`: the latest first."""

    cases: tuple[Case, ...]
    settled: tuple[Proposal, ...]


class FreezeProposals:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def whom(
        self, person: PersonId, by: Operator
    ) -> tuple[StoredPerson, tuple[ProposalProblem, ...]]:
        """Whom a proposal would be about, and what stands in its way.

        Raises:
            InputError: the register employs no such person.
        """

        def work(
            connection: Connection,
        ) -> tuple[StoredPerson, tuple[ProposalProblem, ...]]:
            known = _employed(connection, person)
            return known, _bars(connection, known, by)

        return await self._office.database.read(work)

    async def propose(
        self, person: PersonId, *, reason: str, by: Operator
    ) -> tuple[ProposalProblem, ...]:
        """Ask for a freeze; empty: it is asked.

        Raises:
            InputError: the register employs no such person.
        """

        def work(act: Act) -> tuple[ProposalProblem, ...]:
            known = _employed(act.connection, person)
            found = (*_bars(act.connection, known, by), *_wording(reason))
            if found:
                return found
            proposals.add(act.connection, person, reason=reason, at=act.at, by=by)
            act.say(
                FreezeProposed(
                    door=CONTROLLER, at=act.at, person=person, reason=reason, by=by.id
                )
            )
            return ()

        return await self._office.act(work)

    async def decline(
        self, person: PersonId, *, seen: int, reason: str, by: Operator
    ) -> tuple[ProposalProblem, ...]:
        """Not to freeze, after having read up to the proposal `seen`; empty: done."""

        def work(act: Act) -> tuple[ProposalProblem, ...]:
            open_ = proposals.unsettled(act.connection, person)
            newest = max((each.id for each in open_), default=0)
            problems = {
                ProposalProblem.CONCERNS_SELF: by.is_one_of([person]),
                ProposalProblem.OWN_PROPOSAL: proposed_any(by, open_),
                ProposalProblem.SETTLED: not open_,
                ProposalProblem.NEWER: newest > seen,
            }
            found = tuple(problem for problem, is_so in problems.items() if is_so)
            found = (*found, *_wording(reason))
            if not found:
                settle_in(act, person, ProposalOutcome.DECLINED, by=by.id, note=reason)
            return found

        return await self._office.act(work)

    async def tray(self, operator: Operator) -> Tray:
        def work(connection: Connection) -> Tray:
            all_open = proposals.unsettled(connection)
            whole: dict[PersonId, list[Proposal]] = {}
            for each in all_open:
                whole.setdefault(each.person, []).append(each)
            cases: dict[PersonId, list[Proposal]] = {}
            for each in visible(all_open, operator):
                cases.setdefault(each.person, []).append(each)
            by = None if sees_everybody(operator) else operator.id
            old = proposals.settled(connection, limit=_SHOWN, by=by)
            return Tray(
                cases=tuple(
                    Case(
                        person=_employed(connection, person),
                        proposals=tuple(found),
                        others=len(whole[person]) - len(found),
                        own=proposed_any(operator, whole[person]),
                    )
                    for person, found in cases.items()
                ),
                settled=visible(old, operator),
            )

        return await self._office.database.read(work)

    async def count(self, operator: Operator) -> int:
        """About how many people something is open that the operator may see."""
        found = await self._office.database.read(lambda c: proposals.unsettled(c))
        return len({each.person for each in visible(found, operator)})


def proposed_any(operator: Operator, open_: Iterable[Proposal]) -> bool:
    """Whether one of them is the operator's own, by whichever account."""
    return any(
        bars_to_deciding(operator, requested_by=who)
        for each in open_
        for who in (each.by, each.proposer)
    )


def visible(found: Iterable[Proposal], operator: Operator) -> tuple[Proposal, ...]:
    everything = sees_everybody(operator)
    return tuple(
        each
        for each in found
        if (everything or each.by == operator.id)
        and not operator.is_one_of([each.person])
    )


def _employed(connection: Connection, id_: PersonId) -> StoredPerson:
    found = None if is_visitor(id_) else register.person(connection, id_)
    if found is None:
        raise InputError(f"the register employs no `{id_}`")
    return found


def _bars(
    connection: Connection, known: StoredPerson, by: Operator
) -> tuple[ProposalProblem, ...]:
    open_ = proposals.unsettled(connection, known.id)
    problems = {
        ProposalProblem.CONCERNS_SELF: by.is_one_of([known.id]),
        ProposalProblem.DECIDES: OperatorRole.SECRECY_OFFICER in by.roles,
        ProposalProblem.NOT_NOW: known.state not in FREEZABLE,
        ProposalProblem.ENOUGH: len(open_) >= MOST_OPEN,
    }
    return tuple(problem for problem, is_so in problems.items() if is_so)


def _wording(reason: str) -> tuple[ProposalProblem, ...]:
    if not reason:
        return (ProposalProblem.NO_REASON,)
    return (ProposalProblem.TOO_LONG,) if len(reason) > MAX_REASON else ()
