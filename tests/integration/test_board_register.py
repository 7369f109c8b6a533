"""From a door's signature to the operator's eye: nothing on the way is simulated
but the network."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from controller.bootstrap import Controller, build_controller
from domain.agent_events import AgentStarted
from domain.alarm_events import AlarmCode, AlarmRaised
from domain.door_events import DoorForced
from domain.events import Event
from domain.ids import DoorId
from domain.policy import Reason, Verdict
from simulators.links import MemoryNetwork
from tests.boards import NOW, SITE, denied, finding, granted
from tests.browser import chromium, sign_in
from tests.operators import gate_of
from tests.web_site import SetClock, served
from wire import frame, json_v1, topics
from wire.envelope import encode, sign
from wire.keys import DoorKeys, add_door, init_site, load_door, load_site
from wire.link import Link, Will
from wire.messages import DoorState, Status

pytestmark = pytest.mark.asyncio(loop_scope="module")

DOOR = DoorId("heat_treatment")


class SpeakingDoor:
    """A door that signs and sends what happens at it, one entry after another."""

    def __init__(self, keys: DoorKeys, link: Link) -> None:
        self._keys = keys
        self._link = link
        self._seq = 0
        self._previous = bytes(32)

    async def tell(self, *events: Event) -> None:
        documents = []
        for event in events:
            envelope = json_v1.envelope_of(
                event, seq=self._seq, previous=self._previous
            )
            document = sign(self._keys.sign, encode(envelope))
            documents.append(document)
            self._seq, self._previous = self._seq + 1, document.digest
        topic = topics.events(self._keys.site, self._keys.door)
        await self._link.publish(topic, frame.pack(documents))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as started:
        yield started


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[tuple[Controller, SpeakingDoor]]:
    """The real controller on a real database, and one door that speaks to it."""
    keys_folder = folder / "keys"
    init_site(keys_folder, SITE.id, now=NOW, random_bytes=secrets.token_bytes)
    home = add_door(keys_folder, DOOR, now=NOW, random_bytes=secrets.token_bytes)
    keys, door_keys = load_site(keys_folder), load_door(home)
    network = MemoryNetwork(keys, random=Random(1).random)  # noqa: S311 only back-off
    await network.start()
    controller = await build_controller(
        SITE,
        keys=keys,
        database=f"sqlite:///{folder / 'register.db'}",
        link=network.office_link(),
        clock=SetClock(),
        random=Random(2),  # noqa: S311 of a test's site
    )
    await controller.seed(SITE.people.values(), {}, by="test")
    topic = topics.status(SITE.id, DOOR)
    will = Will(topic, _status(DoorState.OFFLINE))
    link = await network.door_link(door_keys, will)
    tasks = [
        asyncio.create_task(controller.run()),
        asyncio.create_task(link.run()),
    ]
    try:
        await link.wait_connected()
        await link.publish(topic, _status(DoorState.ONLINE), retain=True)
        yield controller, SpeakingDoor(door_keys, link)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await network.stop()


def _status(state: DoorState) -> bytes:
    return json_v1.to_bytes(Status(state=state, at=NOW, session="1"))


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def story() -> Sequence[Event]:
    return (
        AgentStarted(
            door=DOOR, at=at(-5), version="0.1.0", simulated=True, unclean=False
        ),
        denied(
            DOOR,
            at(-3),
            "E1014",
            finding("grant.missing", Verdict.FORBID, "G2.4"),
            finding("training.lapsed", Verdict.FORBID, "G5.1.1-4", "G5.1.2-1"),
        ),
        granted(DOOR, at(-2), "E1003"),
    )


async def test_what_a_door_signs_is_seen_in_words(
    browser: Browser, tmp_path: Path
) -> None:
    context = await browser.new_context(viewport={"width": 1366, "height": 768})
    page = await context.new_page()
    async with (
        office(tmp_path) as (controller, door),
        served(controller, gate=await gate_of(controller.operators)) as address,
    ):
        await sign_in(page, address)
        await expect(page.locator("#live")).to_have_text("实时")

        await door.tell(*story())

        refused = page.locator(".ev--denied")
        await expect(refused).to_contain_text("朱琳 拒绝")
        await expect(refused).to_contain_text("没有本区域的授权 G2.4")
        await expect(refused).to_contain_text("G5.1.1-4 G5.1.2-1")
        await expect(page.locator("#door-heat_treatment")).to_contain_text("王强 14:32")
        await expect(page.locator("#figures")).to_contain_text("今日拒绝 1")

        await door.tell(
            DoorForced(door=DOOR, at=at(0)),
            AlarmRaised(
                door=DOOR,
                at=at(0),
                code=Reason(AlarmCode.DOOR_FORCED),
                priority=1,
                person=None,
                device=None,
                detail="",
                silent=False,
                target=None,
            ),
        )

        await expect(page.locator("#door-heat_treatment")).to_have_class(
            re.compile("tile--forced")
        )
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await page.reload()
        await expect(page.locator("#band")).to_contain_text("门被强行打开")
        await expect(page.locator("#door-canteen")).to_contain_text("未上线")
        await context.close()
