"""Trust made by a person at the command line, and what is refused."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import InputError
from wire.cli import main
from wire.keys import load_door, load_site

SITE = str(Path(__file__).parents[3] / "config" / "sites" / "example.toml")


class Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 4, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert (
        main(["site", "init", SITE, "--keys", str(tmp_path / "k")], clock=Noon()) == 0
    )
    return tmp_path / "k"


def run(folder: Path, *words: str) -> int:
    return main(["door", *words, "--keys", str(folder)], clock=Noon())


def test_a_new_site_knows_its_doors_before_they_have_keys(folder: Path) -> None:
    config = (folder / "broker" / "nats.conf").read_text()

    assert load_site(folder).site == "example"
    assert "CN=heat_treatment,OU=1" in config
    assert "CN=meeting_room,OU=1" in config


def test_a_door_is_added_withdrawn_and_added_again(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = folder / "broker" / "nats.conf"
    run(folder, "add", SITE, "rd_lab")
    assert load_door(folder / "doors" / "rd_lab").issue == 1
    run(folder, "revoke", SITE, "rd_lab")
    assert "CN=rd_lab" not in config.read_text()
    run(folder, "add", SITE, "rd_lab")
    assert "CN=rd_lab,OU=2" in config.read_text()
    capsys.readouterr()
    run(folder, "list")

    assert capsys.readouterr().out.splitlines() == [
        "rd_lab\tissue 1\twithdrawn",
        "rd_lab\tissue 2\tin force",
    ]


def test_no_door_outside_the_site_file_gets_keys(folder: Path) -> None:
    with pytest.raises(InputError, match="no door `back_door`"):
        run(folder, "add", SITE, "back_door")


def test_a_site_is_made_once(folder: Path) -> None:
    with pytest.raises(InputError, match="never overwritten"):
        main(["site", "init", SITE, "--keys", str(folder)], clock=Noon())


def test_checking_a_site_file_is_passed_on() -> None:
    assert main(["site", "check", SITE]) == 0


def test_help_for_sites_names_all_that_can_be_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["site", "--help"])

    told = capsys.readouterr().out
    assert "check " in told
    assert "init " in told


def test_nothing_printed_shows_a_key(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(folder, "add", SITE, "archive")
    run(folder, "list")
    printed = "".join(capsys.readouterr())

    for path in folder.rglob("*.key"):
        assert path.read_text().strip() not in printed
