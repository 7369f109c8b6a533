"""Passwords of operators: the rule, and what is kept of them.

The rule (G5.4.2-1): upper and lower case, digit and symbol; besides, at least
`MIN_LENGTH` characters, and not a password that others had and lost, nor one made from
such (`P@ssw0rd2024!`). That is judged offline by zxcvbn, which carries the 30,000 most
frequent of the published lists and undoes the usual disguises.

Kept is an Argon2id hash (RFC 9106, its second recommendation: 64 MiB, 3 passes). It
is computed off the event loop, one at a time, and only a few may wait: more would be
somebody guessing, or filling the memory.
"""

import asyncio
import unicodedata
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from domain.errors import AccessSystemError

T = TypeVar("T")

MIN_LENGTH: Final = 12
MAX_LENGTH: Final = 128  # zxcvbn takes seconds for very long ones
# zxcvbn's scale, 0 to 4: 3 is out of reach of guessing against this console.
_MIN_SCORE: Final = 3
_JUDGED: Final = 72  # characters that zxcvbn looks at
_MAX_WAITING: Final = 8


class Busy(AccessSystemError):
    """More passwords are waiting to be looked at than people would type."""

    code = "sign_in.busy"


class PasswordFault(StrEnum):
    LENGTH = "length"
    UPPER = "upper"
    LOWER = "lower"
    DIGIT = "digit"
    SYMBOL = "symbol"
    KNOWN = "known"  # published, or guessed soon


def password_faults(
    password: str, about: Iterable[str] = ()
) -> frozenset[PasswordFault]:
    """What the rule has against it. `about`: words that somebody who knows the
    operator would try, such as their names."""
    has = {
        PasswordFault.LENGTH: MIN_LENGTH <= len(password) <= MAX_LENGTH,
        PasswordFault.UPPER: any(c.isupper() for c in password),
        PasswordFault.LOWER: any(c.islower() for c in password),
        PasswordFault.DIGIT: any(c.isdigit() for c in password),
        PasswordFault.SYMBOL: any(not c.isalnum() for c in password),
    }
    found = {fault for fault, holds in has.items() if not holds}
    if PasswordFault.LENGTH not in found and _is_known(password, about):
        found.add(PasswordFault.KNOWN)
    return frozenset(found)


def _is_known(password: str, about: Iterable[str]) -> bool:
    # 0.5 s and 20 MB that only who sets a password pays.
    from zxcvbn import zxcvbn

    judged = zxcvbn(password[:_JUDGED], user_inputs=[word.lower() for word in about])
    return int(judged["score"]) < _MIN_SCORE


class Passwords:
    """Hash and verify; `hasher` as it comes but for tests, which are in a hurry."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(
            time_cost=3, memory_cost=65536, parallelism=4
        )
        self._one = asyncio.Lock()
        self._waiting = 0
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """
        Raises:
            Busy: too many are waiting.
        """
        return await self._in_turn(partial(self._hash, password))

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Whether `password` is the one; of nobody (None) it takes as long.

        Raises:
            Busy: too many are waiting.
        """
        return await self._in_turn(partial(self._verify, hashed, password))

    def is_outdated(self, hashed: str) -> bool:
        """Whether it was made at less cost than today's."""
        return self._hasher.check_needs_rehash(hashed)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= _MAX_WAITING:
            raise Busy("too many passwords at once")
        self._waiting += 1
        try:
            async with self._one:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def _verify(self, hashed: str | None, password: str) -> bool:
        if self._nobodys is None:
            self._nobodys = self._hasher.hash("nobody's")
        try:
            self._hasher.verify(hashed or self._nobodys, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


def _normal(password: str) -> str:
    """The same text from every keyboard (RFC 8265 asks for NFC)."""
    return unicodedata.normalize("NFC", password[:MAX_LENGTH])
