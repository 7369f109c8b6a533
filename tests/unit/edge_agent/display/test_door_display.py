"""The display at a door that is run by the real agent, on the virtual clock."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.commands import EndLockdown, StartLockdown
from domain.door import Phase
from domain.zones import ZoneLevel
from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.page import fragment
from edge_agent.display.picture import Mood, View
from edge_agent.display.run import display_of
from tests.builders import LI
from tests.unit.edge_agent.entrance import World, face, play

CORE, IMPORTANT, GENERAL = ZoneLevel.CORE, ZoneLevel.IMPORTANT, ZoneLevel.GENERAL
NAME: Final = "李工"


def display(world: World) -> DoorDisplay:
    return display_of(world.site, world.agent, world.door, world.clock)


def test_the_name_leaves_the_screen_after_three_seconds(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        await world.badge()
        assert NAME in fragment(shown.view())
        await asyncio.sleep(2.98)
        assert NAME in fragment(shown.view())
        await asyncio.sleep(0.01)
        assert NAME not in fragment(shown.view())
        assert shown.view().mood is Mood.GO

    play(tmp_path, GENERAL, story)


def test_a_page_that_listens_is_told_when_the_name_must_go(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown, told = display(world), [""]

        async def follow() -> None:
            async for picture in shown.pictures():
                told[0] = fragment(picture)

        following = asyncio.create_task(follow())
        await world.badge()
        await asyncio.sleep(2.9)
        assert NAME in told[0]
        await asyncio.sleep(0.1)
        assert NAME not in told[0]
        following.cancel()

    play(tmp_path, GENERAL, story)


def test_a_core_door_leads_from_the_finger_to_the_door(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown, headlines = display(world), []

        def note() -> None:
            headlines.append(shown.view().headline.zh)

        note()
        await world.lay_finger()
        note()
        world.here.camera.show(face(LI))
        await asyncio.sleep(1)
        note()
        await world.key_in("0#")
        note()
        await world.pass_door()
        note()

        assert headlines == ["区 core", "请看镜头", "请申报设备", "请进", "区 core"]

    play(tmp_path, CORE, story)


def test_duress_looks_like_any_other_entry(tmp_path: Path) -> None:
    pictures: dict[bool, list[str]] = {}
    for duress in (False, True):

        async def story(world: World, duress: bool = duress) -> None:
            shown, seen = display(world), []
            await world.lay_finger(duress=duress)
            seen.append(fragment(shown.view()))
            world.here.camera.show(face(LI))
            await asyncio.sleep(1)
            await world.key_in("0#")
            seen.append(fragment(shown.view()))
            await asyncio.sleep(4)
            seen.append(fragment(shown.view()))
            assert ("person.duress" in world.alarms) is duress
            pictures[duress] = seen

        play(tmp_path / str(duress), CORE, story)

    assert pictures[True] == pictures[False]


def test_lockdown_and_its_end_are_shown(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        await world.order(StartLockdown(reason="drill"))
        assert shown.view().mood is Mood.LOCKDOWN
        await world.badge()
        assert shown.view().mood is Mood.LOCKDOWN
        await world.order(EndLockdown(reason="over"))
        assert shown.view().mood is not Mood.LOCKDOWN

    play(tmp_path, GENERAL, story)


def test_a_button_pressed_inside_shows_that_somebody_comes_out(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        world.here.exit_button.set(active=True)
        await world.calm()
        assert (world.agent.doors[world.door].loop.phase) is Phase.RELEASED
        assert shown.view().headline.zh == "有人出门"

    play(tmp_path, GENERAL, story)


def test_a_badge_at_the_exit_names_nobody_outside(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        await world.badge(out=True)
        assert NAME not in fragment(shown.view())

    play(tmp_path, IMPORTANT, story)


def test_a_display_that_fails_stops_no_door(tmp_path: Path) -> None:
    """What listens to a door only takes note; pictures are made elsewhere."""

    async def story(world: World) -> None:
        shown = display(world)
        broken: Callable[[], View] = lambda: 1 / 0  # type: ignore[assignment,return-value]  # noqa: E731  a bug
        shown.view = broken  # type: ignore[method-assign]
        await world.badge()
        assert world.here.lock.released

    play(tmp_path, GENERAL, story)


def test_a_door_without_the_office_says_so_and_goes_on(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        assert shown.view().notice is None
        world.broker.cut(f"{world.door}-1")
        await asyncio.sleep(1)
        shown.view()  # a page looks at least once a second
        await asyncio.sleep(10)
        assert shown.view().notice is not None
        await world.badge()
        assert shown.view().mood is Mood.GO

    play(tmp_path, GENERAL, story)


def test_somebody_withdrawn_is_refused_without_a_name(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        shown = display(world)
        await world.badge("nobody")
        refused = replace(shown.view(), foot=None)
        assert refused.mood is Mood.STOP
        assert NAME not in fragment(refused)

    play(tmp_path, GENERAL, story)
