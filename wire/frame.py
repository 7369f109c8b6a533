"""Several signed documents in one MQTT payload.

    "MSB1" | count 2 | count × ( length 4 | signature 64 | document )   big-endian

At most 256 KiB, which every broker passes; at least one document; nothing behind the
last. JSON would need base64 and could be written in more than one way.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from domain.errors import CallerError, MessageMalformed
from wire.envelope import MAX_SIGNED, Signed
from wire.sealing import SIGNATURE_BYTES

MAX_FRAME: Final = 256 * 1024  # bytes
MAX_COUNT: Final = 1024  # documents

_MAGIC: Final = b"MSB1"
_HEAD: Final = len(_MAGIC) + 2
_ITEM: Final = 4 + SIGNATURE_BYTES


def pack(documents: Sequence[Signed]) -> bytes:
    """One payload.

    Raises:
        CallerError: none, too many or too large; `batches` cuts to fit.
    """
    if not 1 <= len(documents) <= MAX_COUNT:
        raise CallerError(f"a frame has 1..{MAX_COUNT} documents")
    parts = [_MAGIC, len(documents).to_bytes(2)]
    for each in documents:
        if len(each.signature) != SIGNATURE_BYTES or len(each.signed) > MAX_SIGNED:
            raise CallerError("a document or its signature has the wrong length")
        parts += [len(each.signed).to_bytes(4), each.signature, each.signed]
    frame = b"".join(parts)
    if len(frame) > MAX_FRAME:
        raise CallerError(f"a frame has at most {MAX_FRAME} bytes")
    return frame


def batches(documents: Iterable[Signed]) -> Iterator[Sequence[Signed]]:
    """`documents` in order, in as few pieces as `pack` takes."""
    batch: list[Signed] = []
    size = _HEAD
    for each in documents:
        more = _ITEM + len(each.signed)
        if batch and (size + more > MAX_FRAME or len(batch) == MAX_COUNT):
            yield batch
            batch, size = [], _HEAD
        batch.append(each)
        size += more
    if batch:
        yield batch


def unpack(payload: bytes) -> tuple[Signed, ...]:
    """The documents in one payload; their signatures are not checked here.

    Raises:
        MessageMalformed: not such a frame; says where.
    """
    if len(payload) > MAX_FRAME:
        raise MessageMalformed(f"frame: longer than {MAX_FRAME} bytes")
    if len(payload) < _HEAD or not payload.startswith(_MAGIC):
        raise MessageMalformed("frame: does not start as one")
    count = int.from_bytes(payload[len(_MAGIC) : _HEAD])
    if not 1 <= count <= MAX_COUNT:
        raise MessageMalformed(f"frame: says it holds {count} documents")
    documents = []
    at = _HEAD
    for number in range(count):
        begin = at + _ITEM
        length = int.from_bytes(payload[at : at + 4])
        if begin > len(payload) or length > len(payload) - begin:
            raise MessageMalformed(f"frame: ends within document {number}")
        if not 1 <= length <= MAX_SIGNED:
            raise MessageMalformed(f"frame: document {number} has {length} bytes")
        signature = payload[at + 4 : begin]
        at = begin + length
        documents.append(Signed(payload[begin:at], signature))
    if at != len(payload):
        raise MessageMalformed(f"frame: {len(payload) - at} bytes behind the last")
    return tuple(documents)
