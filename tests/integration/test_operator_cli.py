"""`menshen operator …`: the first account, and what ends one."""

import asyncio
import base64
import io
import re
from pathlib import Path

import pytest

from config.load import load_site
from controller.cli import main
from controller.services.one_time import code_at
from controller.services.sign_in import Opened
from domain.errors import InputError
from domain.operator_events import OperatorAdded, OperatorDisabled
from tests.offices import keys_of, office
from tests.operators import PASSWORD
from wire.clock import SystemClock

EXAMPLE = load_site(Path("config/sites/example.toml"))


def menshen(folder: Path, *arguments: str) -> int:
    keys = keys_of(EXAMPLE.id, *EXAMPLE.doors)
    return main([*arguments, "--keys", str(keys.folder), "--data", str(folder)])


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n" * 3))


@pytest.mark.usefixtures("typed")
async def test_an_operator_made_on_the_command_line_signs_in_and_is_disabled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    database = f"sqlite:///{tmp_path / 'controller.db'}"
    clock = SystemClock()
    async with office(database, clock, plan=EXAMPLE, watch_every=0.05) as world:
        add = ("operator", "add", "chen.hui", "--roles", "guard", "--called", "陈辉")
        await asyncio.to_thread(menshen, tmp_path, *add)
        told = capsys.readouterr().out
        secret = re.search(r"secret=([A-Z2-7]{32})", told)
        operators = world.controller.operators
        step = await operators.sign_in.give_password("chen.hui", PASSWORD)
        assert secret is not None
        code = code_at(base64.b32decode(secret[1]), clock.now())
        opened = await operators.sign_in.give_code(str(step), code)
        assert isinstance(opened, Opened)
        session = await operators.sessions.find(opened.token, active=True)

        await asyncio.to_thread(menshen, tmp_path, "operator", "disable", "chen.hui")
        after = await operators.sessions.find(opened.token, active=True)
        async with asyncio.timeout(5):
            await world.until(lambda: bool(world.events(OperatorDisabled)))
        heard = world.events(OperatorAdded)

    assert session is not None
    assert session.operator.name == "陈辉"
    assert after is None
    assert [e.operator for e in heard if isinstance(e, OperatorAdded)] == ["chen.hui"]
    assert PASSWORD not in told
    assert len(re.findall(r"^  [A-Z2-7]{4}-[A-Z2-7-]+$", told, re.M)) == 8


@pytest.mark.usefixtures("typed")
def test_operators_are_listed_with_their_roles_and_no_secrets(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    menshen(
        tmp_path, "operator", "add", "head", "--roles", "approver", "--rank",
        "department_head", "--department", "production",
    )  # fmt: skip
    menshen(tmp_path, "operator", "add", "gate", "--roles", "guard", "shift_lead")
    capsys.readouterr()
    menshen(tmp_path, "operator", "list")

    assert capsys.readouterr().out.splitlines() == [
        "gate\tgate\tguard,shift_lead\t-\tenabled",
        "head\thead\tapprover\tdepartment_head production\tenabled",
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("x.y", "--roles", "administrator", "guard"), "no other role"),
        (("X", "--roles", "guard"), "a letter first"),
        (("x.y", "--roles", "zone_owner"), "has zones"),
        (("x.y", "--roles", "zone_owner", "--zones", "moon"), "no zone `moon`"),
        (("x.y", "--roles", "approver"), "has a rank"),
        (("x.y", "--roles", "guard", "--person", "E9"), "no person `E9`"),
    ],
)
@pytest.mark.usefixtures("typed")
def test_an_operator_that_cannot_be_is_told_why(
    tmp_path: Path, arguments: tuple[str, ...], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        menshen(tmp_path, "operator", "add", *arguments)


def test_a_weak_password_is_refused_without_being_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("P@ssw0rd2024!\n"))
    with pytest.raises(InputError, match="published or soon guessed") as caught:
        menshen(tmp_path, "operator", "add", "li.na", "--roles", "guard")

    assert "P@ssw0rd2024!" not in str(caught.value)


def test_a_console_that_nobody_could_sign_in_to_says_how_to_begin(
    tmp_path: Path,
) -> None:
    arguments = ("controller", "run", "config/sites/example.toml")
    with pytest.raises(InputError, match="menshen operator add"):
        menshen(tmp_path, *arguments)
