"""`menshen edge run SITE --agent NAME --keys DIR --data DIR`: the doors of one Pi.

SIGTERM and Ctrl-C stop cleanly: every door records that it stopped, and is shut.
"""

import argparse
import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from random import SystemRandom
from typing import Final

from config.load import load_site
from config.schema import Door, Site
from domain.clock import Clock
from domain.errors import InputError
from edge_agent.bootstrap import DoorParts, build_agent
from edge_agent.clock_trust import SystemClockTrust
from edge_agent.display.run import ports_of, run_displays
from edge_agent.status import will
from hardware.loader import load_door as load_devices
from wire.clock import SystemClock
from wire.keys import load_door as load_keys
from wire.link import Backoff
from wire.mqtt_link import Endpoint, MqttLink, tls_context


def main(argv: Sequence[str]) -> int:
    """Run until told to stop; 0 after a clean stop."""
    arguments = _parser().parse_args(argv[1:])
    handler = logging.StreamHandler()
    handler.setFormatter(KeysBehind("%(asctime)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    site = load_site(arguments.site)
    return asyncio.run(
        _run(site, arguments.agent, keys=arguments.keys, data=arguments.data)
    )


class KeysBehind(logging.Formatter):
    """The event's name, then its keys: `journal.unavailable door=lab cause=…`."""

    _OURS: Final = frozenset(logging.makeLogRecord({}).__dict__) | {
        "message",
        "asctime",
    }

    def format(self, record: logging.LogRecord) -> str:
        keys = {k: v for k, v in record.__dict__.items() if k not in self._OURS}
        behind = "".join(f" {key}={value}" for key, value in sorted(keys.items()))
        return super().format(record) + behind


async def _run(site: Site, name: str | None, *, keys: Path, data: Path) -> int:
    clock, random = SystemClock(), SystemRandom()
    agent = await build_agent(
        site,
        name or _own_name(site),
        folder=data,
        clock=clock,
        clock_trust=SystemClockTrust(clock),
        parts=partial(_real_parts, site, keys, clock, random),
        random=random,
    )
    # Beside the doors, not among their tasks: it is nothing that they may stop for.
    showing = asyncio.create_task(
        run_displays(site, agent, clock, ports=ports_of(site, agent))
    )
    running = asyncio.create_task(agent.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    with suppress(asyncio.CancelledError):
        await running
    showing.cancel()
    await asyncio.gather(showing, return_exceptions=True)
    await agent.aclose()
    return 0


async def _real_parts(
    site: Site, keys: Path, clock: Clock, random: SystemRandom, door: Door
) -> DoorParts:
    """The devices that the site file names, and a link over TLS."""
    own = load_keys(keys / door.id)
    session = secrets.token_hex(8)
    link = MqttLink(
        (Endpoint(site.broker.host, site.broker.port),),
        client_id=own.client_id,
        tls=tls_context(own.client),
        backoff=Backoff(random.random),
        will=will(site.id, door.id, at=clock.now(), session=session),
    )
    devices = load_devices(door.devices)
    return DoorParts(keys=own, link=link, devices=devices, session=session)


def _own_name(site: Site) -> str:
    """The agent that this machine is: by its host name, or the only one there is."""
    names = {door.agent for door in site.doors.values()}
    host = socket.gethostname()
    if host in names:
        return host
    if len(names) == 1:
        return names.pop()
    raise InputError(
        f"this machine, `{host}`, is no agent of the site; say which with --agent: "
        + ", ".join(f"`{name}`" for name in sorted(names))
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="menshen edge", description="Run the doors of this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="run until stopped")
    run.add_argument("site", type=Path, metavar="SITE", help="the site file")
    run.add_argument("--agent", help="name of this machine in the site file")
    run.add_argument(
        "--keys", type=Path, required=True, help="folder with one folder per door"
    )
    run.add_argument(
        "--data", type=Path, required=True, help="folder for journals and rosters"
    )
    return parser
