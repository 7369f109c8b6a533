"""What people decide in a review: a grant stays, or goes at once; what is held lapses.

Each answers with every reason that stands in the way; nothing has happened then.
"""

from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.services.review_rounds import grant_of, is_live, lapse, move, settled
from controller.services.review_sheet import RoundSheet, sheet
from controller.services.revoke import withdraw_in
from controller.store import reviews
from controller.store.reviews import StoredRound
from domain import review_events as say
from domain.errors import InputError
from domain.ids import CONTROLLER, ZoneId
from domain.operators import Operator, OperatorRole
from domain.review import (
    BY_REVIEW,
    ReviewAct,
    ReviewProblem,
    ReviewState,
    RoundState,
    bars_to_reviewing,
    step,
)

_SHOWN: Final = 40  # twenty years


class Reviews:
    """For the pages: acts, and rounds as they stand."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def decide(
        self, round_: str, grant: str, what: ReviewAct, *, by: Operator
    ) -> tuple[ReviewProblem, ...]:
        """Confirm or withdraw; empty: it is done.

        Raises:
            InputError: no such round, or the grant is not in it.
        """
        return await self._office.act(
            lambda act: decide(act, self._office, round_, grant, what, by)
        )

    async def let_lapse(
        self, round_: str, zone: ZoneId, *, by: Operator
    ) -> tuple[ReviewProblem, ...]:
        """An officer lets what is held of the zone lapse; empty: it is done.

        Raises:
            InputError: no such round.
        """
        return await self._office.act(
            lambda act: let_lapse(act, self._office, round_, zone, by)
        )

    async def unclosed(self) -> tuple[RoundSheet, ...]:
        """Rounds in which something may still be decided, the latest first."""

        def read(connection: Connection) -> tuple[RoundSheet, ...]:
            open_ = reversed(reviews.unclosed(connection))
            return tuple(sheet(connection, self._office.site, each) for each in open_)

        return await self._office.database.read(read)

    async def rounds(self) -> tuple[StoredRound, ...]:
        """The latest first."""
        return await self._office.database.read(
            lambda c: reviews.rounds(c, limit=_SHOWN)
        )

    async def one(self, id_: str) -> RoundSheet:
        """
        Raises:
            InputError: no such round.
        """

        def read(connection: Connection) -> RoundSheet:
            found = reviews.one(connection, id_)
            if found is None:
                raise InputError("no such round of review")
            return sheet(connection, self._office.site, found)

        return await self._office.database.read(read)


def decide(
    act: Act, office: Office, round_id: str, grant: str, what: ReviewAct, by: Operator
) -> tuple[ReviewProblem, ...]:
    """Confirm or withdraw; empty: it is done.

    Raises:
        InputError: no such round, or the grant is not in it.
    """
    round_ = demand_round(act, round_id)
    item = reviews.item(act.connection, round_.id, grant)
    if item is None:
        raise InputError("no such grant in this round")
    if bars := bars_to_reviewing(by, zone=item.zone, person=item.person):
        return tuple(sorted(bars))
    with settled(act, round_):
        stored = grant_of(act, item.grant)
        after = step(item.state, what)
        if round_.state is RoundState.CLOSED or not is_live(stored, act.at):
            after = ReviewProblem.OVER
        if isinstance(after, ReviewProblem):
            return (after,)
        move(act, round_.id, [item], what, by=by.id)
        told = (
            say.ReviewConfirmed
            if after is ReviewState.CONFIRMED
            else say.ReviewWithdrawn
        )
        act.say(
            told(
                door=CONTROLLER,
                at=act.at,
                round=round_.id,
                grant=item.grant,
                person=item.person,
                zone=item.zone,
                by=by.id,
            )
        )
        if after is ReviewState.WITHDRAWN:
            withdraw_in(act, office, [stored], reason=BY_REVIEW, by=by.id)
    return ()


def let_lapse(
    act: Act, office: Office, round_id: str, zone: ZoneId, by: Operator
) -> tuple[ReviewProblem, ...]:
    """The officer lets the zone's held grants lapse; empty: it is done.

    Raises:
        InputError: no such round.
    """
    round_ = demand_round(act, round_id)
    if OperatorRole.SECRECY_OFFICER not in by.roles:
        return (ReviewProblem.NOT_YOURS,)
    with settled(act, round_):
        held = [
            item
            for item in reviews.items(act.connection, round_.id)
            if item.zone == zone
            and item.state is ReviewState.HELD
            and is_live(grant_of(act, item.grant), act.at)
        ]
        if not held:
            return (ReviewProblem.NOT_HELD,)
        if by.is_one_of(item.person for item in held):
            return (ReviewProblem.CONCERNS_SELF,)
        act.say(
            say.ReviewLapseConfirmed(
                door=CONTROLLER,
                at=act.at,
                round=round_.id,
                zone=zone,
                grants=len(held),
                by=by.id,
            )
        )
        lapse(act, office, round_.id, zone, held, by=by.id)
    return ()


def demand_round(act: Act, id_: str) -> StoredRound:
    found = reviews.one(act.connection, id_)
    if found is None:
        raise InputError("no such round of review")
    return found
