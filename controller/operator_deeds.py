"""`menshen operator …`: who may sign in to the console.

The password is read from standard input or, at a terminal, asked for twice: on the
command line every user of the machine could see it. What an authenticator needs and
the recovery codes are printed once; the register can't give them again.
"""

import argparse
import getpass
import sys
from collections.abc import Iterator
from typing import Final

from config.schema import Site
from controller.deeds import desk_of
from controller.services.one_time import secret_text
from controller.services.operators import Handed, Operators, demand_password
from controller.store import register
from domain.errors import InputError
from domain.ids import PersonId, ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import Rank

_LONGEST_LINE: Final = 1024


async def perform(site: Site, options: argparse.Namespace) -> int:
    """Do what was asked."""
    async with desk_of(site, options) as desk:
        operators = Operators(desk.office)
        match options.action:
            case "list":
                for line in _lines(await operators.all()):
                    print(line)
            case "disable":
                await operators.disable(OperatorId(options.name), by=options.by)
                print(f"{options.name}: disabled, and signed out everywhere")
            case "reset":
                password = _password((options.name,))
                id_ = OperatorId(options.name)
                handed = await operators.reset(id_, password, by=options.by)
                print("\n".join(handed_lines(id_, handed)))
            case _:
                called = options.called
                if called is None and options.person is not None:
                    known = await desk.office.database.read(
                        lambda c: register.person(c, PersonId(options.person))
                    )
                    called = None if known is None else known.name
                operator = _operator(options, called or options.name)
                password = _password((operator.id, operator.name))
                handed = await operators.add(operator, password, by=options.by)
                print("\n".join(handed_lines(operator.id, handed)))
    return 0


def handed_lines(id_: OperatorId, handed: Handed) -> Iterator[str]:
    """What the operator is given, for a terminal or a sheet of paper."""
    yield f"{id_}: put one of these into an authenticator; they are not shown again"
    yield f"  secret  {secret_text(handed.secret)}"
    yield f"  uri     {handed.uri}"
    yield "recovery codes, each for one sign-in without the authenticator:"
    for code in handed.recovery:
        yield f"  {code}"


def _operator(options: argparse.Namespace, called: str) -> Operator:
    return Operator(
        id=OperatorId(options.name),
        name=called,
        person=None if options.person is None else PersonId(options.person),
        roles=frozenset(map(OperatorRole, options.roles)),
        zones=frozenset(map(ZoneId, options.zones)),
        rank=None if options.rank is None else Rank(options.rank),
        department=options.department,
        disabled_at=None,
    )


def _password(about: tuple[str, ...]) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    first = getpass.getpass("password: ")
    demand_password(first, about)
    if getpass.getpass("once more: ") != first:
        raise InputError("the two are not the same")
    return first


def _lines(operators: tuple[Operator, ...]) -> Iterator[str]:
    for each in operators:
        more = [
            *sorted(each.zones),
            *([str(each.rank)] if each.rank else []),
            *([each.department] if each.department else []),
        ]
        state = "disabled" if each.disabled_at else "enabled"
        roles = ",".join(sorted(each.roles))
        yield "\t".join((each.id, each.name, roles, " ".join(more) or "-", state))
