"""One-time codes are RFC 6238's, and are right for a moment."""

from datetime import UTC, datetime

import pytest

from controller.services import one_time
from domain.operators import OperatorId

# RFC 6238, appendix B: the last six of its eight digits.
RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)

    assert one_time.code_at(RFC_SECRET, at) == code
    assert one_time.matching_step(RFC_SECRET, code, at) == seconds // 30


@pytest.mark.parametrize(
    ("after", "right"),
    [(-31, False), (-30, True), (0, True), (29, True), (59, True), (60, False)],
)
def test_a_code_is_right_for_its_step_and_the_neighbours(
    after: int, right: bool
) -> None:
    code = one_time.code_at(RFC_SECRET, datetime.fromtimestamp(3000, UTC))
    at = datetime.fromtimestamp(3000 + after, UTC)

    assert (one_time.matching_step(RFC_SECRET, code, at) == 100) == right


def test_a_code_may_be_typed_as_it_is_shown() -> None:
    at = datetime.fromtimestamp(59, UTC)

    assert one_time.matching_step(RFC_SECRET, " 287 082 ", at) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870822", "２８７０８２", "abcdef"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    at = datetime.fromtimestamp(59, UTC)

    assert one_time.matching_step(RFC_SECRET, code, at) is None


def test_recovery_codes_differ_and_may_be_typed_in_any_way() -> None:
    numbers = iter(range(100))
    codes = one_time.new_recovery_codes(lambda n: next(numbers).to_bytes(n))
    li = OperatorId("li")
    digest = one_time.recovery_digest(li, codes[0])

    assert len(set(codes)) == one_time.RECOVERY_CODES
    assert one_time.recovery_digest(li, codes[0].lower().replace("-", " ")) == digest
    assert one_time.recovery_digest(OperatorId("wu"), codes[0]) != digest
    assert one_time.recovery_digest(li, codes[1]) != digest
