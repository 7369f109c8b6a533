"""The demo's door displays: of every door that has one, on whatever port is free."""

import asyncio
from typing import Final

from config.schema import Site
from domain.clock import Clock
from domain.ids import DoorId
from edge_agent.display.run import ports_of, run_displays
from simulators.site import SimulatedSite

_ANY: Final = 0  # a port


async def show(
    simulated: SimulatedSite, clock: Clock, tasks: asyncio.TaskGroup
) -> list[str]:
    """Serve them among `tasks`, and say where: a table for the terminal."""
    site = simulated.site
    opened: dict[DoorId, asyncio.Future[int]] = {}
    for door in _with_displays(site):
        opened[door] = asyncio.get_running_loop().create_future()
        agent = simulated.agent_of(door)
        tasks.create_task(
            run_displays(
                site,
                agent,
                clock,
                ports={d: _ANY for d in ports_of(site, agent) if d == door},
                started=lambda d, port: opened[d].set_result(port),
            )
        )
    rows = [
        f"  http://127.0.0.1:{await port}/  {_name(site, door)}"
        for door, port in opened.items()
    ]
    return ["  at the doors", *rows] if rows else []


def _with_displays(site: Site) -> list[DoorId]:
    return [door.id for door in site.doors.values() if door.display is not None]


def _name(site: Site, door: DoorId) -> str:
    return f"{site.doors[door].name} · {site.doors[door].name_en}"
