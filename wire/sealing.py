"""Sign, verify, seal, open. Beside `certificates`, the only user of cryptography.

Laws:

- a nonce or an ephemeral key comes from the caller (`random_bytes`), so that a test
  can repeat a seal and nobody has to trust a hidden generator; long-lived keys are
  made here, by the library's own generator;
- what is sealed is bound to a `context` (site, door, number, part): a sound piece in
  the wrong place does not open;
- failures name what failed and never show key material, and no key has a `repr`.

Sources: RFC 8032 (Ed25519), RFC 7748 (X25519), RFC 5869 (HKDF), RFC 8439
(ChaCha20-Poly1305), RFC 7914 (scrypt).
"""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import (
    X25519PrivateKey,
    X25519PublicKey,
)
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import CallerError, SealBroken, SignatureInvalid

RandomBytes = Callable[[int], bytes]  # `secrets.token_bytes`, or a seeded one

KEY_BYTES: Final = 32  # every key here, public or private
SIGNATURE_BYTES: Final = 64
SEAL_OVERHEAD: Final = 1 + 32 + 16  # form, ephemeral public key, tag
LOCAL_OVERHEAD: Final = 1 + 12 + 16  # form, nonce, tag

_SEALED: Final = b"\x01"  # X25519, HKDF-SHA256, ChaCha20-Poly1305
_LOCAL: Final = b"\x02"  # ChaCha20-Poly1305
_NONCE: Final = 12
# Memory 4 MiB, about 10 ms on a PC and 40 ms on a Pi 4. More would be felt at the
# door and buy little: six digits fall to anyone who holds verifier and key anyhow.
_SCRYPT_N: Final = 4096


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An Ed25519 private key: 32 bytes."""

    secret: bytes = field(repr=False)
    _key: Ed25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _demand_key(self.secret)
        # Made once: it costs as much as a signature.
        key = Ed25519PrivateKey.from_private_bytes(self.secret)
        object.__setattr__(self, "_key", key)

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """64 bytes over exactly `message`. INVARIANT: every message that is signed
        is JSON that names its own type, so none can pass for another."""
        return self._key.sign(message)


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """An X25519 private key: opens what was sealed to its public half."""

    secret: bytes = field(repr=False)
    _key: X25519PrivateKey = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _demand_key(self.secret)
        # Made once: it costs as much as a signature.
        key = X25519PrivateKey.from_private_bytes(self.secret)
        object.__setattr__(self, "_key", key)

    @property
    def public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    def open(self, sealed: bytes, *, context: bytes) -> bytes:
        """What was sealed to this key.

        Raises:
            SealBroken: altered, sealed to another key, or for another context.
        """
        if len(sealed) < SEAL_OVERHEAD or sealed[:1] != _SEALED:
            raise SealBroken("not a sealed message of a known form")
        sender = sealed[1 : 1 + KEY_BYTES]
        try:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(sender))
        except ValueError:  # a point of low order
            raise SealBroken("the sender's ephemeral key is not usable") from None
        cipher, nonce = _agree(shared, sender=sender, receiver=self.public)
        return _decrypt(cipher, nonce, sealed[1 + KEY_BYTES :], context)


def make_signing_key() -> SigningKey:
    return SigningKey(Ed25519PrivateKey.generate().private_bytes_raw())


def make_opening_key() -> OpeningKey:
    return OpeningKey(X25519PrivateKey.generate().private_bytes_raw())


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Pass if `signature` over `message` was made by the owner of `public`.

    Raises:
        SignatureInvalid: it was not.
    """
    try:
        _verifier(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise SignatureInvalid("the signature does not fit message and key") from None


@lru_cache(maxsize=1024)  # a site's doors; each signs all the time
def _verifier(public: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public)


def seal(
    public: bytes, plain: bytes, *, context: bytes, random_bytes: RandomBytes
) -> bytes:
    """`plain`, readable only by the owner of the X25519 key `public`.

    form 1 | ephemeral public key 32 | ciphertext n | tag 16
    """
    _demand_key(public)
    ephemeral = OpeningKey(random_bytes(KEY_BYTES))
    try:
        shared = X25519PrivateKey.from_private_bytes(ephemeral.secret).exchange(
            X25519PublicKey.from_public_bytes(public)
        )
    except ValueError:
        raise CallerError("the receiver's public key is not usable") from None
    sender = ephemeral.public
    cipher, nonce = _agree(shared, sender=sender, receiver=public)
    return _SEALED + sender + cipher.encrypt(nonce, plain, context)


def seal_local(
    key: bytes, plain: bytes, *, context: bytes, random_bytes: RandomBytes
) -> bytes:
    """`plain` for this machine's own disk.

    form 1 | nonce 12 | ciphertext n | tag 16
    """
    _demand_key(key)
    nonce = random_bytes(_NONCE)
    return _LOCAL + nonce + ChaCha20Poly1305(key).encrypt(nonce, plain, context)


def open_local(key: bytes, sealed: bytes, *, context: bytes) -> bytes:
    """What `seal_local` sealed.

    Raises:
        SealBroken: altered, truncated, sealed with another key or context.
    """
    _demand_key(key)
    if len(sealed) < LOCAL_OVERHEAD or sealed[:1] != _LOCAL:
        raise SealBroken("not a locally sealed message of a known form")
    nonce, rest = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    return _decrypt(ChaCha20Poly1305(key), nonce, rest, context)


def context(*parts: str | int) -> bytes:
    """Bytes for a context: no two different lists of parts give the same."""
    texts = [str(part).encode() for part in parts]
    return b"".join(len(text).to_bytes(2) + text for text in texts)


def badge_digest(key: bytes, number: bytes) -> bytes:
    """32 bytes that stand for a badge's raw number, under the site's digest key.

    `number` is big-endian; leading zero bytes are dropped, so that a reader that
    pads gives the same digest as one that does not. Nothing else is normalised: a
    26-bit Wiegand reader reports only the low 24 bits of an EM4100 number, and to
    call those equal would make 65,536 cards one card. Enrol a badge at the kind of
    reader that the doors have.
    """
    _demand_key(key)
    return hmac.digest(key, b"badge\0" + number.lstrip(b"\0"), "sha256")


def pin_verifier(key: bytes, person: str, pin: str) -> bytes:
    """32 bytes that prove a PIN without holding it: scrypt, salted by person and key.

    Takes about 10 ms: call it off the event loop.
    """
    _demand_key(key)
    salt = hmac.digest(key, b"pin\0" + person.encode(), "sha256")
    return hashlib.scrypt(
        pin.encode(), salt=salt, n=_SCRYPT_N, r=8, p=1, dklen=KEY_BYTES
    )


def pin_matches(key: bytes, person: str, pin: str, verifier: bytes) -> bool:
    """Whether `pin` is the one behind `verifier`, in constant time."""
    return hmac.compare_digest(pin_verifier(key, person, pin), verifier)


def _agree(
    shared: bytes, *, sender: bytes, receiver: bytes
) -> tuple[ChaCha20Poly1305, bytes]:
    kdf = HKDF(SHA256(), KEY_BYTES + _NONCE, salt=sender + receiver, info=b"menshen/v1")
    both = kdf.derive(shared)
    return ChaCha20Poly1305(both[:KEY_BYTES]), both[KEY_BYTES:]


def _decrypt(
    cipher: ChaCha20Poly1305, nonce: bytes, data: bytes, bound_to: bytes
) -> bytes:
    try:
        return cipher.decrypt(nonce, data, bound_to)
    except InvalidTag:
        raise SealBroken(
            "altered, or sealed with another key or for another place"
        ) from None


def _demand_key(key: bytes) -> None:
    if len(key) != KEY_BYTES:
        raise CallerError(f"a key has {KEY_BYTES} bytes, this one has {len(key)}")
