"""The command line beside a running controller, on one database, in real time."""

import asyncio
import io
from pathlib import Path

import pytest

from config.load import load_site
from controller.cli import main
from domain.agent_events import RosterApplied
from domain.errors import InputError
from domain.ids import DoorId, PersonId
from domain.people import PersonState
from tests.offices import World, keys_of, office
from wire.clock import SystemClock

EXAMPLE = load_site(Path("config/sites/example.toml"))
ENGINEER, LAB = PersonId("E1001"), DoorId("rd_lab")


async def menshen(world: World, folder: Path, *arguments: str) -> int:
    """The exit code of `menshen controller …`, run in a thread of its own."""
    keys = keys_of(world.site.id, *world.site.doors)
    places = ("--keys", str(keys.folder), "--data", str(folder))
    return await asyncio.to_thread(main, ["controller", *arguments, *places])


async def test_what_the_command_line_does_reaches_the_doors(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    database = f"sqlite:///{tmp_path / 'controller.db'}"
    async with office(
        database,
        SystemClock(),
        plan=EXAMPLE,
        people=EXAMPLE.people.values(),
        watch_every=0.1,
    ) as world:
        async with asyncio.timeout(20):
            await world.until(
                lambda: len(world.events(RosterApplied)) >= len(world.doors)
            )
        monkeypatch.setattr("sys.stdin", io.StringIO("04A1B2C3\n"))
        enrolled = await menshen(world, tmp_path, "enrol", ENGINEER, "badge")
        revoked = await menshen(world, tmp_path, "revoke", ENGINEER, LAB)
        unlocked = await menshen(world, tmp_path, "unlock", LAB, "--reason", "help")
        left = await menshen(world, tmp_path, "leave", ENGINEER)
        seen = world.doors[LAB].rosters[-1].entry_of(ENGINEER)
        listed = await menshen(world, tmp_path, "people", "--language", "en")
        told = capsys.readouterr().out

    assert (enrolled, revoked, unlocked, left, listed) == (0,) * 5
    assert "rd_lab: confirmed at" in told
    assert "04A1B2C3" not in told
    assert seen is not None
    assert seen.person.state is PersonState.LEFT


def test_without_a_register_why_answers_from_the_site_file(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["why", ENGINEER, LAB, "--language", "en"])

    told = capsys.readouterr().out
    assert code == 0
    assert "two_person.waiting" in told
    assert "(G6.1.2-3)" in told


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(InputError, match="needs a time zone"):
        main(["why", ENGINEER, LAB, "--at", "2026-11-23T08:00"])
