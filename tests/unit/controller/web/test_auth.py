"""Who is let in by the token of this start."""

from datetime import timedelta

import pytest

from controller.web.auth import TRIES, WINDOW, TokenGate
from domain.errors import CallerError
from tests.web_site import TOKEN, SetClock


def test_the_token_is_accepted_and_any_other_is_not() -> None:
    gate = TokenGate(TOKEN, clock=SetClock())

    assert gate.accept(TOKEN)
    assert gate.accept(f" {TOKEN}\n")  # as it is pasted
    assert not gate.accept(TOKEN[:-1])
    assert not gate.accept("")


def test_nothing_but_its_own_cookie_is_admitted() -> None:
    gate = TokenGate(TOKEN, clock=SetClock())

    assert not gate.admits(None)
    assert not gate.admits(TOKEN)  # the token itself is no cookie
    assert not gate.admits("ü")


def test_after_too_many_wrong_tokens_even_the_right_one_waits() -> None:
    clock = SetClock()
    gate = TokenGate(TOKEN, clock=clock)

    for _ in range(TRIES):
        assert not gate.accept("wrong")

    assert gate.retry_after == 60
    assert not gate.accept(TOKEN)
    clock.pass_by(WINDOW - timedelta(microseconds=1))
    assert gate.retry_after == 1
    clock.pass_by(timedelta(microseconds=1))
    assert gate.retry_after == 0
    assert gate.accept(TOKEN)


def test_slow_mistakes_never_block() -> None:
    clock = SetClock()
    gate = TokenGate(TOKEN, clock=clock)

    for _ in range(TRIES * 3):
        gate.accept("wrong")
        clock.pass_by(timedelta(seconds=7))

    assert gate.accept(TOKEN)


def test_the_token_shows_in_no_repr() -> None:
    assert TOKEN not in repr(TokenGate(TOKEN, clock=SetClock()))


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(CallerError, match="fewer than 16"):
        TokenGate("short", clock=SetClock())
