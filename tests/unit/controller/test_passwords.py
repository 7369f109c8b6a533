"""Which passwords operators may have, and what is kept of them (G5.4.2-1)."""

import asyncio

import pytest

from controller.services.passwords import (
    MAX_LENGTH,
    MIN_LENGTH,
    Busy,
    PasswordFault,
    Passwords,
    password_faults,
)
from tests.operators import PASSWORD, cheap


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        pytest.param("lathe-and-loom-41", PasswordFault.UPPER, id="no upper case"),
        pytest.param("LATHE-AND-LOOM-41", PasswordFault.LOWER, id="no lower case"),
        pytest.param("Lathe-and-Loom-xx", PasswordFault.DIGIT, id="no digit"),
        pytest.param("LatheAndLoom41xx", PasswordFault.SYMBOL, id="no symbol"),
        pytest.param("Lx-41-zQ9~w", PasswordFault.LENGTH, id="eleven characters"),
        pytest.param("Aa1-" * 33, PasswordFault.LENGTH, id="too long"),
        pytest.param("P@ssw0rd2024!", PasswordFault.KNOWN, id="disguised"),
        pytest.param("Qwerty123456!", PasswordFault.KNOWN, id="a row of keys"),
        pytest.param("aB3$aB3$aB3$", PasswordFault.KNOWN, id="repeated"),
    ],
)
def test_what_breaks_the_rule_is_named(password: str, fault: PasswordFault) -> None:
    assert password_faults(password) == {fault}


@pytest.mark.parametrize("password", [PASSWORD, "轴承Shop-7-磨削-Kq", "Zx9!mQ2#vT5@"])
def test_what_keeps_the_rule_is_taken(password: str) -> None:
    assert password_faults(password) == set()


def test_the_lengths_are_taken_at_their_limits() -> None:
    shortest = "Zx9!mQ2#vT5@"
    longest = PASSWORD + "~7Q" * 37

    assert (len(shortest), len(longest)) == (MIN_LENGTH, MAX_LENGTH)
    assert PasswordFault.LENGTH not in password_faults(shortest)
    assert PasswordFault.LENGTH not in password_faults(longest)


def test_ones_own_name_is_guessed_first() -> None:
    assert password_faults("Wangxiaoming-1") == set()
    assert password_faults("Wangxiaoming-1", ["wangxiaoming"]) == {PasswordFault.KNOWN}


async def test_only_the_password_itself_fits_its_hash() -> None:
    passwords = cheap()
    hashed = await passwords.hash(PASSWORD)

    assert PASSWORD not in hashed
    assert hashed.startswith("$argon2id$")
    assert await passwords.verify(hashed, PASSWORD)
    assert not await passwords.verify(hashed, PASSWORD + "x")
    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify("damaged", PASSWORD)


async def test_the_same_text_fits_from_another_keyboard() -> None:
    passwords = cheap()
    hashed = await passwords.hash("Drehb\u00e4nke-7")

    assert await passwords.verify(hashed, "Drehba\u0308nke-7")


async def test_the_real_cost_is_that_of_the_standard() -> None:
    passwords = Passwords()
    hashed = await passwords.hash(PASSWORD)

    assert "m=65536,t=3,p=4" in hashed
    assert not passwords.is_outdated(hashed)
    assert passwords.is_outdated(await cheap().hash(PASSWORD))


async def test_only_a_few_wait_to_be_looked_at() -> None:
    passwords = cheap()
    results = await asyncio.gather(
        *(passwords.verify(None, PASSWORD) for _ in range(30)), return_exceptions=True
    )

    assert sum(isinstance(r, Busy) for r in results) == 22
    assert results.count(False) == 8
