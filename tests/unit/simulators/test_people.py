"""Simulated people carry what belongs to them, and nobody else's."""

import pytest

from domain.credentials import Factor
from domain.ids import PersonId
from simulators.people import (
    Devices,
    Shown,
    badge_number,
    credentials,
    declaration_keys,
    finger,
    parse_shown,
    pin,
)

KEY = bytes(range(32))
CROWD = [f"E{n}" for n in range(1001, 2001)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("badge", Shown(Factor.BADGE, "E1")),
        ("fingerprint:E2", Shown(Factor.FINGERPRINT, "E2")),
        ("face:unknown", Shown(Factor.FACE, "unknown")),
        ("pin:wrong", Shown(Factor.PIN, "E1", wrong=True)),
        ("pin:duress", Shown(Factor.PIN, "E1", duress=True)),
        ("badge:duress", None),
        ("fingerprint:wrong", None),
        ("badge:", None),
        ("eye", None),
        ("", None),
    ],
)
def test_what_is_shown_is_read_from_its_name(text: str, shown: Shown | None) -> None:
    assert parse_shown(text, PersonId("E1")) == shown


def test_nobody_can_show_only_what_is_somebody_elses() -> None:
    assert parse_shown("badge", None) is None
    assert parse_shown("badge:unknown", None) == Shown(Factor.BADGE, "unknown")


def test_badges_and_fingers_of_a_thousand_people_are_different() -> None:
    assert len({badge_number(who) for who in CROWD}) == len(CROWD)
    assert len({finger(who, duress=d) for who in CROWD for d in (False, True)}) == 2000


@pytest.mark.parametrize("who", CROWD[:200])
def test_right_wrong_and_duress_pin_never_coincide(who: str) -> None:
    pins = {pin(who), pin(who, duress=True), pin(who, wrong=True)}

    assert len(pins) == 3
    assert all(len(p) == 6 and p.isdigit() for p in pins)


@pytest.mark.parametrize(
    ("devices", "keys"),
    [(Devices.NONE, "0#"), (Devices.UNDECLARED, None)],
)
def test_what_is_keyed_in_says_what_is_carried(
    devices: Devices, keys: str | None
) -> None:
    assert declaration_keys("E1", devices) == keys


def test_a_locker_has_a_number_that_no_pin_could_be() -> None:
    lockers = {declaration_keys(who, Devices.DEPOSITED) for who in CROWD}

    assert all(k is not None and 2 <= len(k) <= 4 and k[0] != "0" for k in lockers)


def test_the_register_holds_no_raw_badge_number_and_no_pin() -> None:
    held = credentials(PersonId("E1"), digest_key=KEY, faces=())

    assert {c.factor for c in held} == {Factor.BADGE, Factor.FINGERPRINT, Factor.PIN}
    assert not any(badge_number("E1") in c.data for c in held)
    assert not any(pin("E1").encode() in c.data for c in held)
    assert [c.factor for c in held if c.duress] == [Factor.FINGERPRINT, Factor.PIN]
