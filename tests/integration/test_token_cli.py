"""`menshen token …`: made, listed and revoked beside a running controller."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.load import load_site
from controller.cli import main
from domain.errors import InputError
from tests.offices import keys_of
from wire.clock import SystemClock

EXAMPLE = load_site(Path("config/sites/example.toml"))
YEAR = "2099-01-01T00:00+08:00"


def menshen(folder: Path, *arguments: str) -> int:
    keys = keys_of(EXAMPLE.id, *EXAMPLE.doors)
    return main([*arguments, "--keys", str(keys.folder), "--data", str(folder)])


def until(days: int) -> str:
    return (SystemClock().now() + timedelta(days=days)).isoformat()


def test_a_token_is_printed_once_and_listed_without_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    end = until(30)
    scopes = ("--scopes", "people.leave,changes.read", "visits.read")
    menshen(tmp_path, "token", "add", "hr", *scopes, "--until", end)
    made = capsys.readouterr()
    menshen(tmp_path, "token", "list")
    listed = capsys.readouterr().out
    menshen(tmp_path, "token", "revoke", "hr")
    menshen(tmp_path, "token", "list")
    after = capsys.readouterr().out

    text = made.out.strip()
    assert text.startswith("menshen_")
    assert "not shown again" in made.err
    assert listed.split("\t")[:2] == ["hr", "changes.read,people.leave,visits.read"]
    assert listed.rstrip().endswith("never used\tin force")
    assert after.rstrip().endswith("revoked")
    assert text not in listed + after


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("hr", "--until", YEAR), "longer than 366 days"),
        (("HR", "--until", "2026-01-01T00:00Z"), "a letter first"),
        (("hr", "--until", "2026-01-01T00:00Z"), "ended already"),
        (("hr", "--until", "tomorrow"), "no instant"),
    ],
)
def test_a_token_that_cannot_be_is_told_why(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        menshen(tmp_path, "token", "add", *arguments, "--scopes", "people.leave")


def test_a_scope_that_is_none_is_told_with_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = menshen(
        tmp_path, "token", "add", "hr", "--until", YEAR, "--scopes", "doors.open"
    )

    assert code == 2
    assert "no scope `doors.open`" in capsys.readouterr().err
