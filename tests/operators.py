"""Operators to sign in with, one of each role, and the ways browsers do it.

They are made once and copied as a file: a password's hash is slow on purpose, here as
cheap as the library allows.
"""

import atexit
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Final
from urllib.parse import urlencode

from argon2 import PasswordHasher

from config.schema import Site
from controller.services import one_time
from controller.services.office import Office
from controller.services.operators import Handed, Operators
from controller.services.passwords import Passwords
from controller.services.recorder import Recorder
from controller.services.sessions import csrf_of
from controller.services.sign_in import Opened
from controller.store.database import open_database
from controller.store.vault import Vault
from domain.clock import Clock
from domain.ids import ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import Rank
from wire.sealing import make_signing_key

PASSWORD: Final = "Lathe-and-Loom-41"  # noqa: S105 of the tests
_RANDOM: Final = Random(41)  # noqa: S311 of the tests
_LONG_AGO: Final = datetime(2026, 1, 1, tzinfo=UTC)


def cheap() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def operator(role: OperatorRole, zone: ZoneId, name: str = "") -> Operator:
    """One of that role alone, called as the role."""
    approves = role is OperatorRole.APPROVER
    return Operator(
        id=OperatorId(name or role.value),
        name=f"Op {role.value}",
        person=None,
        roles=frozenset({role}),
        zones=frozenset({zone} if role is OperatorRole.ZONE_OWNER else ()),
        rank=Rank.DEPARTMENT_HEAD if approves else None,
        department="production" if approves else "",
        disabled_at=None,
    )


@dataclass(slots=True)
class Gate:
    """A console's operators, with what each was handed."""

    operators: Operators
    handed: dict[str, Handed]
    clock: Clock
    office: Office | None = None
    _latest: dict[str, int] = field(default_factory=dict)
    _recovered: dict[str, Iterator[str]] = field(default_factory=dict)

    def code(self, name: str) -> str:
        """One that was not given yet; three in half a minute, as the window allows."""
        now = one_time.step_at(self.clock.now())
        step = max(now - 1, self._latest.get(name, 0) + 1)
        self._latest[name] = step
        at = datetime.fromtimestamp(step * one_time.STEP, UTC)
        return one_time.code_at(self.handed[name].secret, at)

    async def token(self, name: str) -> str:
        """A session of that operator, begun without a browser.

        When the codes of this moment are used up, with recovery codes.
        """
        sign_in = self.operators.sign_in
        now = one_time.step_at(self.clock.now())
        recovery = self._latest.get(name, 0) > now
        used = self._recovered.setdefault(name, iter(self.handed[name].recovery))
        code = next(used) if recovery else self.code(name)
        step = await sign_in.give_password(name, PASSWORD)
        opened = await sign_in.give_code(str(step), code, recovery=recovery)
        assert isinstance(opened, Opened), opened
        return opened.token

    async def cookie(self, name: str = "guard") -> dict[str, str]:
        return {"cookie": f"menshen_session={await self.token(name)}"}

    async def close(self) -> None:
        if self.office is not None:
            await self.office.database.close()


def csrf(cookie: dict[str, str]) -> str:
    return csrf_of(cookie["cookie"].partition("menshen_session=")[2].partition(";")[0])


def form(cookie: dict[str, str], **fields: str) -> str:
    """The body of a form with the mark of its session."""
    return urlencode({**fields, "csrf": csrf(cookie)})


class _Stopped:
    def now(self) -> datetime:
        return _LONG_AGO


async def _office(site: Site, path: Path, clock: Clock) -> Office:
    return Office(
        site=site,
        database=await open_database(f"sqlite:///{path}"),
        recorder=Recorder(key=make_signing_key(), clock=clock),
        vault=Vault(seals=bytes(32), marks=bytes(32), random_bytes=_RANDOM.randbytes),
        badge_key=bytes(32),
        clock=clock,
        new_id=lambda: _RANDOM.randbytes(8).hex(),
        acted=lambda acted: None,
    )


@cache
def _folder() -> Path:
    path = Path(mkdtemp(prefix="menshen-operators-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


_made: dict[str, dict[str, Handed]] = {}


async def new_gate(site: Site, clock: Clock) -> Gate:
    """Operators of every role, in a register of their own."""
    template = _folder() / f"{site.id}.db"
    if site.id not in _made:
        office = await _office(site, template, _Stopped())
        made = Operators(office, cheap())
        zone = next(iter(site.zones))
        _made[site.id] = {
            role.value: await made.add(operator(role, zone), PASSWORD, by="test")
            for role in OperatorRole
        }
        await office.database.close()
    path = _folder() / f"{_RANDOM.randbytes(8).hex()}.db"
    shutil.copyfile(template, path)
    office = await _office(site, path, clock)
    return Gate(Operators(office, cheap()), _made[site.id], clock, office)


async def empty_gate(site: Site, clock: Clock) -> Gate:
    """Nobody can sign in yet."""
    path = _folder() / f"{_RANDOM.randbytes(8).hex()}.db"
    office = await _office(site, path, clock)
    return Gate(Operators(office, cheap()), {}, clock, office)


async def gate_of(operators: Operators) -> Gate:
    """A guard in the register of a controller."""
    guard = operator(OperatorRole.GUARD, ZoneId(""))
    handed = await operators.add(guard, PASSWORD, by="test")
    return Gate(operators, {"guard": handed}, operators.sessions.office.clock)
