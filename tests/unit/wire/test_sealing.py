"""Signatures, seals and digests: what opens, what must not, and known answers."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import CallerError, SealBroken, SignatureInvalid
from wire import sealing
from wire.sealing import OpeningKey, SigningKey

KEY, OTHER = bytes(range(32)), bytes(range(1, 33))
RANDOM = Random(1).randbytes  # noqa: S311  so that a test can be repeated
DOOR, STRANGER = OpeningKey(KEY), OpeningKey(OTHER)
HERE, THERE = sealing.context("factory", "lab", 7, 0), sealing.context("factory", "lab")


def seal(plain: bytes) -> bytes:
    return sealing.seal(DOOR.public, plain, context=HERE, random_bytes=RANDOM)


def test_signing_matches_rfc_8032() -> None:
    """RFC 8032, 7.1, test 2."""
    key = SigningKey(
        bytes.fromhex(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"
        )
    )

    assert key.public.hex() == (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    )
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )


def test_agreement_matches_rfc_7748() -> None:
    """RFC 7748, 6.1: Alice's two keys."""
    alice = OpeningKey(
        bytes.fromhex(
            "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"
        )
    )

    assert alice.public.hex() == (
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    )


@given(message=st.binary(), bit=st.integers(0, 511))
def test_no_signature_survives_a_flipped_bit(message: bytes, bit: int) -> None:
    signature = bytearray(SigningKey(KEY).sign(message))
    sealing.verify(SigningKey(KEY).public, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8

    with pytest.raises(SignatureInvalid):
        sealing.verify(SigningKey(KEY).public, message, bytes(signature))


@pytest.mark.parametrize(
    ("public", "message", "signature"),
    [
        pytest.param(SigningKey(OTHER).public, b"a", None, id="another's key"),
        pytest.param(SigningKey(KEY).public, b"b", None, id="another message"),
        pytest.param(SigningKey(KEY).public, b"a", b"", id="no signature"),
        pytest.param(b"short", b"a", None, id="no key"),
        pytest.param(bytes(32), b"a", None, id="a key of small order"),
    ],
)
def test_what_was_not_signed_is_refused(
    public: bytes, message: bytes, signature: bytes | None
) -> None:
    genuine = SigningKey(KEY).sign(b"a")

    with pytest.raises(SignatureInvalid):
        sealing.verify(public, message, genuine if signature is None else signature)


@given(plain=st.binary(max_size=2000))
def test_what_is_sealed_to_a_door_opens_there(plain: bytes) -> None:
    sealed = seal(plain)

    assert DOOR.open(sealed, context=HERE) == plain
    assert len(sealed) == len(plain) + sealing.SEAL_OVERHEAD


@given(data=st.data())
def test_no_seal_survives_a_change(data: st.DataObject) -> None:
    sealed = bytearray(seal(b"everybody's templates"))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= data.draw(st.integers(1, 255))

    # Also the ephemeral key's top bit, which RFC 7748 masks: it is in the salt.
    with pytest.raises(SealBroken):
        DOOR.open(bytes(sealed), context=HERE)


@given(junk=st.binary(max_size=200))
def test_junk_opens_nothing(junk: bytes) -> None:
    with pytest.raises(SealBroken):
        DOOR.open(junk, context=HERE)
    with pytest.raises(SealBroken):
        sealing.open_local(KEY, junk, context=HERE)


def test_a_seal_opens_nowhere_else() -> None:
    sealed = seal(b"secret")

    with pytest.raises(SealBroken):
        STRANGER.open(sealed, context=HERE)
    with pytest.raises(SealBroken):
        DOOR.open(sealed, context=THERE)


def test_a_seal_needs_a_usable_key() -> None:
    with pytest.raises(CallerError):
        sealing.seal(bytes(32), b"", context=HERE, random_bytes=RANDOM)
    with pytest.raises(CallerError):
        sealing.seal(b"short", b"", context=HERE, random_bytes=RANDOM)


@given(plain=st.binary(max_size=2000))
def test_the_local_seal_opens_with_its_key_and_context_only(plain: bytes) -> None:
    sealed = sealing.seal_local(KEY, plain, context=HERE, random_bytes=RANDOM)

    assert sealing.open_local(KEY, sealed, context=HERE) == plain
    with pytest.raises(SealBroken):
        sealing.open_local(OTHER, sealed, context=HERE)
    with pytest.raises(SealBroken):
        sealing.open_local(KEY, sealed, context=THERE)


def test_no_two_contexts_are_confused() -> None:
    assert sealing.context("ab", "c") != sealing.context("a", "bc")
    assert sealing.context("a", 1, "") != sealing.context("a", 1)


@given(number=st.binary(min_size=1, max_size=8), zeros=st.integers(0, 4))
def test_a_reader_that_pads_gives_the_same_digest(number: bytes, zeros: int) -> None:
    padded = bytes(zeros) + number

    assert sealing.badge_digest(KEY, padded) == sealing.badge_digest(KEY, number)


def test_different_badges_and_different_sites_differ() -> None:
    digests = {
        sealing.badge_digest(key, number)
        for key in (KEY, OTHER)
        for number in (b"\x01", b"\x01\x00", b"\x11\x00\x00\x01")
    }

    assert len(digests) == 6


@settings(max_examples=10, deadline=None)  # each takes 10 ms on purpose
@given(pin=st.text("0123456789", min_size=4, max_size=8))
def test_a_pin_proves_its_person_only(pin: str) -> None:
    verifier = sealing.pin_verifier(KEY, "E1001", pin)

    assert sealing.pin_matches(KEY, "E1001", pin, verifier)
    assert not sealing.pin_matches(KEY, "E1002", pin, verifier)
    assert not sealing.pin_matches(OTHER, "E1001", pin, verifier)
    assert not sealing.pin_matches(KEY, "E1001", pin + "0", verifier)
    assert pin.encode() not in verifier


def test_no_key_shows_itself() -> None:
    for key in (SigningKey(KEY), OpeningKey(KEY)):
        assert KEY.hex() not in repr(key)
        assert repr(KEY) not in repr(key)
    with pytest.raises(CallerError, match="31"):
        SigningKey(KEY[1:])
