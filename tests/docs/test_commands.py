"""Every command that the docs tell a reader to type exists, and is told of."""

import re
from typing import Final

import pytest

from menshen import COMMANDS
from tests.docs.files import ROOT, markdown, shown

_FENCE: Final = re.compile(r"^```(?:sh|console|bash|shell)?\n(.*?)^```", re.M | re.S)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_MAKE: Final = re.compile(
    r"(?:^|[;&|(]\s*|\$ )make((?:\s+[A-Z_]+=\S+)*)\s+([a-z][\w-]*)"
)
_MENSHEN: Final = re.compile(r"(?:^|[\s/;&|(])menshen\s+([a-z][\w-]*)")
_TARGET: Final = re.compile(r"^([a-z][\w-]*):", re.MULTILINE)


def _commands(text: str) -> list[str]:
    """What stands in code: fenced lines, and spans between back-ticks."""
    fenced = [line for block in _FENCE.findall(text) for line in block.splitlines()]
    return [*fenced, *_CODE.findall(_FENCE.sub("", text))]


def _named(pattern: re.Pattern[str], group: int) -> dict[str, str]:
    """Each name the docs use, and a page that uses it."""
    return {
        match[group]: shown(page)
        for page in markdown()
        for command in _commands(page.read_text("utf-8"))
        for match in pattern.finditer(command)
    }


def _targets() -> set[str]:
    return set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))


def test_every_make_target_in_the_docs_exists() -> None:
    unknown = {n: page for n, page in _named(_MAKE, 2).items() if n not in _targets()}

    assert unknown == {}


def test_every_menshen_command_in_the_docs_exists() -> None:
    unknown = {n: page for n, page in _named(_MENSHEN, 1).items() if n not in COMMANDS}

    assert unknown == {}


@pytest.mark.parametrize(
    ("command", "target"),
    [
        pytest.param("make demo", "demo", id="plain"),
        pytest.param("make torture N=5000", "torture", id="with a number"),
        pytest.param("make PYTHON=python3.12 test", "test", id="setting first"),
        pytest.param("git pull && make check", "check", id="second in a line"),
    ],
)
def test_a_make_target_is_recognised(command: str, target: str) -> None:
    assert [match[2] for match in _MAKE.finditer(command)] == [target]


def test_every_target_of_the_makefile_says_what_it_is_for() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    told = set(re.findall(r"^([a-z][\w-]*):.*## ", text, re.MULTILINE))

    assert _targets() - told == {"debian"}
