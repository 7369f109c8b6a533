"""The link over the default broker, the NATS server."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.broker import NatsBroker
from tests.contract.link_suite import LAB, SITE, STORE, LinkContract, running, until
from tests.integration.broker_site import BrokerSite, demand, make_keys, serving
from tests.integration.tls_suite import TlsContract
from wire import topics
from wire.keys import load_site, revoke_door


@pytest.fixture
def own_keys(tmp_path: Path) -> Path:
    return make_keys(tmp_path / "keys").folder


@pytest.fixture
async def site(tmp_path: Path, own_keys: Path) -> AsyncIterator[BrokerSite]:
    demand("nats-server")
    keys = load_site(own_keys)
    broker = NatsBroker(tmp_path / "broker", keys, ack_wait=1)
    async with serving(broker, keys, refuses_subscriptions=True) as serving_site:
        yield serving_site


class TestNatsLink(LinkContract):
    """The whole suite of links."""


class TestNatsTls(TlsContract):
    """Who is let in."""

    async def test_withdrawing_one_door_cuts_it_off_and_disturbs_no_other(
        self, site: BrokerSite, own_keys: Path
    ) -> None:
        door, other = site.link("store"), site.link("lab")
        async with running(door), running(other):
            changes = other.changes()
            assert await anext(changes)
            revoke_door(own_keys, STORE)
            site.broker.keys = load_site(own_keys)
            site.broker.reload()
            await until(door, connected=False)
            await other.publish(topics.events(SITE, LAB), b"still here")

        assert await anext(changes) is False  # only now that it left by itself
