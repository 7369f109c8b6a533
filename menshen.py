"""The one command `menshen`: mounts the sub-commands, imports them lazily.

A sub-command lives in the `cli` module of its room, which offers
`main(argv: Sequence[str]) -> int`; `argv[0]` is the sub-command's name, so that one
module may serve several. Nothing of a room is imported before it is asked for: a door
does not pay for the office, nor the office for the door.

Exit codes: what the sub-command returns; 2 for a deliberate error, told in one line
on standard error; 130 after Ctrl-C.
"""

import importlib
import sys
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, cast

from domain.errors import AccessSystemError

_Main = Callable[[Sequence[str]], int]

USAGE_ERROR: Final = 2
INTERRUPTED: Final = 130  # what a shell reports for a program ended by SIGINT


class Command(NamedTuple):
    module: str
    summary: str


COMMANDS: Final[dict[str, Command]] = {
    "site": Command("wire.cli", "check a site file, or make a new site's keys"),
    "door": Command("wire.cli", "add a door: its certificate and signing key"),
    "edge": Command("edge_agent.cli", "run the doors of this Raspberry Pi"),
    "controller": Command("controller.cli", "run the office: register, log and page"),
    "operator": Command("controller.cli", "make, list, renew, disable who may sign in"),
    "token": Command("controller.cli", "make, list, revoke tokens of other systems"),
    "why": Command("controller.cli", "explain a decision: person, door, moment"),
    "simulate": Command("simulators.cli", "run scenario files on the virtual clock"),
    "simulator": Command("simulators.cli", "serve one simulated device on a terminal"),
    "demo": Command("simulators.cli", "run the example factory on this machine"),
    "faces": Command("hardware.cli", "evaluate the face engine on a set of pictures"),
    "doctor": Command("hardware.cli", "look whether this machine's devices answer"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one sub-command and return the exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if arguments else USAGE_ERROR
    command = COMMANDS.get(arguments[0])
    if command is None:
        print(f"menshen: no command `{arguments[0]}`\n", file=sys.stderr)
        print(overview(), file=sys.stderr)
        return USAGE_ERROR
    try:
        return load(command)(arguments)
    except AccessSystemError as error:
        print(f"menshen {arguments[0]}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return INTERRUPTED


def load(command: Command) -> _Main:
    """The `main` of the room that owns this command."""
    return cast(_Main, importlib.import_module(command.module).main)


def overview() -> str:
    """What `menshen --help` prints: every command, one line each."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {what.summary}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: menshen COMMAND …",
            "",
            *lines,
            "",
            "`menshen COMMAND --help` says more.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
