"""Who is let in by a real broker at all. Run on NATS and Mosquitto."""

import asyncio
import secrets
import socket
import ssl
import warnings
from pathlib import Path

import pytest

from tests.contract.link_suite import (
    EVENTS,
    LAB,
    SITE,
    STORE,
    running,
    take_done,
    until,
)
from tests.integration.broker_site import NOW, BrokerSite, make_keys
from wire import topics
from wire.keys import ClientFiles, add_door, load_door, load_site, revoke_door
from wire.link import Backoff
from wire.mqtt_link import Endpoint, MqttLink, tls_context

# CONNECT of an MQTT 3.1.1 client called "x" (MQTT 3.1.1, 3.1).
_CONNECT = bytes.fromhex("10 0d 0004 4d515454 04 02 003c 0001 78")
_SOON = 5.0  # seconds


def _speak(sock: socket.socket) -> bytes:
    """What the broker answers to a CONNECT; empty if it hangs up."""
    sock.settimeout(_SOON)
    try:
        sock.sendall(_CONNECT)
        return sock.recv(64)
    except (ConnectionError, ssl.SSLError):
        return b""


def _accepted(answer: bytes) -> bool:
    return answer[:1] == b"\x20" and answer[3:4] == b"\x00"  # CONNACK, code 0


def _dial(site: BrokerSite) -> socket.socket:
    return socket.create_connection((site.broker.host, site.broker.port), timeout=_SOON)


def _handshake(site: BrokerSite, context: ssl.SSLContext) -> bytes:
    with (
        _dial(site) as raw,
        context.wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        return _speak(tls)


async def _problem_of(site: BrokerSite, files: ClientFiles, name: str) -> str:
    """Why a link with these certificates does not get connected."""
    tried = asyncio.Semaphore(0)

    def back_off() -> float:
        tried.release()
        return 0.0

    link = MqttLink(
        [Endpoint(site.broker.host, site.broker.port)],
        client_id=name,
        tls=tls_context(files),
        backoff=Backoff(back_off, first=0.01, cap=0.01),
    )
    task = asyncio.create_task(link.run())
    async with asyncio.timeout(_SOON):
        await tried.acquire()
        await tried.acquire()
    problem = link.state.problem
    task.cancel()

    assert not link.connected
    return str(problem)


async def _speak_with(site: BrokerSite, stolen: Path) -> None:
    """Say an event with a withdrawn certificate. NATS does not let it in at all;
    Mosquitto does, and grants it nothing."""
    door = load_door(stolen)
    thief = MqttLink(
        [Endpoint(site.broker.host, site.broker.port)],
        client_id=door.client_id,
        tls=tls_context(door.client),
        backoff=Backoff(lambda: 0.0, first=0.01, cap=0.01),
    )
    if site.refuses_subscriptions:
        assert await _problem_of(site, door.client, door.client_id)
        return
    async with running(thief):
        await thief.publish(topics.events(SITE, STORE), b"stolen")


class TlsContract:
    async def test_plaintext_gets_no_answer(self, site: BrokerSite) -> None:
        with _dial(site) as raw:
            answer = await asyncio.to_thread(_speak, raw)

        assert not _accepted(answer)

    async def test_a_client_without_a_certificate_is_refused(
        self, site: BrokerSite
    ) -> None:
        context = ssl.create_default_context(
            cafile=str(site.keys.folder / "authority.pem")
        )
        answer = await asyncio.to_thread(_handshake, site, context)

        assert not _accepted(answer)

    async def test_our_own_client_is_let_in_by_the_same_bytes(
        self, site: BrokerSite
    ) -> None:
        """So that the refusals above prove something."""
        door = load_door(site.keys.folder / "doors" / LAB)
        answer = await asyncio.to_thread(_handshake, site, tls_context(door.client))

        assert _accepted(answer)

    async def test_tls_1_1_is_refused(self, site: BrokerSite) -> None:
        door = load_door(site.keys.folder / "doors" / LAB)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(door.client.authority)
        context.load_cert_chain(door.client.certificate, door.client.key)
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1

        with pytest.raises((ssl.SSLError, ConnectionError)) as refused:
            await asyncio.to_thread(_handshake, site, context)
        assert "NO_PROTOCOLS" not in str(refused.value)  # the server said no, not we

    async def test_a_certificate_of_another_authority_is_refused(
        self, site: BrokerSite, tmp_path: Path
    ) -> None:
        foreign = make_keys(tmp_path / "foreign")
        theirs = load_door(foreign.folder / "doors" / LAB).client
        files = ClientFiles(
            certificate=theirs.certificate,
            key=theirs.key,
            authority=site.keys.client.authority,
        )

        assert await _problem_of(site, files, "lab")

    async def test_a_broker_of_another_authority_is_not_trusted(
        self, site: BrokerSite, tmp_path: Path
    ) -> None:
        foreign = make_keys(tmp_path / "foreign")
        ours = load_door(site.keys.folder / "doors" / LAB).client
        files = ClientFiles(
            certificate=ours.certificate,
            key=ours.key,
            authority=foreign.client.authority,
        )

        assert "CERTIFICATE_VERIFY_FAILED" in await _problem_of(site, files, "lab")

    async def test_a_withdrawn_certificate_stays_useless_after_a_new_one(
        self, site: BrokerSite, own_keys: Path
    ) -> None:
        stolen = own_keys / "doors" / STORE
        stolen = stolen.rename(own_keys / "stolen")
        revoke_door(own_keys, STORE)
        add_door(own_keys, STORE, now=NOW, random_bytes=secrets.token_bytes)
        site.keys = site.broker.keys = load_site(own_keys)
        await site.broker.stop()
        await site.broker.start()

        office = site.link("controller")
        await office.subscribe(EVENTS)
        async with running(office), running(site.link("store")) as genuine:
            await _speak_with(site, stolen)
            await genuine.publish(topics.events(SITE, STORE), b"genuine")
            message = await take_done(office.messages())

        assert message.payload == b"genuine"

    async def test_a_second_endpoint_is_tried_when_the_first_is_dead(
        self, site: BrokerSite
    ) -> None:
        door = load_door(site.keys.folder / "doors" / LAB)
        link = MqttLink(
            [Endpoint("127.0.0.1", 1), Endpoint("localhost", site.broker.port)],
            client_id=door.client_id,
            tls=tls_context(door.client),
            backoff=Backoff(lambda: 0.0, first=0.01, cap=0.01),
        )
        await link.subscribe(topics.ack(SITE, LAB))
        office = site.link("controller")
        async with running(office), running(link):
            await until(link, connected=True)
            await office.publish(topics.ack(SITE, LAB), b"here")
            message = await take_done(link.messages())

        assert message.payload == b"here"
