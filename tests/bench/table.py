"""The table of what was measured, and the machine it was measured on.

A row is a ratio between two things measured in the same run, so that it means
something on any machine. A missed target is told plainly and breaks nothing.
"""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

COMMAND: Final = "make bench"
PAGE: Final = Path(__file__).parents[2] / "docs" / "performance.md"
_HEAD: Final = ("what", "against", "measured", "ratio", "target", "ok")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """`target` as it is said ("≥ 20×"); `ok` is None where nothing was promised."""

    what: str
    against: str
    measured: str
    ratio: str
    target: str
    ok: bool | None
    method: str

    @property
    def cells(self) -> tuple[str, ...]:
        ok = {True: "yes", False: "MISSED", None: "–"}[self.ok]
        return (self.what, self.against, self.measured, self.ratio, self.target, ok)


def machine() -> str:
    """What everything ran on, in one line."""
    cores = _proc("/proc/cpuinfo").count("processor\t")
    names = [
        line.partition(":")[2].strip()
        for line in _proc("/proc/cpuinfo").splitlines()
        if line.startswith(("model name", "Model"))
    ]
    total = next(
        (int(x.split()[1]) for x in _proc("/proc/meminfo").splitlines() if x), 0
    )
    return (
        f"{cores} × {names[0] if names else platform.machine()}, "
        f"{total / 1024**2:.0f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"load average {os.getloadavg()[2]:.1f} over 15 min"
    )


def shown(rows: Sequence[Row]) -> str:
    """For a terminal."""
    lines = []
    for row in rows:
        what, against, measured, ratio, target, ok = row.cells
        lines += [
            f"{what}",
            f"    against   {against}",
            f"    measured  {measured}",
            f"    ratio     {ratio}    target {target or 'none'}    {ok}",
            f"    method    {row.method}",
        ]
    return "\n".join(lines)


def page(rows: Sequence[Row], *, on: str, when: str) -> str:
    """For `docs/performance.md`."""
    cells = [_HEAD, tuple("---" for _ in _HEAD), *(row.cells for row in rows)]
    table = "\n".join("| " + " | ".join(row) + " |" for row in cells)
    methods = "\n".join(f"- **{row.what}**: {row.method}" for row in rows)
    return f"""<!-- Written by `{COMMAND}`. Do not edit. -->

# Performance

`{COMMAND}` measures each line against something measured in the same run and writes
this page. Nothing here is part of the test suite; a missed target says MISSED.

Machine: {on}. Measured {when}. A load average above
one says that the machine was doing other work, which spoils tails first.

{table}

## Method

{methods}
"""


def _proc(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""
