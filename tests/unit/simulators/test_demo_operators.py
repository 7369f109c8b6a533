"""Whoever reads the demo's terminal can sign in with what stands there."""

import re

from controller.services import people
from controller.services.sign_in import Opened
from domain.operators import OperatorRole
from simulators import demo_operators
from tests.boards import SITE
from tests.operators import empty_gate
from tests.web_site import SetClock


async def test_every_role_can_sign_in_with_what_the_demo_prints() -> None:
    clock = SetClock()
    gate = await empty_gate(SITE, clock)
    await people.seed(
        gate.operators.sessions.office, SITE.people.values(), {}, by="test"
    )
    given = await demo_operators.make(gate.operators, SITE)
    printed = "\n".join(demo_operators.lines(given, clock))
    roles: set[OperatorRole] = set()
    for name, password, code in re.findall(r"^  (\w+) +(\S+) +(\d{6}) ", printed, re.M):
        step = await gate.operators.sign_in.give_password(name, password)
        opened = await gate.operators.sign_in.give_code(str(step), code)
        assert isinstance(opened, Opened), name
        session = await gate.operators.sessions.find(opened.token, active=True)
        assert session is not None
        roles |= session.operator.roles
    await gate.close()

    assert roles == set(OperatorRole)
