"""Every command that must not be obeyed, on the links that doors really use.

Whoever says them here has the office's own certificate: the broker lets them pass, so
only the door's own judgement stands between them and the lock.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import count
from operator import itemgetter
from pathlib import Path

import pytest

from domain.agent_events import CommandReceived, CommandRefused
from domain.commands import Command, CommandRefusal, StartLockdown, UnlockDoor
from domain.door_events import LockReleased
from domain.ids import CommandId
from tests.torture.small import ARCHIVE, LAB, SmallSite, play, play_for_real
from wire import frame, json_v1, topics
from wire.envelope import Signed, sign
from wire.keys import load_door
from wire.link import Link
from wire.sealing import SigningKey

R = CommandRefusal
EARLY = timedelta(seconds=30)  # so far ahead of a door's clock an office may be
_NONCES = count(1)

pytestmark = pytest.mark.torture


@dataclass(frozen=True, slots=True)
class Bad:
    name: str
    why: CommandRefusal
    payload: bytes


def unlock(site: SmallSite, **changes: object) -> Command:
    now, number = site.clock.now(), next(_NONCES)
    plain = Command(
        id=CommandId(f"bad-{number}"),
        door=ARCHIVE,
        issued_at=now,
        expires_at=now + timedelta(seconds=30),
        nonce=f"{number:032x}",
        issued_by="nobody",
        order=UnlockDoor("delivery"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def packed(site: SmallSite, document: bytes, key: SigningKey | None = None) -> bytes:
    return frame.pack([sign(key or site.keys.sign, document)])


def spoilt(site: SmallSite, spoil: Callable[[bytes], bytes]) -> bytes:
    """A command that is sound, and then isn't."""
    return spoil(packed(site, json_v1.to_bytes(unlock(site))))


def bad_commands(site: SmallSite) -> list[Bad]:
    now = site.clock.now()
    second, minute = timedelta(seconds=1), timedelta(minutes=1)

    def signed(command: Command, key: SigningKey | None = None) -> bytes:
        return packed(site, json_v1.to_bytes(command), key)

    good = json_v1.to_bytes(unlock(site))
    own = load_door(site.keys.folder / "doors" / ARCHIVE).sign
    length = len(packed(site, good))
    return [
        Bad("expired", R.EXPIRED, signed(unlock(site, expires_at=now - second))),
        Bad("early", R.EARLY, signed(unlock(site, issued_at=now + minute))),
        Bad("another door's", R.FOREIGN, signed(unlock(site, door=LAB))),
        Bad("not signed", R.UNSIGNED, frame.pack([Signed(good, bytes(64))])),
        Bad(
            "signed by somebody",
            R.UNSIGNED,
            signed(unlock(site), SigningKey(b"Z" * 32)),
        ),
        Bad("signed by the door itself", R.UNSIGNED, signed(unlock(site), own)),
        Bad(
            "another's signature",
            R.UNSIGNED,
            frame.pack([Signed(good, site.keys.sign.sign(good + b" "))]),
        ),
        Bad(
            "a bit flipped",
            R.UNSIGNED,
            spoilt(site, lambda b: b[:-9] + bytes([b[-9] ^ 1]) + b[-8:]),
        ),
        *(
            Bad(f"cut at {at}", R.MALFORMED, spoilt(site, itemgetter(slice(at))))
            for at in range(1, length, 23)
        ),
        Bad("longer", R.MALFORMED, spoilt(site, lambda b: b + b"\0")),
        Bad("no frame", R.MALFORMED, b"open, please"),
        Bad("bare JSON", R.MALFORMED, good),
        Bad("noise", R.MALFORMED, bytes(range(256)) * 800),
        Bad("two at once", R.MALFORMED, frame.pack([sign(site.keys.sign, good)] * 2)),
        Bad("signed, no command", R.MALFORMED, packed(site, b'{"v":1}')),
        Bad("signed, no JSON", R.MALFORMED, packed(site, b"\xff\xfe")),
        Bad(
            "an order nobody knows",
            R.MALFORMED,
            packed(site, good.replace(b"unlock_door", b"open_sesame")),
        ),
        Bad(
            "no nonce",
            R.MALFORMED,
            packed(site, good.replace(b'"nonce"', b'"nonsense"')),
        ),
    ]


@asynccontextmanager
async def speaking(site: SmallSite) -> AsyncIterator[Link]:
    link = site.network.office_link(client_id="somebody-else")
    running = asyncio.create_task(link.run())
    try:
        await link.wait_connected()
        yield link
    finally:
        running.cancel()
        await asyncio.wait([running])


async def refusals(site: SmallSite, so_many: int, *, within: float = 20) -> list[str]:
    """Why the door refused so far, once there are so many."""
    async with asyncio.timeout(within):
        # Another task's list: there is nothing to wait on.
        while len(site.of(CommandRefused, ARCHIVE)) < so_many:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return [e.reason for e in site.of(CommandRefused, ARCHIVE)]


async def retained(site: SmallSite, link: Link, before: int) -> list[str]:
    """A command that lies at the broker, and has become valid, when the door comes
    back; why it was refused, each time that it came."""
    topic = topics.commands(site.simulated.site.id, ARCHIVE)
    now = site.clock.now()
    early = now + EARLY + timedelta(seconds=1)
    lying = unlock(site, issued_at=early, expires_at=now + 4 * EARLY)
    await link.publish(topic, packed(site, json_v1.to_bytes(lying)), retain=True)
    await refusals(site, before + 1)
    await asyncio.sleep(2)
    site.network.cut(ARCHIVE)
    await asyncio.sleep(0.1)
    site.network.restore(ARCHIVE)
    await refusals(site, before + 2)
    await link.publish(topic, b"", retain=True)  # it lies there no more
    told = (await refusals(site, before + 3))[before:]
    assert told == [R.EARLY, R.RETAINED, R.MALFORMED]
    return told


async def nothing_bad_is_obeyed(site: SmallSite) -> None:
    topic = topics.commands(site.simulated.site.id, ARCHIVE)
    expected: list[str] = []
    releases = site.releases(ARCHIVE)
    async with speaking(site) as link:
        for bad in bad_commands(site):
            await link.publish(topic, bad.payload)
            expected.append(bad.why)
            told = await refusals(site, len(expected))
            assert told[-1] == bad.why, bad.name
            assert len(told) == len(expected), bad.name
        expected += await retained(site, link, len(expected))

        # A good one is obeyed once, however often it is said.
        sound = unlock(site, order=StartLockdown("drill"))
        for _ in range(4):
            await link.publish(topic, packed(site, json_v1.to_bytes(sound)))
        told = await refusals(site, len(expected) + 3)
        assert told[len(expected) :] == [R.REPEATED] * 3
        assert [e.command for e in site.of(CommandReceived, ARCHIVE)] == [sound.id]

        assert site.releases(ARCHIVE) == releases
        assert site.of(LockReleased, ARCHIVE) == []
        assert site.alarms(ARCHIVE).count("command.refused") == len(told)

        # And what would have opened does open, so that all of this proves something.
        opening = packed(site, json_v1.to_bytes(unlock(site)))
        await link.publish(topic, opening)
        async with asyncio.timeout(10):
            while not site.of(LockReleased, ARCHIVE):  # noqa: ASYNC110  as above
                await asyncio.sleep(0.05)
        assert site.of(LockReleased, ARCHIVE)[0].cause == "command"


def test_bad_commands_open_nothing_and_are_recorded_in_memory(tmp_path: Path) -> None:
    play(tmp_path, nothing_bad_is_obeyed)


def test_bad_commands_open_nothing_and_are_recorded_on_a_real_broker(
    tmp_path: Path,
) -> None:
    play_for_real(tmp_path, nothing_bad_is_obeyed)


def test_a_command_that_waited_for_the_door_is_too_old_when_it_comes(
    tmp_path: Path,
) -> None:
    """The session is persistent: what was sent while the door was away comes later."""

    async def story(site: SmallSite) -> None:
        topic = topics.commands(site.simulated.site.id, ARCHIVE)
        async with speaking(site) as link:
            await site.simulated.cut_power(ARCHIVE)
            await link.publish(topic, packed(site, json_v1.to_bytes(unlock(site))))
            await asyncio.sleep(40)
            await site.simulated.restore_power(ARCHIVE)
            await asyncio.sleep(30)

        assert [e.reason for e in site.of(CommandRefused, ARCHIVE)] == [R.EXPIRED]
        assert site.of(LockReleased, ARCHIVE) == []

    play(tmp_path, story)


def test_refusals_reach_the_office(tmp_path: Path) -> None:
    async def story(site: SmallSite) -> None:
        topic = topics.commands(site.simulated.site.id, ARCHIVE)
        async with speaking(site) as link:
            for bad in bad_commands(site)[1:4]:
                await link.publish(topic, bad.payload)
            await asyncio.sleep(5)

        assert len(site.of(CommandRefused, ARCHIVE)) == 3
        assert site.differences(ARCHIVE) == []

    play(tmp_path, story)
