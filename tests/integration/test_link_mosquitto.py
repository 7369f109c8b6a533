"""The link over the other broker, Mosquitto."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from simulators.broker import MosquittoBroker
from tests.contract.link_suite import LinkContract
from tests.integration.broker_site import BrokerSite, demand, make_keys, serving
from tests.integration.tls_suite import TlsContract
from wire.keys import load_site


@pytest.fixture
def own_keys(tmp_path: Path) -> Path:
    return make_keys(tmp_path / "keys").folder


@pytest.fixture
async def site(tmp_path: Path, own_keys: Path) -> AsyncIterator[BrokerSite]:
    demand("mosquitto")
    keys = load_site(own_keys)
    broker = MosquittoBroker(tmp_path / "broker", keys)
    async with serving(broker, keys, refuses_subscriptions=False) as serving_site:
        yield serving_site


class TestMosquittoLink(LinkContract):
    """The whole suite of links."""


class TestMosquittoTls(TlsContract):
    """Who is let in."""
