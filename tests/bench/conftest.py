"""Collects what the benchmarks measure, prints it, keeps the latest on a page.

The page is written only by a run of everything, so that its lines belong together.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from tests.bench.table import PAGE, Row, machine, page, shown

_HERE: Final = Path(__file__).parent
_ROWS: Final = pytest.StashKey[list[Row]]()
_MODULES: Final = pytest.StashKey[set[str]]()

Tell = Callable[[Row], None]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_ROWS] = []
    config.stash[_MODULES] = set()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Iterator[Tell]:
    """Takes the rows of one benchmark."""
    rows: list[Row] = []
    yield rows.append
    request.config.stash[_ROWS] += rows
    if rows:  # one that failed has told nothing
        request.config.stash[_MODULES].add(request.path.name)
    print(f"\n{shown(rows)}")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = config.stash[_ROWS]
    if not rows:
        return
    on = machine()
    terminalreporter.section("measured")
    terminalreporter.write_line(f"machine: {on}\n")
    terminalreporter.write_line(shown(rows))
    everything = {path.name for path in _HERE.glob("test_*.py")}
    if config.stash[_MODULES] >= everything:
        when = datetime.now(UTC).date().isoformat()
        PAGE.write_text(page(rows, on=on, when=when), "utf-8")
        terminalreporter.write_line(f"\nwritten to {PAGE.name}")
