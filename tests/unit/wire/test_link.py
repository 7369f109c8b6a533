"""Backing off, watching a link, and knocking for ever at a door that is shut."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError, InputError, LinkDown
from simulators.broker import free_port
from wire.keys import ClientFiles
from wire.link import Backoff
from wire.mqtt_link import Endpoint, MqttLink, tls_context
from wire.watched_state import WatchedState

ATTEMPTS = 50  # far beyond the cap of the waits


def test_waits_double_up_to_a_cap_and_never_end() -> None:
    backoff = Backoff(lambda: 1.0, first=0.25, cap=30.0)
    waits = [backoff.next() for _ in range(10_000)]

    assert waits[:8] == [0.25, 0.5, 1, 2, 4, 8, 16, 30]
    assert set(waits[8:]) == {30.0}
    backoff.reset()
    assert backoff.next() == 0.25


@given(random=st.floats(0, 1, exclude_max=True), times=st.integers(1, 50))
def test_a_wait_is_at_least_half_and_at_most_the_whole(
    random: float, times: int
) -> None:
    backoff, whole = Backoff(lambda: random), Backoff(lambda: 1.0)
    for _ in range(times):
        wait, most = backoff.next(), whole.next()
        assert most / 2 <= wait <= most


async def test_it_knocks_for_ever_and_says_why_it_is_not_let_in() -> None:
    tried = asyncio.Semaphore(0)

    def random() -> float:
        tried.release()
        return 0.0

    shut = [Endpoint("127.0.0.1", free_port()), Endpoint("127.0.0.1", free_port())]
    link = MqttLink(
        shut,
        client_id="lab",
        tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        backoff=Backoff(random, first=0.0001, cap=0.0001),
    )
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(60):
        for _ in range(ATTEMPTS):
            await tried.acquire()

    assert link.state.failures >= ATTEMPTS
    assert not link.connected
    assert "refused" in str(link.state.problem)
    with pytest.raises(LinkDown, match="refused"):
        await link.publish("menshen/v1/s/lab/events", b"")
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_every_change_reaches_every_watcher_in_order() -> None:
    state = WatchedState()
    first, second = state.changes(), state.changes()
    assert [await anext(first), await anext(second)] == [False, False]
    state.failed("refused")
    state.failed("refused again")
    state.connected()
    state.failed("lost")
    state.connected()

    assert [await anext(first) for _ in range(3)] == [True, False, True]
    assert [await anext(second) for _ in range(3)] == [True, False, True]


def test_a_link_needs_somewhere_to_go() -> None:
    with pytest.raises(CallerError):
        MqttLink(
            [],
            client_id="lab",
            tls=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            backoff=Backoff(lambda: 0.0),
        )


def test_unusable_certificates_are_named(tmp_path: Path) -> None:
    missing = tmp_path / "client.pem"
    files = ClientFiles(certificate=missing, key=missing, authority=missing)

    with pytest.raises(InputError, match=r"client\.pem"):
        tls_context(files)
