"""The displays of an agent, beside its doors.

A display is for people to read; a door that can't show its own goes on deciding.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import tzinfo

from config.schema import Site
from domain.clock import Clock
from domain.ids import DoorId
from edge_agent.agent import Agent
from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.scene import Place
from edge_agent.display.server import DisplayServer


def ports_of(site: Site, agent: Agent) -> Mapping[DoorId, int]:
    """The doors of `agent` that have a display in the site file, and its port."""
    doors = (site.doors[door] for door in agent.doors)
    return {d.id: d.display.port for d in doors if d.display is not None}


def display_of(site: Site, agent: Agent, door: DoorId, clock: Clock) -> DoorDisplay:
    """The display of a door, which from now on listens to it."""
    tz: tzinfo = site.tz
    place = Place(door=site.doors[door], zone=site.zone_of(door), tz=tz)
    display = DoorDisplay(place, agent.doors[door].loop, clock)
    agent.listen(display.hear)
    return display


async def run_displays(
    site: Site,
    agent: Agent,
    clock: Clock,
    *,
    ports: Mapping[DoorId, int],
    started: Callable[[DoorId, int], None] = lambda door, port: None,
) -> None:
    """Serve the display of each door in `ports` until cancelled. `started` hears the
    port of each, also where it was 0."""
    async with asyncio.TaskGroup() as group:
        for door, port in ports.items():
            display = display_of(site, agent, door, clock)
            server = DisplayServer(display, port=port)
            group.create_task(server.run(lambda p, d=door: started(d, p)))  # type: ignore[misc]  # mypy 9736
