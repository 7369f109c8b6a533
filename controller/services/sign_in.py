"""Let an operator in: password, then a one-time or recovery code (G7.1.2).

Laws: who fails is never told which part was wrong, and never learns from the time it
took whether the name exists; a one-time code is taken once, in the same transaction
that begins the session; after `TRIES` failures in a row a name waits, twice as long
each further time (G7.2.1-3); the office looks at `MOST` attempts a minute. Who is in,
and is asked once more, is counted apart: no stranger at the form makes an officer wait
with a freeze. A name that nobody has is treated as one that somebody has, and never
recorded: it may be a password typed into the wrong field.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from controller.services import one_time
from controller.services.office import Act, Office
from controller.services.passwords import Passwords
from controller.services.sessions import Session, Sessions, digest_of
from controller.services.sign_in_backoff import REMEMBERED, Backoff
from controller.store import operators as store
from controller.store import register
from domain.ids import CONTROLLER
from domain.operator_events import (
    OperatorSignedIn,
    OperatorSignInRefused,
    OperatorUnlocked,
)
from domain.operators import Operator, OperatorId
from domain.people import PersonState

# From the password to the code.
PATIENCE: Final = timedelta(minutes=5)
_OUT: Final = frozenset({PersonState.LEFT, PersonState.SUSPENDED})


class Refused(StrEnum):
    """Why not. Browsers are told no more than `retry_after` tells."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105  a code, not a password
    WRONG_CODE = "wrong_code"
    USED_CODE = "used_code"
    WRONG_RECOVERY = "wrong_recovery"
    UNKNOWN = "unknown"
    DISABLED = "disabled"
    BLOCKED = "blocked"
    LATE = "late"  # the password was given too long ago


@dataclass(frozen=True, slots=True)
class Opened:
    """A session has begun; `token` is for the browser."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Pending:
    """A name whose password was given. `operator` None: it was wrong, or nobody's."""

    name: str
    operator: OperatorId | None
    why: Refused | None
    known: OperatorId | None
    until: datetime


class SignIn:
    def __init__(
        self, office: Office, sessions: Sessions, passwords: Passwords
    ) -> None:
        self._office = office
        self._sessions = sessions
        self._passwords = passwords
        self._backoff = Backoff(office.clock)
        self._again: dict[OperatorId, Backoff] = {}  # of those who are in
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def retry_after(self, name: str) -> int:
        """Seconds until the form looks at this name again; 0: now."""
        return self._backoff.retry_after(_plain(name))

    def asked_again_after(self, operator: OperatorId) -> int:
        """Seconds until who is in is asked once more (`prove`, `confirm`); 0: now."""
        return self._of(operator).retry_after(operator)

    def _of(self, operator: OperatorId) -> Backoff:
        return self._again.setdefault(operator, Backoff(self._office.clock))

    async def give_password(self, name: str, password: str) -> str | Refused:
        """The token for the next step, also if the password is wrong; or BLOCKED.

        Raises:
            Busy: too many at once.
        """
        name = _plain(name)
        if self._backoff.retry_after(name):
            return Refused.BLOCKED
        self._backoff.spend()
        operator, fits = await self._check(name, password)
        why = None
        if operator is None:
            why = Refused.UNKNOWN
        elif operator.disabled_at is not None:
            why = Refused.DISABLED
        elif not fits:
            why = Refused.WRONG_PASSWORD
        token = self._sessions.new_token()
        self._pending[digest_of(token)] = _Pending(
            name=name,
            operator=operator.id if operator is not None and why is None else None,
            why=why,
            known=None if operator is None else operator.id,
            until=self._office.clock.now() + PATIENCE,
        )
        while len(self._pending) > REMEMBERED:
            self._pending.popitem(last=False)
        return token

    def wait_for(self, token: str) -> int:
        """`retry_after` of the name whose password was given with this token."""
        pending = self._pending.get(digest_of(token))
        return 0 if pending is None else self._backoff.retry_after(pending.name)

    def waits_for_code(self, token: str) -> bool:
        """Whether a password was given with this token, not long ago."""
        pending = self._pending.get(digest_of(token))
        return pending is not None and self._office.clock.now() < pending.until

    async def give_code(
        self, token: str, code: str, *, recovery: bool = False
    ) -> Opened | Refused:
        """Open a session, under a token of its own.

        Raises:
            Busy: too many at once.
        """
        pending = self._pending.get(digest_of(token))
        if pending is None or self._office.clock.now() >= pending.until:
            self._pending.pop(digest_of(token), None)
            return Refused.LATE
        if self._backoff.retry_after(pending.name):
            return Refused.BLOCKED
        self._backoff.spend()
        fresh = self._sessions.new_token()

        def work(act: Act) -> Refused | None:
            why = pending.why
            if pending.operator is not None:
                why = self._take(act, pending.operator, code, recovery=recovery)
            if why is not None:
                act.say(_refusal(act, pending.known, why))
                return why
            assert pending.operator is not None  # noqa: S101  no `why` without
            store.begin_session(
                act.connection, digest_of(fresh), pending.operator, act.at
            )
            act.say(
                OperatorSignedIn(
                    door=CONTROLLER,
                    at=act.at,
                    operator=pending.operator,
                    recovery=recovery,
                )
            )
            return None

        why = await self._office.act(work)
        if why is not None:
            self._backoff.failed(pending.name)
            return why
        self._backoff.succeeded(pending.name)
        self._pending.pop(digest_of(token), None)
        return Opened(fresh)

    async def unlock(
        self, session: Session, password: str, code: str
    ) -> Refused | None:
        """None: the session is unlocked.

        Raises:
            Busy: too many at once.
        """
        id_ = session.operator.id

        def then(act: Act) -> None:
            store.touch_session(act.connection, session.id, act.at)
            if store.lock_session(act.connection, session.id, None):
                act.say(OperatorUnlocked(door=CONTROLLER, at=act.at, operator=id_))

        why = await self.prove(id_, password, code, then)
        if why is None:
            self._sessions.used(session)
        return why

    async def prove(
        self,
        id_: OperatorId,
        password: str,
        code: str,
        then: Callable[[Act], None],
    ) -> Refused | None:
        """Do `then` if the operator gives password and code once more.

        Raises:
            Busy: too many at once.
        """
        counted = self._of(id_)
        if counted.retry_after(id_):
            return Refused.BLOCKED
        counted.spend()
        _, fits = await self._check(id_, password)

        def work(act: Act) -> Refused | None:
            why: Refused | None = Refused.WRONG_PASSWORD
            if fits:
                why = self._take(act, id_, code, recovery=False)
            if why is not None:
                act.say(_refusal(act, id_, why))
                return why
            then(act)
            return None

        why = await self._office.act(work)
        if why is None:
            counted.succeeded(id_)
        else:
            counted.failed(id_)
        return why

    async def confirm(self, operator: OperatorId, code: str) -> Refused | None:
        """Ask who is in for a fresh one-time code, before an act that cuts deep.

        Raises:
            Busy: too many at once, all of this operator.
        """
        counted = self._of(operator)
        if counted.retry_after(operator):
            return Refused.BLOCKED
        counted.spend()

        def work(act: Act) -> Refused | None:
            why = self._take(act, operator, code, recovery=False)
            if why is not None:
                act.say(_refusal(act, operator, why))
            return why

        why = await self._office.act(work)
        if why is None:
            counted.succeeded(operator)
        else:
            counted.failed(operator)
        return why

    async def _check(self, name: str, password: str) -> tuple[Operator | None, bool]:
        operator, hashed = await self._office.database.read(
            lambda c: (store.operator(c, name), store.password(c, name))
        )
        return operator, await self._passwords.verify(hashed, password)

    def _take(
        self, act: Act, id_: OperatorId, code: str, *, recovery: bool
    ) -> Refused | None:
        """Take a code, once."""
        now = store.operator(act.connection, id_)
        if now is None or now.disabled_at is not None:
            return Refused.DISABLED
        if now.person is not None:  # who left or is frozen keeps no console either
            person = register.person(act.connection, now.person)
            if person is not None and person.state in _OUT:
                return Refused.DISABLED
        if recovery:
            digest = one_time.recovery_digest(id_, code)
            used = store.use_recovery_code(act.connection, id_, digest, act.at)
            return None if used else Refused.WRONG_RECOVERY
        sealed, latest = store.one_time(act.connection, id_)
        secret = self._office.vault.open_one_time(id_, sealed)
        step = one_time.matching_step(secret, code, act.at)
        if step is None:
            return Refused.WRONG_CODE
        if step <= latest:
            return Refused.USED_CODE
        store.took_step(act.connection, id_, step)
        return None


def _plain(name: str) -> str:
    return name.strip().lower()[:64]


def _refusal(
    act: Act, operator: OperatorId | None, why: Refused
) -> OperatorSignInRefused:
    return OperatorSignInRefused(
        door=CONTROLLER, at=act.at, operator=operator, reason=why
    )
