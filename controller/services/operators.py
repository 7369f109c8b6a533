"""Operators of the console: made, renewed and disabled; who they are, who is signed in.

Made and renewed on the command line only, where the secrets are shown once. Disabling
ends every session of theirs in the same transaction.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from controller.services import one_time
from controller.services.office import Act, Office
from controller.services.own_password import OwnPassword
from controller.services.passwords import Passwords, password_faults
from controller.services.sessions import Sessions, end_all
from controller.services.sign_in import SignIn
from controller.store import operators as store
from controller.store import register
from controller.store.operators import Secrets
from domain.errors import InputError
from domain.ids import CONTROLLER
from domain.operator_events import (
    OperatorActRefused,
    OperatorAdded,
    OperatorDisabled,
    OperatorReset,
)
from domain.operators import Operator, OperatorId, OperatorRole, faults
from wire.sealing import RandomBytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """What the operator is given, once: it can't be read again."""

    secret: bytes = field(repr=False)
    uri: str = field(repr=False)
    recovery: tuple[str, ...] = field(repr=False)


class Operators:
    """Everything about operators, for the console and the command line."""

    def __init__(
        self,
        office: Office,
        passwords: Passwords | None = None,
        random_bytes: RandomBytes = secrets.token_bytes,
    ) -> None:
        self._office = office
        self._passwords = passwords or Passwords()
        self._random_bytes = random_bytes
        self.sessions = Sessions(office, random_bytes)
        self.sign_in = SignIn(office, self.sessions, self._passwords)
        self.own_password = OwnPassword(office, self._passwords, self.sign_in)

    async def all(self) -> tuple[Operator, ...]:
        return await self._office.database.read(store.operators)

    async def any_enabled(self) -> bool:
        return await self._office.database.read(store.any_enabled)

    async def recovery_codes_left(self, id_: OperatorId) -> int:
        return await self._office.database.read(
            lambda c: store.recovery_codes_left(c, id_)
        )

    async def add(self, operator: Operator, password: str, *, by: str) -> Handed:
        """
        Raises:
            InputError: the roles don't go together, the password breaks the rule, the
                name is taken, or the register or the site lacks what it names.
        """
        demand_password(password, (operator.id, operator.name))
        for zone in operator.zones:
            self._office.demand_zone(zone)
        handed, kept = await self._secrets(operator.id, password)

        def work(act: Act) -> None:
            _demand_sound(act.connection, operator)
            store.add(act.connection, operator, kept, at=act.at, by=by)
            act.say(
                OperatorAdded(
                    door=CONTROLLER,
                    at=act.at,
                    operator=operator.id,
                    person=operator.person,
                    roles=tuple(sorted(operator.roles)),
                    by=by,
                )
            )

        await self._office.act(work)
        return handed

    async def reset(self, id_: OperatorId, password: str, *, by: str) -> Handed:
        """New password, secret and recovery codes; every session ends.

        Raises:
            InputError: no such operator, a disabled one, or a password that breaks
                the rule.
        """
        demand_password(password, (id_,))
        handed, kept = await self._secrets(id_, password)

        def work(act: Act) -> None:
            known = _demand(act.connection, id_)
            if known.disabled_at is not None:
                raise InputError(f"the operator `{id_}` is disabled")
            store.replace_secrets(act.connection, id_, kept, at=act.at)
            act.say(OperatorReset(door=CONTROLLER, at=act.at, operator=id_, by=by))
            end_all(act, id_, "reset")

        await self._office.act(work)
        self.sessions.changes += 1
        return handed

    async def disable(self, id_: OperatorId, *, by: str) -> None:
        """For good; at once also where they are signed in.

        Raises:
            InputError: no such operator, or nobody would be left to sign in.
        """

        def work(act: Act) -> None:
            known = _demand(act.connection, id_)
            if known.disabled_at is not None:
                return
            store.disable(act.connection, id_, act.at)
            act.say(OperatorDisabled(door=CONTROLLER, at=act.at, operator=id_, by=by))
            end_all(act, id_, "disabled")

        await self._office.act(work)
        self.sessions.changes += 1

    async def refuse(self, operator: Operator, act_name: str) -> None:
        """Record that an act was refused: none of the operator's roles may do it."""

        def work(act: Act) -> None:
            act.say(
                OperatorActRefused(
                    door=CONTROLLER, at=act.at, operator=operator.id, act=act_name
                )
            )

        await self._office.act(work)

    async def _secrets(self, id_: OperatorId, password: str) -> tuple[Handed, Secrets]:
        secret = one_time.new_secret(self._random_bytes)
        codes = one_time.new_recovery_codes(self._random_bytes)
        handed = Handed(
            secret=secret,
            uri=one_time.uri(secret, id_, f"Menshen {self._office.site.id}"),
            recovery=codes,
        )
        kept = Secrets(
            password=await self._passwords.hash(password),
            one_time=self._office.vault.seal_one_time(id_, secret),
            recovery=tuple(one_time.recovery_digest(id_, code) for code in codes),
        )
        return handed, kept


def demand_password(password: str, about: Iterable[str]) -> None:
    """
    Raises:
        InputError: it breaks the rule; says in which points, never what it is.
    """
    if broken := password_faults(password, about):
        raise InputError(
            "the password breaks the rule (G5.4.2-1) in: "
            + ", ".join(sorted(_RULE[fault] for fault in broken))
        )


_RULE = {
    "length": "12 to 128 characters",
    "upper": "an upper-case letter",
    "lower": "a lower-case letter",
    "digit": "a digit",
    "symbol": "a symbol",
    "known": "none that is published or soon guessed",
}


def _demand(connection: Connection, id_: OperatorId) -> Operator:
    found = store.operator(connection, id_)
    if found is None:
        raise InputError(f"no operator `{id_}`")
    return found


def _demand_sound(connection: Connection, operator: Operator) -> None:
    others: set[OperatorRole] = set()
    if operator.person is not None:
        if register.person(connection, operator.person) is None:
            raise InputError(f"the register knows no person `{operator.person}`")
        for each in store.operators(connection):
            if each.person == operator.person and each.disabled_at is None:
                others |= each.roles
    if found := faults(operator, others):
        raise InputError(
            f"`{operator.id}` can't be such an operator: "
            + "; ".join(sorted(_FAULTS[fault] for fault in found))
        )
    if store.operator(connection, operator.id) is not None:
        raise InputError(f"there is an operator `{operator.id}` already")


_FAULTS = {
    "name": "the name is not 2 to 32 of a-z, 0-9, `.`, `_`, `-`, a letter first",
    "no_role": "it has no role",
    "not_alone": "the administrator has no other role, in no other account either",
    "zones": "a zone owner has zones, and nobody else",
    "rank": "an approver has a rank, and nobody else",
}
