"""`menshen site init`, `menshen door add | revoke | list`: trust, made by a person.

There is no other way in: no door registers itself. Whatever changes who may speak
also rewrites the broker's configuration, and says that the broker must read it.
`menshen site check` is `config.cli`'s and only passed on.
"""

import argparse
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from config import cli as config_cli
from config.load import load_site
from config.schema import Site
from domain.clock import Clock
from domain.errors import InputError
from domain.ids import DoorId
from wire import keys
from wire.broker_config import write_broker_files
from wire.clock import SystemClock
from wire.keys import SiteKeys

_KEYS: Final = "the folder of the site's keys, kept in the office"
_RELOAD: Final = "a running broker must read it: send it SIGHUP, or restart it"


def main(argv: Sequence[str], *, clock: Clock | None = None) -> int:
    """`argv[0]` is `site` or `door`."""
    if list(argv[:2]) == ["site", "check"]:
        return config_cli.main(argv)
    asked = _parser().parse_args(list(argv))
    folder = Path(asked.keys)
    if asked.command == "site":
        return _init(asked, folder, clock or SystemClock())
    if asked.action == "list":
        return _list(folder)
    site = load_site(Path(asked.file))
    door = _demand_door(site, asked.door)
    if asked.action == "add":
        return _add(site, door, folder, clock or SystemClock())
    return _revoke(site, door, folder)


def _init(asked: argparse.Namespace, folder: Path, clock: Clock) -> int:
    site = load_site(Path(asked.file))
    keys.init_site(
        folder,
        site.id,
        now=clock.now(),
        random_bytes=secrets.token_bytes,
        hosts=(site.broker.host, *asked.host),
    )
    written = _write_broker_files(site, keys.load_site(folder))
    print(f"made the authority and the controller's keys of `{site.id}` in {folder}")
    print(f"the broker's configuration: {written}")
    print(f"next, for each door: menshen door add {asked.file} DOOR --keys {folder}")
    return 0


def _add(site: Site, door: DoorId, folder: Path, clock: Clock) -> int:
    home = keys.add_door(
        folder, door, now=clock.now(), random_bytes=secrets.token_bytes
    )
    made = keys.load_site(folder)
    written = _write_broker_files(site, made)
    print(f"keys of door `{door}`: {home}")
    print(
        "copy that folder to the door's Raspberry Pi (mode 0700), then delete it here"
    )
    issued = made.in_force(door)
    if issued is not None and issued.issue > 1:
        print(f"the broker's configuration has changed: {written}\n{_RELOAD}")
    return 0


def _revoke(site: Site, door: DoorId, folder: Path) -> int:
    withdrawn = keys.revoke_door(folder, door)
    written = _write_broker_files(site, keys.load_site(folder))
    print(f"keys of door `{door}` (issue {withdrawn.issue}) are withdrawn")
    print(f"the broker's configuration has changed: {written}\n{_RELOAD}")
    return 0


def _list(folder: Path) -> int:
    for each in keys.load_site(folder).doors:
        state = "withdrawn" if each.withdrawn else "in force"
        print(f"{each.door}\tissue {each.issue}\t{state}")
    return 0


def _write_broker_files(site: Site, made: SiteKeys) -> Path:
    """Doors of the site file that never had keys are let in under their first ones
    from the start, so that adding them does not disturb the broker."""
    return write_broker_files(
        made, host=site.broker.host, port=site.broker.port, expected=tuple(site.doors)
    )


def _demand_door(site: Site, door: str) -> DoorId:
    if door not in site.doors:
        known = ", ".join(sorted(site.doors))
        raise InputError(f"the site file has no door `{door}`; it has {known}")
    return DoorId(door)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="menshen")
    commands = parser.add_subparsers(dest="command", required=True)

    site = commands.add_parser("site", help="a site's authority and keys")
    site_actions = site.add_subparsers(dest="action", required=True)
    site_actions.add_parser("check", help="say whether site files are sound")
    init = site_actions.add_parser("init", help="make them, once per site")
    init.add_argument("file", help="the site file")
    init.add_argument("--keys", required=True, help=_KEYS)
    init.add_argument(
        "--host",
        action="append",
        default=[],
        help="another name or address of the broker; may be given more than once",
    )

    door = commands.add_parser("door", help="a door's certificate and keys")
    door_actions = door.add_subparsers(dest="action", required=True)
    for action, text in (
        ("add", "issue a door's keys"),
        ("revoke", "withdraw a door's keys"),
    ):
        each = door_actions.add_parser(action, help=text)
        each.add_argument("file", help="the site file")
        each.add_argument("door", help="the door's id in it")
        each.add_argument("--keys", required=True, help=_KEYS)
    listing = door_actions.add_parser("list", help="whose keys are in force")
    listing.add_argument("--keys", required=True, help=_KEYS)
    return parser
