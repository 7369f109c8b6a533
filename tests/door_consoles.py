"""A console over a running office of the example site, with doors worked by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from domain.ids import ZoneId
from domain.operators import OperatorRole
from tests.boards import SITE
from tests.offices import World, office
from tests.operators import PASSWORD, Gate, operator
from tests.web_site import Served, SetClock, served

# The zone of the zone owner: a core one.
OWNED = ZoneId("rd_lab")


@asynccontextmanager
async def door_console(
    folder: Path, clock: SetClock | None = None, *, beat: float = 5.0
) -> AsyncIterator[tuple[Served, World]]:
    clock = clock or SetClock()
    async with office(f"sqlite:///{folder / 'office.db'}", clock, plan=SITE) as world:
        operators = world.controller.operators
        handed = {
            role.value: await operators.add(operator(role, OWNED), PASSWORD, by="test")
            for role in OperatorRole
        }
        gate = Gate(operators, handed, clock)
        async with served(
            world.controller, gate=gate, clock=clock, beat=beat
        ) as address:
            yield address, world
