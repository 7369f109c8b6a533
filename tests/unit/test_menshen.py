"""How the one command finds its sub-commands and tells of errors."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import menshen
from domain.errors import SiteInvalid
from menshen import COMMANDS, USAGE_ERROR, main

Run = Callable[[Sequence[str]], int]


@pytest.fixture
def mounted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Mount a module with the given body as the command `probe`."""

    def mount(body: str) -> None:
        (tmp_path / "probe_cli.py").write_text(body)
        monkeypatch.syspath_prepend(tmp_path)
        monkeypatch.delitem(sys.modules, "probe_cli", raising=False)
        probe = menshen.Command("probe_cli", "a command for this test")
        monkeypatch.setitem(COMMANDS, "probe", probe)

    return mount


def test_a_sub_command_gets_its_own_name_and_arguments(
    mounted: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mounted("def main(argv):\n    print(*argv)\n    return 7\n")

    assert main(["probe", "--at", "noon"]) == 7
    assert capsys.readouterr().out == "probe --at noon\n"


def test_a_deliberate_error_is_one_line_without_a_traceback(
    mounted: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mounted(
        "from domain.errors import InputError\n"
        "def main(argv):\n    raise InputError('no such door: `lab`')\n"
    )

    assert main(["probe"]) == USAGE_ERROR
    assert capsys.readouterr().err == "menshen probe: no such door: `lab`\n"


def test_several_problems_are_told_one_a_line(
    mounted: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    mounted(
        "from domain.errors import SiteInvalid\n"
        "def main(argv):\n    raise SiteInvalid(('line 3: a', 'line 9: b'))\n"
    )

    assert main(["probe"]) == USAGE_ERROR
    assert capsys.readouterr().err == "menshen probe: line 3: a\nline 9: b\n"
    assert SiteInvalid(("a", "b")).problems == ("a", "b")


def test_a_bug_is_not_hidden(mounted: Callable[[str], None]) -> None:
    mounted("def main(argv):\n    raise ZeroDivisionError\n")

    with pytest.raises(ZeroDivisionError):
        main(["probe"])


def test_ctrl_c_is_no_traceback(mounted: Callable[[str], None]) -> None:
    mounted("def main(argv):\n    raise KeyboardInterrupt\n")

    assert main(["probe"]) == menshen.INTERRUPTED


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        pytest.param([], USAGE_ERROR, id="nothing said"),
        pytest.param(["--help"], 0, id="asked for"),
        pytest.param(["frobnicate"], USAGE_ERROR, id="unknown"),
    ],
)
def test_help_lists_every_command(
    argv: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == code
    told = "".join(capsys.readouterr())
    assert [f"  {name} " in told for name in COMMANDS] == [True] * len(COMMANDS)


def test_no_room_is_imported_before_it_is_asked_for() -> None:
    script = (
        "import sys, menshen; menshen.main(['--help']); rooms ="
        " {'config', 'wire', 'hardware', 'edge_agent', 'controller', 'simulators'};"
        " sys.exit(' '.join(rooms & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_main(name: str) -> None:
    assert callable(menshen.load(COMMANDS[name]))
