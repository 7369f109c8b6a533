"""Forks the victims of the torture: everything is imported once, here.

Run as a process of its own. One JSON object a line:

    {"start": "office" | "edge", "log": PATH, …}   ->   {"pid": 4711}
    {"kill": 4711}                                 ->   {"status": -9}

A child is killed by its parent, which has not reaped it: its number cannot have become
another process's. `status` is negative for a signal; anything but -9 means that the
child had ended by itself, which the torture takes for a failure.
"""

import asyncio
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from tests.torture.victims import Place, run_edge, run_office


def main() -> None:
    """Serve until standard input ends; then nobody of ours is left."""
    children: set[int] = set()
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            if "kill" in asked:
                children.discard(asked["kill"])
                answer = {"status": _kill(asked["kill"])}
            else:
                answer = {"pid": _start(asked)}
                children.add(answer["pid"])
            print(json.dumps(answer), flush=True)
    finally:
        for pid in children:
            _kill(pid)


def _start(asked: dict[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _become(asked)
    return pid


def _kill(pid: int) -> int:
    os.kill(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _become(asked: dict[str, Any]) -> NoReturn:
    """The child: no way leads back from here."""
    log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    try:
        place = Place(Path(asked["folder"]), asked["port"])
        if asked["start"] == "office":
            asyncio.run(run_office(place))
        else:
            asyncio.run(run_edge(place, load=asked["load"], seed=asked["seed"]))
    except BaseException:  # the last word of a process, for whoever reads its log
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    main()
