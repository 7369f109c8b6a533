"""`menshen site check`."""

from pathlib import Path

import pytest

from config.cli import main
from config.load import load_site
from hardware.loader import options_of
from tests.unit.config.sites import SOUND, changed

SITES = sorted(Path("config/sites").glob("*.toml"))


@pytest.mark.parametrize("file", SITES, ids=lambda file: file.name)
def test_every_site_that_is_shipped_is_sound(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["site", "check", str(file)])

    told = capsys.readouterr()
    assert (status, told.err) == (0, "")
    assert told.out.startswith(f"ok: {file}: ")


@pytest.mark.parametrize("file", SITES, ids=lambda file: file.name)
def test_every_driver_of_a_shipped_site_knows_its_options(file: Path) -> None:
    devices = [
        device
        for door in load_site(file).doors.values()
        for device in door.devices.values()
    ]

    wrong = {
        device.id: unknown or missing
        for device in devices
        for options in [options_of(device.driver)]
        for unknown in [set(device.options) - set(options)]
        for missing in [
            {
                name
                for name, option in options.items()
                if option.default is option.empty and name not in device.options
            }
        ]
        if unknown or missing
    }
    assert wrong == {}


def test_every_problem_of_every_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, worse = tmp_path / "bad.toml", tmp_path / "worse.toml"
    bad.write_text(changed("break_glass = true\n", ""), "utf-8")
    worse.write_text(changed("pin = 22", "pin = 17").replace('"core"', '"c"'), "utf-8")

    assert main(["site", "check", str(bad), str(worse)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines[1] == f"{bad}: 1 problem"
    assert lines[2].startswith(f"{worse}:")


def test_a_sound_file_beside_a_bad_one_is_still_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, gone = tmp_path / "good.toml", tmp_path / "gone.toml"
    good.write_text(SOUND, "utf-8")

    assert main(["site", "check", str(gone), str(good)]) == 1
    told = capsys.readouterr()
    assert "cannot be read" in told.err
    assert told.out == (
        f"ok: {good}: 2 zones, 2 doors, 2 agents, 16 devices (0 simulated), 1 person\n"
    )


@pytest.mark.parametrize("argv", [["site"], ["site", "check"], ["site", "verify", "x"]])
def test_a_misused_command_says_how_to_use_it(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    assert "usage: menshen site" in capsys.readouterr().err
