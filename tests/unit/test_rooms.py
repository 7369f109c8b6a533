"""What the import contracts cannot see: the core needs nothing and reads no clock."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
CLOCKS: Final = frozenset({"now", "utcnow", "today", "fromtimestamp"})
CORE: Final = sorted(
    str(path.relative_to(ROOT))
    for room in ("domain", "hardware/protocols")
    for path in (ROOT / room).rglob("*.py")
)


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def clocks_read(tree: ast.AST) -> list[int]:
    """The lines on which a method that reads the machine's clock is called."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
    ]


@pytest.mark.parametrize("module", CORE)
def test_the_core_imports_only_the_standard_library_and_itself(module: str) -> None:
    tree = ast.parse((ROOT / module).read_bytes())
    ours = ("domain", "hardware.protocols")
    foreign = [
        name
        for name in _imported(tree)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == room or name.startswith(f"{room}.") for room in ours)
    ]

    assert foreign == []


@pytest.mark.parametrize("module", CORE)
def test_the_core_reads_no_clock(module: str) -> None:
    assert clocks_read(ast.parse((ROOT / module).read_bytes())) == []


def test_reading_the_clock_would_be_noticed() -> None:
    source = "from datetime import UTC, datetime\n\nat = datetime.now(UTC)\n"

    assert clocks_read(ast.parse(source)) == [3]
