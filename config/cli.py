"""`menshen site check FILE…`: whether site files are sound, in one line or many."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from config.lint import Checked, check_site
from domain.errors import SiteInvalid


def main(argv: Sequence[str]) -> int:
    """0 if every file is sound, 1 if one isn't, 2 if the command was misused."""
    parser = argparse.ArgumentParser(prog="menshen site")
    check = parser.add_subparsers(required=True, metavar="COMMAND").add_parser(
        "check",
        help="say whether site files are sound",
        description="Say whether site files are sound: each problem with file, line, "
        "what is wrong and what to do.",
    )
    check.add_argument("files", nargs="+", type=Path, metavar="FILE")
    try:
        files: list[Path] = parser.parse_args(argv[1:]).files
    except SystemExit as stop:  # argparse has said what is wrong, or helped
        return 2 if stop.code else 0
    return max(_check(file) for file in files)


def _check(file: Path) -> int:
    try:
        checked = check_site(file)
    except SiteInvalid as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        print(f"{file}: {count} problem{'s'[: count != 1]}", file=sys.stderr)
        return 1
    for warning in checked.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"ok: {file}: {_summary(checked)}")
    return 0


def _summary(checked: Checked) -> str:
    site = checked.site
    agents = {door.agent for door in site.doors.values()}
    devices = [d for door in site.doors.values() for d in door.devices.values()]
    simulated = sum(device.simulated for device in devices)
    counts = (
        (len(site.zones), "zone", "zones"),
        (len(site.doors), "door", "doors"),
        (len(agents), "agent", "agents"),
        (len(devices), "device", "devices"),
        (len(site.people), "person", "people"),
    )
    told = [f"{n} {one if n == 1 else many}" for n, one, many in counts]
    told[3] += f" ({simulated} simulated)"
    return ", ".join(told)
