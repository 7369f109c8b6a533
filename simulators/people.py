"""Somebody who walks up to a door: what they carry, and what they present.

Everything about a simulated person follows from their id, so the register, the
fingerprint module and the camera agree without being told: badge number, two fingers
(one of them for duress), PINs, a face, a locker.
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.credentials import Credential, Factor
from domain.ids import CredentialId, PersonId
from hardware.ports import Embedding
from simulators.finger import template_for
from wire.sealing import badge_digest, pin_verifier

UNKNOWN: Final = "unknown"
WRONG: Final = "wrong"
DURESS: Final = "duress"


class Devices(StrEnum):
    """What a person keys in at core doors (G5.3.3-1)."""

    NONE = "none"
    DEPOSITED = "deposited"
    UNDECLARED = "undeclared"


@dataclass(frozen=True, slots=True)
class Shown:
    """One thing presented: a factor of `whose` ("unknown": nobody's), or `wrong`,
    or under `duress`."""

    factor: Factor
    whose: str
    duress: bool = False
    wrong: bool = False


def parse_shown(text: str, person: PersonId | None) -> Shown | None:
    """`text` as scenario files write it: "badge", "fingerprint:E9002", "pin:wrong".

    None if it is not of that form.
    """
    name, _, suffix = text.partition(":")
    if name not in set(Factor) or (":" in text and not suffix):
        return None
    factor = Factor(name)
    if suffix == UNKNOWN:
        return Shown(factor, UNKNOWN)
    if suffix in (DURESS, WRONG):
        allowed = {
            DURESS: (Factor.FINGERPRINT, Factor.PIN),
            WRONG: (Factor.PIN,),
        }[suffix]
        if factor not in allowed or person is None:
            return None
        return Shown(factor, person, duress=suffix == DURESS, wrong=suffix == WRONG)
    if not suffix and person is None:
        return None
    return Shown(factor, suffix or str(person))


def badge_number(whose: str) -> bytes:
    """5 bytes, as an EM4100 badge holds them; never starts with a zero byte."""
    digest = hashlib.sha256(f"badge/{whose}".encode()).digest()
    return bytes([digest[0] | 0x80]) + digest[1:5]


def finger(whose: str, *, duress: bool = False) -> str:
    """The identity of a finger, as the simulated module knows it."""
    return f"{whose}/duress" if duress else whose


def pin(whose: str, *, duress: bool = False, wrong: bool = False) -> str:
    """Six digits. The three kinds never coincide."""
    number = int.from_bytes(hashlib.sha256(f"pin/{whose}".encode()).digest()[:4])
    return f"{(number + (1 if duress else 2 if wrong else 0)) % 900_000 + 100_000}"


def declaration_keys(whose: str, devices: Devices) -> str | None:
    """What the person keys in at a core door's keypad, or None."""
    match devices:
        case Devices.NONE:
            return "0#"
        case Devices.DEPOSITED:
            return f"{hashlib.sha256(whose.encode()).digest()[0] % 99 + 1}#"
        case Devices.UNDECLARED:
            return None


def credentials(
    person: PersonId, *, digest_key: bytes, faces: tuple[Embedding, ...]
) -> tuple[Credential, ...]:
    """Everything the register holds of a simulated person, `faces` as enrolled."""

    def made(
        kind: str, factor: Factor, data: bytes, *, duress: bool = False
    ) -> Credential:
        return Credential(CredentialId(f"{person}.{kind}"), factor, data, duress)

    badge = badge_digest(digest_key, badge_number(person))
    return (
        made("badge", Factor.BADGE, badge),
        made("finger", Factor.FINGERPRINT, template_for(finger(person))),
        made(
            "finger.duress",
            Factor.FINGERPRINT,
            template_for(finger(person, duress=True)),
            duress=True,
        ),
        *(
            made(f"face.{n}", Factor.FACE, face.astype("<f4").tobytes())
            for n, face in enumerate(faces, 1)
        ),
        made("pin", Factor.PIN, pin_verifier(digest_key, person, pin(person))),
        made(
            "pin.duress",
            Factor.PIN,
            pin_verifier(digest_key, person, pin(person, duress=True)),
            duress=True,
        ),
    )
