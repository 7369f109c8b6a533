"""The demo's operators: one of each role, so that everything can be looked at.

Nothing about their sign-in is weaker than anywhere else: a fresh password and secret
at every start, codes that are taken once. What is different is that the terminal of
the demo shows them, and at a terminal keeps the current codes in one line.
"""

import asyncio
import contextlib
import secrets
import shutil
import string
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from config.schema import Site
from controller.services.one_time import STEP, code_at, secret_text
from controller.services.operators import Operators
from controller.services.passwords import password_faults
from domain.clock import Clock
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import Post, Rank

_R: Final = OperatorRole
# Name, role, whose post in the site file makes the person.
_CAST: Final = (
    ("guard", _R.GUARD, "guard"),
    ("lead", _R.SHIFT_LEAD, "receptionist"),
    ("reviewer", _R.REVIEWER, "technical_director"),
    ("officer", _R.SECRECY_OFFICER, "secrecy_officer"),
    ("owner", _R.ZONE_OWNER, "process_technician"),
    ("approver", _R.APPROVER, "general_manager"),
    ("admin", _R.ADMINISTRATOR, "it_administrator"),
)
# Without those that look alike.
_LETTERS: Final = "".join(set(string.ascii_letters + string.digits) - set("0OoIl1"))
_GROUPS: Final = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody needs to sign in."""

    name: str
    role: OperatorRole
    password: str = field(repr=False)
    secret: bytes = field(repr=False)


async def make(operators: Operators, site: Site) -> tuple[Given, ...]:
    given = []
    for name, role, post in _CAST:
        password = _password()
        handed = await operators.add(
            _operator(site, name, role, Post(post)), password, by="demo"
        )
        given.append(Given(name, role, password, handed.secret))
    return tuple(given)


def lines(given: Sequence[Given], clock: Clock) -> list[str]:
    """A table for the terminal."""
    now = clock.now()
    rows = [
        f"  {each.name:<12}{each.password:<18}{code_at(each.secret, now)}"
        f"    {secret_text(each.secret)}"
        for each in given
    ]
    return [
        "  sign in as  password          code now  for an authenticator",
        *rows,
    ]


async def show_codes(given: Sequence[Given], clock: Clock) -> None:
    """Keep the current codes in the terminal's last line; not in a file or a pipe."""
    if not sys.stdout.isatty():
        return
    with contextlib.suppress(asyncio.CancelledError):
        while True:
            now = clock.now()
            left = STEP - now.timestamp() % STEP
            codes = "  ".join(f"{g.name} {code_at(g.secret, now)}" for g in given)
            line = f"  {left:2.0f} s  {codes}"
            width = shutil.get_terminal_size().columns - 1
            print(f"\r{line[:width]:<{width}}", end="", flush=True)
            await asyncio.sleep(1 - now.timestamp() % 1)
    print()


def _operator(site: Site, name: str, role: OperatorRole, post: Post) -> Operator:
    person = next((p for p in site.people.values() if p.post == post), None)
    owned = next(iter(site.zones))
    return Operator(
        id=OperatorId(name),
        name=name if person is None else person.name,
        person=None if person is None else person.id,
        roles=frozenset({role}),
        zones=frozenset({owned} if role is _R.ZONE_OWNER else ()),
        rank=Rank.GENERAL_MANAGER if role is _R.APPROVER else None,
        department="",
        disabled_at=None,
    )


def _password() -> str:
    """Random, easy to copy by eye, and as the rule wants it."""
    while True:
        groups = (
            "".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(_GROUPS)
        )
        password = "-".join(groups)
        if not password_faults(password):
            return password
