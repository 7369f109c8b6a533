"""What a sender signs: one event with its place in the sender's chain.

`(door, seq)` identifies an event for ever; `previous` is the SHA-256 of the signed
bytes before it (`domain.journal`). What is signed, stored and hashed is exactly the
bytes that `encode` gave once: nobody re-encodes an envelope to check it.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from domain.errors import CallerError, MessageMalformed, UnknownMessageType
from domain.ids import DoorId
from wire import canonical, sealing
from wire.codec import Body, Digest, codec_of
from wire.codec import encode as to_json
from wire.sealing import SigningKey
from wire.topics import is_name

VERSION: Final = 1
# Bytes of one signed document. Events are far below; the manifest of a roster of
# 480 MB fits.
MAX_SIGNED: Final = 128 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """`type` and `body` are `wire.json_v1`'s; `door` is the sender, also where that
    is the controller."""

    v: int = VERSION
    type: str
    door: DoorId
    seq: int  # from 0, without gaps, per sender
    previous: Digest
    at: datetime
    body: Body


@dataclass(frozen=True, slots=True)
class Signed:
    """A document and the signature over exactly its bytes."""

    signed: bytes
    signature: bytes  # 64 bytes, Ed25519

    @property
    def digest(self) -> bytes:
        """What the next envelope of this sender names as `previous`."""
        return sha256(self.signed).digest()

    def verify(self, public: bytes) -> None:
        """Pass if the owner of `public` signed this.

        Raises:
            SignatureInvalid: somebody else did, or it was altered.
        """
        sealing.verify(public, self.signed, self.signature)


def sign(key: SigningKey, document: bytes) -> Signed:
    if len(document) > MAX_SIGNED:
        raise CallerError(f"a signed document has at most {MAX_SIGNED} bytes")
    return Signed(document, key.sign(document))


def encode(envelope: Envelope) -> bytes:
    """The bytes to sign."""
    return canonical.dumps(to_json(envelope))


def decode(signed: bytes) -> Envelope:
    """What was signed. The body is read by `wire.json_v1`.

    Raises:
        MessageMalformed: not an envelope.
        UnknownMessageType: an envelope of a version we do not know.
    """
    if len(signed) > MAX_SIGNED:
        raise MessageMalformed(f"envelope: longer than {MAX_SIGNED} bytes")
    json = canonical.loads(signed, "envelope")
    if json.get("v") != VERSION:
        raise UnknownMessageType(f"envelope: version `{str(json.get('v'))[:16]}`")
    envelope: Envelope = codec_of(Envelope).decode(json, "envelope")
    if envelope.seq < 0:
        raise MessageMalformed("`envelope.seq` is below 0")
    if not is_name(envelope.door):
        raise MessageMalformed("`envelope.door` is no name for a sender")
    return envelope
