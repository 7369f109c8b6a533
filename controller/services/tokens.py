"""Tokens of other systems: made, revoked, and looked at each time one is shown.

A token is 32 random bytes; the register has its SHA-256, which finds nothing by
guessing and tells nothing to who reads it. Each look reads the register, so that what
another process revoked (`menshen token revoke`) is over at once.

Every refusal is recorded, `MOST` a minute for each token and as many for those that
nobody made: beyond that they are only refused. A good token is always let in, however
many bad ones are tried beside it: nobody locks the personnel system out.
"""

import hashlib
import hmac
import secrets
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.store import tokens as store
from domain.errors import InputError
from domain.ids import CONTROLLER
from domain.tokens import (
    LONGEST,
    Token,
    TokenFault,
    TokenId,
    TokenMade,
    TokenRefusal,
    TokenRefused,
    TokenRevoked,
    TokenScope,
    faults,
)
from wire.sealing import RandomBytes

MOST: Final = 30
MINUTE: Final = timedelta(minutes=1)
# How a leaked one is recognised, by people and by scanners of code.
PREFIX: Final = "menshen_"
_BYTES: Final = 32
_LAG: Final = timedelta(minutes=1)


class TooManyRefusals(InputError):
    """Not looked into any further for a while."""


class Tokens:
    def __init__(
        self, office: Office, random_bytes: RandomBytes = secrets.token_bytes
    ) -> None:
        self._office = office
        self._random_bytes = random_bytes
        self._refusals: dict[TokenId | None, deque[datetime]] = {}
        self._used: dict[TokenId, datetime] = {}

    async def all(self) -> tuple[Token, ...]:
        return await self._office.database.read(store.tokens)

    async def add(
        self,
        id_: TokenId,
        scopes: Iterable[TokenScope],
        *,
        until: datetime,
        by: str,
    ) -> str:
        """What its holder sends, once: it can't be read again.

        Raises:
            InputError: the name is taken or none, no scope, or no such time.
        """
        text = PREFIX + self._random_bytes(_BYTES).hex()
        wanted = frozenset(scopes)

        def work(act: Act) -> None:
            if found := faults(id_, wanted, until=until, at=act.at):
                raise InputError(
                    f"`{id_}` can't be such a token: "
                    + "; ".join(sorted(_FAULTS[fault] for fault in found))
                )
            if store.token(act.connection, id_) is not None:
                raise InputError(f"there is a token `{id_}` already, or was")
            made = Token(
                id=id_,
                scopes=wanted,
                made_at=act.at,
                made_by=by,
                until=until,
                used_at=None,
                revoked_at=None,
            )
            store.add(act.connection, made, digest_of(text))
            act.say(
                TokenMade(
                    door=CONTROLLER,
                    at=act.at,
                    token=id_,
                    scopes=tuple(sorted(wanted)),
                    until=until,
                    by=by,
                )
            )

        await self._office.act(work)
        return text

    async def revoke(self, id_: TokenId, *, by: str) -> None:
        """For good, from the next request on.

        Raises:
            InputError: no such token.
        """

        def work(act: Act) -> None:
            if store.token(act.connection, id_) is None:
                raise InputError(f"no token `{id_}`")
            if store.revoke(act.connection, id_, act.at, by):
                act.say(TokenRevoked(door=CONTROLLER, at=act.at, token=id_, by=by))

        await self._office.act(work)

    async def show(self, text: str, act: str) -> Token | TokenRefusal:
        """Whose token `text` is; `act` names the route in the record of a refusal.

        Raises:
            TooManyRefusals: it isn't good, and neither were many before it.
            StorageError: the register cannot be read.
        """
        digest = digest_of(text)

        def look(connection: Connection) -> Token | None:
            found = store.by_digest(connection, digest)
            if found is None or not hmac.compare_digest(found[1], digest):
                return None
            return found[0]

        token = await self._office.database.read(look)
        if token is None:
            return await self._refuse(None, TokenRefusal.UNKNOWN, act)
        now = self._office.clock.now()
        if (reason := token.why_not(now)) is not None:
            return await self._refuse(token.id, reason, act)
        await self._note_use(token, now)
        return token

    async def lacks_scope(self, token: Token, act: str) -> None:
        """Record that the token is not for this.

        Raises:
            TooManyRefusals: it has been told so too often.
        """
        await self._refuse(token.id, TokenRefusal.SCOPE, act)

    async def _refuse(
        self, id_: TokenId | None, reason: TokenRefusal, act_name: str
    ) -> TokenRefusal:
        now = self._office.clock.now()
        latest = self._refusals.setdefault(id_, deque(maxlen=MOST))
        if len(latest) == MOST and now - latest[0] < MINUTE:
            raise TooManyRefusals
        latest.append(now)

        def work(act: Act) -> None:
            act.say(
                TokenRefused(
                    door=CONTROLLER, at=act.at, token=id_, reason=reason, act=act_name
                )
            )

        await self._office.act(work)
        return reason

    async def _note_use(self, token: Token, now: datetime) -> None:
        seen = self._used.get(token.id, token.used_at)
        if seen is None or now - seen >= _LAG:
            self._used[token.id] = now
            await self._office.database.write(lambda c: store.used(c, token.id, now))


def digest_of(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


_FAULTS: Final = {
    TokenFault.NAME: "the name is not 2 to 32 of a-z, 0-9, `.`, `_`, `-`, a letter"
    " first",
    TokenFault.NO_SCOPE: "it has no scope",
    TokenFault.OVER: "it would have ended already",
    TokenFault.TOO_LONG: f"it would last longer than {LONGEST.days} days",
}
