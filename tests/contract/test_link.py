"""The link made of memory keeps the promises of the real ones."""

import asyncio

import pytest

from simulators.memory_link import MemoryBroker, MemoryLink
from tests.contract.link_suite import LAB, SITE, STORE, LinkContract
from wire.broker_config import site_users
from wire.keys import user_name
from wire.link import Backoff, Will


class MemorySite:
    refuses_subscriptions = True

    def __init__(self, delay: float) -> None:
        users = site_users(SITE, [(LAB, 1), (STORE, 1)])
        self._broker = MemoryBroker(users, delay=delay)
        self.attempts = asyncio.Semaphore(0)

    def link(self, name: str, *, will: Will | None = None, of: str = "") -> MemoryLink:
        return self._broker.link(
            user_name(name, 1),
            client_id=of or name,
            will=will,
            backoff=Backoff(self._back_off, first=0.01, cap=0.02),
        )

    def _back_off(self) -> float:
        self.attempts.release()
        return 0.0

    def cut(self, name: str) -> None:
        self._broker.cut(name)

    def restore(self, name: str) -> None:
        self._broker.restore(name)

    async def kill(self) -> None:
        self._broker.kill()

    async def start(self) -> None:
        self._broker.start()


@pytest.fixture(params=[0.0, 0.001], ids=["at once", "with delay"])
def site(request: pytest.FixtureRequest) -> MemorySite:
    return MemorySite(request.param)


class TestMemoryLink(LinkContract):
    """The whole suite, in memory."""
