"""A console over a register with the example site's people, and doors that answer."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy import Connection

from config.schema import PersonSpec
from controller.services import people
from controller.services.enrol import enrol_in
from controller.services.freeze_proposals import FreezeProposals
from controller.services.operators import Operators
from controller.store import envelopes, sendings
from controller.store.sendings import IssuedRoster
from domain.credentials import Credential, Factor
from domain.events import Event
from domain.ids import CredentialId, DoorId, PersonId, ZoneId
from domain.operators import Operator, OperatorRole
from tests.alarms import Register
from tests.boards import NOW, SITE
from tests.operators import PASSWORD, cheap, new_gate, operator
from tests.web_site import Served, SetClock, served

WANG, CHEN, ZHAO = map(PersonId, ("E1003", "E1005", "E1006"))
HEAT: Final = ZoneId("heat_treatment")
# Somebody new, somebody renewed, a transfer that is none of an import, no such day.
LIST: Final = f"""工号,姓名,岗位,保密培训考核至
E2001,方晓,精磨操作工,2027-03-31
{CHEN},,,2027-02-28
{WANG},,精磨操作工,
E2002,蒋涛,装配操作工,2027-02-30
"""
CARD: Final = b"the digest of a card that nobody may see"

PROPOSED: Final = (
    (OperatorRole.SHIFT_LEAD, "夜班两次在热处理车间外停留，携带未登记的相机"),
    (OperatorRole.REVIEWER, "出入记录与排班不符，见 11 月 21、22 日"),
)


def staff() -> list[PersonSpec]:
    """The example site's, one of them with a training that has ended."""
    lapsed = NOW.date() - timedelta(days=4)
    return [
        replace(spec, training_until=lapsed) if spec.id == CHEN else spec
        for spec in SITE.people.values()
    ]


def account_of(person: PersonId, role: OperatorRole, name: str) -> Operator:
    return replace(operator(role, HEAT, name), person=person)


@asynccontextmanager
async def peopled(
    *accounts: Operator,
    clock: SetClock | None = None,
    extra: Sequence[PersonSpec] = (),
) -> AsyncIterator[tuple[Served, Register]]:
    """`accounts`: operators beside those of each role."""
    clock = clock or SetClock()
    gate = await new_gate(SITE, clock)
    assert gate.office is not None
    register = Register(gate.office)
    gate.operators = Operators(register.office, cheap())
    await people.seed(register.office, [*staff(), *extra], {}, by="test")
    for person in (WANG, CHEN):
        for factor in (Factor.BADGE, Factor.FINGERPRINT):
            card = Credential(CredentialId(f"{person}.{factor}"), factor, CARD)
            card = replace(card, data=CARD + person.encode())
            await register.office.act(
                lambda act, p=person, c=card: enrol_in(  # type: ignore[misc]  # bound now
                    act, register.office, p, c, by="test"
                )
            )
    handed = {
        str(each.id): await gate.operators.add(each, PASSWORD, by="test")
        for each in accounts
    }
    gate.handed = {**gate.handed, **handed}
    try:
        async with served(register, clock=clock, gate=gate, beat=0.5) as address:
            yield address, register
    finally:
        await gate.close()


async def proposed(register: Register) -> None:
    """Two who propose to freeze the same person."""
    asked = FreezeProposals(register.office)
    for role, why in PROPOSED:
        done = await asked.propose(WANG, reason=why, by=operator(role, HEAT))
        assert done == ()


async def events(register: Register) -> list[Event]:
    """The log, latest first."""
    entries = await register.office.database.read(
        lambda c: envelopes.page(c, limit=500)
    )
    return [entry.event for entry in entries if entry.event is not None]


async def answer(register: Register, door: str, number: int = 1) -> None:
    """The door confirms a roster that carries every change so far."""

    def work(connection: Connection) -> None:
        at = register.office.clock.now()
        roster = IssuedRoster(
            door=DoorId(door),
            number=number,
            issued_at=at,
            valid_until=at + timedelta(days=7),
            people=1,
            parts=1,
            applied_at=None,
        )
        sendings.add_roster(connection, roster)
        sendings.roster_applied(connection, DoorId(door), number, at)

    await register.office.database.write(work)


def day(offset: int) -> date:
    return NOW.date() + timedelta(days=offset)
