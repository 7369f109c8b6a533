"""A console in the middle of a review of the example site's grants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from controller.services.review import Reviews
from controller.services.review_watch import look
from controller.store.reviews import StoredItem
from domain.ids import GrantId, PersonId, ZoneId
from domain.operators import Operator
from domain.review import ReviewAct
from tests.alarms import Register
from tests.peopled import peopled
from tests.web_site import Served, SetClock

ROUND: Final = "2026-H2"


class Reviewing:
    """The round that `tests.boards.NOW` lies in."""

    def __init__(self, address: Served, register: Register, clock: SetClock) -> None:
        self.address = address
        self.register = register
        self.clock = clock
        self.reviews = Reviews(register.office)

    async def look(self) -> None:
        """What the clock does by itself."""
        await self.register.office.act(partial(look, office=self.register.office))

    async def items(self, zone: str) -> list[StoredItem]:
        sheet = await self.reviews.one(ROUND)
        [found] = [z for z in sheet.zones if z.zone == zone]
        return [row.item for row in found.rows]

    async def grant(self, person: PersonId, zone: ZoneId) -> GrantId:
        [item] = [i for i in await self.items(zone) if i.person == person]
        return item.grant

    async def decide(self, item: StoredItem, what: ReviewAct, by: str) -> None:
        [operator] = [o for o in await self.operators() if o.id == by]
        problems = await self.reviews.decide(ROUND, item.grant, what, by=operator)
        assert problems == ()

    async def operators(self) -> tuple[Operator, ...]:
        return await self.address.gate.operators.all()


@asynccontextmanager
async def reviewing(
    *accounts: Operator, clock: SetClock | None = None
) -> AsyncIterator[Reviewing]:
    clock = clock or SetClock()
    async with peopled(*accounts, clock=clock) as (address, register):
        it = Reviewing(address, register, clock)
        await it.look()
        yield it
