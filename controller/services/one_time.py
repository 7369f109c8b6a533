"""One-time codes (TOTP, RFC 6238: six digits, 30 s, SHA-1 as authenticators expect)
and recovery codes on paper.

A code is taken for the present step and its neighbours, so that clocks may differ by
half a minute, and each step is taken once: whoever looked over a shoulder is too late.
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Final

import pyotp

from domain.operators import OperatorId
from wire.sealing import RandomBytes

STEP: Final = 30  # seconds
DIGITS: Final = 6
_NEIGHBOURS: Final = (0, -1, 1)  # steps
_SECRET: Final = 20  # bytes: RFC 4226 asks for at least 16
RECOVERY_CODES: Final = 8
_RECOVERY: Final = 10  # bytes: 16 letters, far beyond guessing, so a plain hash serves
_GROUP: Final = 4


def new_secret(random_bytes: RandomBytes) -> bytes:
    return random_bytes(_SECRET)


def secret_text(secret: bytes) -> str:
    """As it is typed into an authenticator."""
    return base64.b32encode(secret).decode()


def uri(secret: bytes, operator: OperatorId, issuer: str) -> str:
    """As it is drawn into a QR code."""
    return pyotp.TOTP(secret_text(secret)).provisioning_uri(
        name=operator, issuer_name=issuer
    )


def code_at(secret: bytes, at: datetime) -> str:
    return _code(secret, step_at(at))


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // STEP


def matching_step(secret: bytes, code: str, at: datetime) -> int | None:
    """The step for which `code` is right at `at`, if it is."""
    given, now = "".join(code.split()), step_at(at)
    if len(given) != DIGITS or not given.isascii():
        return None
    for away in _NEIGHBOURS:
        if hmac.compare_digest(_code(secret, now + away), given):
            return now + away
    return None


def new_recovery_codes(random_bytes: RandomBytes) -> tuple[str, ...]:
    """As they are printed: `ABCD-EFGH-…`."""
    return tuple(
        _grouped(base64.b32encode(random_bytes(_RECOVERY)).decode())
        for _ in range(RECOVERY_CODES)
    )


def recovery_digest(operator: OperatorId, code: str) -> bytes:
    """What is kept of a recovery code; however it was typed."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(f"{operator} {plain}".encode()).digest()


def _code(secret: bytes, step: int) -> str:
    return pyotp.HOTP(secret_text(secret), digits=DIGITS).at(step)


def _grouped(letters: str) -> str:
    return "-".join(letters[i : i + _GROUP] for i in range(0, len(letters), _GROUP))
