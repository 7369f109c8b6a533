"""`menshen simulate | simulator | demo`: a whole factory without hardware."""

from collections.abc import Sequence
from importlib import import_module
from typing import Final

# Each command's module is imported only when it is asked for.
_MODULES: Final = {
    "simulate": "simulators.simulate",
    "simulator": "simulators.device_cli",
    "demo": "simulators.demo",
}


def main(argv: Sequence[str]) -> int:
    """`argv[0]` is the command's name."""
    status: int = import_module(_MODULES[argv[0]]).main(argv[1:])
    return status
