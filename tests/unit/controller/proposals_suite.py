"""What proposals to freeze somebody promise, on whatever database (G7.3.2)."""

from dataclasses import replace
from typing import Final

import pytest

from controller.services.freeze_proposals import (
    MOST_OPEN,
    FreezeProposals,
    ProposalProblem,
)
from controller.services.people_acts import Deed, PeopleActs, Problem
from domain.errors import InputError
from domain.ids import PersonId
from domain.operators import OperatorRole
from domain.people import PersonState
from domain.person_acts import FreezeProposalSettled, FreezeProposed, ProposalOutcome
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, BO, COOK, LAB_ZONE, NINE, World, grant, office, person
from tests.operators import operator

LEAD: Final = operator(OperatorRole.SHIFT_LEAD, LAB_ZONE)
OTHER_LEAD: Final = operator(OperatorRole.SHIFT_LEAD, LAB_ZONE, "lead.2")
REVIEWER: Final = operator(OperatorRole.REVIEWER, LAB_ZONE)
OFFICER: Final = operator(OperatorRole.SECRECY_OFFICER, LAB_ZONE)
STAFF: Final = (person(ADA, grant(LAB_ZONE)), person(BO), person(COOK))
P: Final = ProposalProblem
WHY: Final = "copied drawings"


class Desk:
    """Proposals and acts of one office."""

    def __init__(self, world: World) -> None:
        self.world = world
        inner = world.controller.operators.sessions.office
        self.proposals = FreezeProposals(inner)
        self.acts = PeopleActs(inner)

    def settled(self) -> list[tuple[PersonId, ProposalOutcome, int, str]]:
        return [
            (e.person, e.outcome, e.proposals, e.by)
            for e in self.world.events(FreezeProposalSettled)
            if isinstance(e, FreezeProposalSettled)
        ]

    async def seen(self, person: PersonId) -> int:
        cases = (await self.proposals.tray(OFFICER)).cases
        return next(case.seen for case in cases if case.person.id == person)


class ProposalsSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_proposals_about_one_person_are_one_case_that_a_freeze_settles(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = Desk(world)
                for by, why in ((LEAD, WHY), (REVIEWER, "at night"), (LEAD, "again")):
                    assert await desk.proposals.propose(ADA, reason=why, by=by) == ()
                await desk.proposals.propose(BO, reason=WHY, by=OTHER_LEAD)
                ada, bo = (await desk.proposals.tray(OFFICER)).cases
                own = (await desk.proposals.tray(LEAD)).cases
                outlook = await desk.acts.outlook(ADA, Deed.FREEZE, OFFICER)
                done = await desk.acts.do(
                    ADA, Deed.FREEZE, reason="for now", by=OFFICER
                )
                after = await desk.proposals.tray(OFFICER)
                heard = await desk.proposals.tray(REVIEWER)
                again = await desk.proposals.propose(ADA, reason=WHY, by=LEAD)

                assert [p.reason for p in ada.proposals] == [WHY, "at night", "again"]
                assert [p.by for p in bo.proposals] == [OTHER_LEAD.id]
                assert [(len(c.proposals), c.others) for c in own] == [(2, 1)]
                assert outlook.proposals == ada.proposals
                assert not isinstance(done, list)
                assert [case.person.id for case in after.cases] == [BO]
                assert heard.settled == after.settled
                assert len(after.settled) == 3
                frozen = ProposalOutcome.FROZEN
                assert desk.settled() == [(ADA, frozen, 3, OFFICER.id)]
                assert again == (P.NOT_NOW,)
                assert len(world.events(FreezeProposed)) == 4

        run_virtual(story, starts=NINE)

    def test_who_proposed_never_decides_by_whichever_account(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = Desk(world)
                lead, officer = (replace(each, person=BO) for each in (LEAD, OFFICER))
                await desk.proposals.propose(ADA, reason=WHY, by=lead)
                seen = await desk.seen(ADA)
                refused = await desk.acts.do(ADA, Deed.FREEZE, reason=WHY, by=officer)
                declined = await desk.proposals.decline(
                    ADA, seen=seen, reason="no", by=officer
                )
                [case] = (await desk.proposals.tray(officer)).cases
                asks = await desk.proposals.propose(ADA, reason=WHY, by=officer)
                left = await desk.acts.do(ADA, Deed.LEAVE, reason="gone", by=officer)

                assert refused == [Problem.OWN_PROPOSAL]
                assert declined == (P.OWN_PROPOSAL,)
                assert case.own
                assert asks == (P.DECIDES,)
                assert not isinstance(left, list)  # which is no decision about it
                assert desk.settled() == [(ADA, ProposalOutcome.LEFT, 1, OFFICER.id)]

        run_virtual(story, starts=NINE)

    def test_nobody_proposes_against_themselves_or_reads_what_is_about_them(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = Desk(world)
                ada = replace(REVIEWER, person=ADA)
                own = await desk.proposals.propose(ADA, reason=WHY, by=ada)
                await desk.proposals.propose(ADA, reason=WHY, by=LEAD)
                boss = replace(OFFICER, person=ADA)
                declined = await desk.proposals.decline(
                    ADA, seen=99, reason="no", by=boss
                )
                hidden = await desk.acts.outlook(ADA, Deed.FREEZE, boss)

                assert own == (P.CONCERNS_SELF,)
                for who in (ada, boss, OTHER_LEAD):
                    assert (await desk.proposals.tray(who)).cases == ()
                    assert await desk.proposals.count(who) == 0
                assert declined == (P.CONCERNS_SELF,)
                assert hidden.proposals == ()
                assert await desk.proposals.count(REVIEWER) == 1
                assert desk.settled() == []

        run_virtual(story, starts=NINE)

    def test_a_proposal_that_came_meanwhile_is_read_before_declining(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = Desk(world)
                decline = desk.proposals.decline
                await desk.proposals.propose(ADA, reason=WHY, by=LEAD)
                old = await desk.seen(ADA)
                await desk.proposals.propose(ADA, reason="worse", by=REVIEWER)
                late = await decline(ADA, seen=old, reason="no", by=OFFICER)
                mute = await decline(ADA, seen=old + 1, reason="", by=OFFICER)
                done = await decline(ADA, seen=old + 1, reason="no", by=OFFICER)
                twice = await decline(ADA, seen=old + 1, reason="no", by=OFFICER)
                again = await desk.proposals.propose(ADA, reason=WHY, by=LEAD)

                assert late == (P.NEWER,)
                assert mute == (P.NO_REASON,)
                assert done == again == ()
                assert twice == (P.SETTLED,)
                declined = ProposalOutcome.DECLINED
                assert desk.settled() == [(ADA, declined, 2, OFFICER.id)]
                assert await desk.proposals.count(OFFICER) == 1

        run_virtual(story, starts=NINE)

    def test_what_can_not_be_proposed_is_not(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = Desk(world)
                propose = desk.proposals.propose
                await world.controller.suspend(BO, by="test")
                refused = [
                    await propose(BO, reason=WHY, by=LEAD),
                    await propose(ADA, reason="", by=LEAD),
                    await propose(ADA, reason="x" * 501, by=LEAD),
                ]
                for unknown in ("E0", "V1"):
                    with pytest.raises(InputError):
                        await propose(PersonId(unknown), reason=WHY, by=LEAD)
                many = [
                    await propose(ADA, reason=f"{n}", by=LEAD)
                    for n in range(MOST_OPEN + 1)
                ]
                state = await desk.acts.outlook(ADA, Deed.FREEZE, OFFICER)

                assert refused == [(P.NOT_NOW,), (P.NO_REASON,), (P.TOO_LONG,)]
                assert many == [()] * MOST_OPEN + [(P.ENOUGH,)]
                assert state.person.state is PersonState.ACTIVE  # until decided

        run_virtual(story, starts=NINE)
