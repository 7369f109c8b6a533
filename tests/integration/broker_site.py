"""A site with a real broker, for the suite of link tests."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import InputError
from domain.ids import CONTROLLER
from simulators.broker import BrokerProcess, find_mosquitto
from simulators.network import Cable
from tests.contract.link_suite import LAB, SITE, STORE
from wire.broker_binary import find_broker
from wire.keys import ClientFiles, SiteKeys, add_door, init_site, load_door, load_site
from wire.link import Backoff, Will
from wire.mqtt_link import Endpoint, MqttLink, tls_context

NOW = datetime.now(UTC)  # certificates are checked against the real clock


def make_keys(folder: Path) -> SiteKeys:
    """Keys of the site with the doors `lab` and `store`."""
    init_site(folder, SITE, now=NOW, random_bytes=secrets.token_bytes)
    for door in (LAB, STORE):
        add_door(folder, door, now=NOW, random_bytes=secrets.token_bytes)
    return load_site(folder)


def client_files(keys: SiteKeys, name: str) -> ClientFiles:
    if name == CONTROLLER:
        return keys.client
    return load_door(keys.folder / "doors" / name).client


def client_id(keys: SiteKeys, name: str) -> str:
    if name == CONTROLLER:
        return keys.client_id
    return load_door(keys.folder / "doors" / name).client_id


class BrokerSite:
    """Each name's links go through a cable of its own, which can be cut."""

    def __init__(
        self, broker: BrokerProcess, keys: SiteKeys, *, refuses_subscriptions: bool
    ) -> None:
        self.broker = broker
        self.keys = keys
        self.refuses_subscriptions = refuses_subscriptions
        self.attempts = asyncio.Semaphore(0)
        names = (CONTROLLER, LAB, STORE)
        self._cables: dict[str, Cable] = {
            n: Cable(broker.host, broker.port) for n in names
        }

    def link(self, name: str, *, will: Will | None = None, of: str = "") -> MqttLink:
        cable = self._cables[name]
        return MqttLink(
            [Endpoint(cable.host, cable.port)],
            client_id=client_id(self.keys, of or name),
            tls=tls_context(client_files(self.keys, name)),
            backoff=Backoff(self._back_off, first=0.02, cap=0.2),
            will=will,
        )

    def cut(self, name: str) -> None:
        self._cables[name].cut()

    def restore(self, name: str) -> None:
        self._cables[name].restore()

    async def kill(self) -> None:
        await self.broker.kill()

    async def start(self) -> None:
        await self.broker.start()

    def _back_off(self) -> float:
        self.attempts.release()
        return 0.0

    async def __aenter__(self) -> "BrokerSite":
        await self.broker.start()
        for cable in self._cables.values():
            await cable.plug_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        for cable in self._cables.values():
            await cable.unplug()
        await self.broker.stop()


@asynccontextmanager
async def serving(
    broker: BrokerProcess, keys: SiteKeys, *, refuses_subscriptions: bool
) -> AsyncIterator[BrokerSite]:
    async with BrokerSite(
        broker, keys, refuses_subscriptions=refuses_subscriptions
    ) as site:
        yield site


def demand(what: str) -> None:
    """Skip where this machine may lack the broker; otherwise say what to install."""
    try:
        find_mosquitto() if what == "mosquitto" else find_broker()
    except InputError as missing:
        if "MENSHEN_ALLOW_MISSING" in os.environ:
            pytest.skip(str(missing))
        raise
