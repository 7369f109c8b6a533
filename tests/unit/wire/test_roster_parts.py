"""A roster arrives whole, from the controller, for this door, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.credentials import Credential, Factor
from domain.errors import RosterRejected
from domain.ids import CredentialId, DoorId, GrantId, PersonId, SiteId, ZoneId
from domain.people import Grant, Person, PersonState, Post, Qualifications, Rank
from domain.roster import Roster, RosterEntry
from wire import roster_parts
from wire.roster_parts import PackedRoster, RosterInbox, pack, unpack
from wire.sealing import OpeningKey, SigningKey

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE, LAB = SiteId("works"), DoorId("rd_lab")
CONTROLLER = SigningKey(bytes(range(32)))
DOOR = OpeningKey(bytes(range(32, 64)))
RANDOM = Random(1).randbytes  # noqa: S311  so that a test can be repeated


TEMPLATES = tuple(RANDOM(200_512) for _ in range(4))


def roster(number: int = 7, *, people: int = 3, noise: int = 0) -> Roster:
    return Roster(
        site=SITE,
        door=LAB,
        number=number,
        issued_at=NINE,
        valid_until=NINE + timedelta(hours=72),
        entries=tuple(_entry(n, noise) for n in range(people)),
        schedules=(),
    )


def _entry(n: int, noise: int) -> RosterEntry:
    grant = Grant(
        id=GrantId(f"g{n}"),
        zone=ZoneId("rd_lab"),
        rank=Rank.GENERAL_MANAGER,
        approved_by=None,
        purpose="研发",
        since=NINE,
        until=None,
        schedule=None,
    )
    person = Person(
        id=PersonId(f"E{n}"),
        name="周工",
        post=Post("rd_engineer"),
        state=PersonState.ACTIVE,
        qualifications=Qualifications(
            agreement_until=None, commitment_until=None, training_until=None
        ),
        grants=(grant,),
        withdrawn=None,
        non_face=False,
    )
    data = TEMPLATES[n][: 512 + noise]
    face = Credential(CredentialId(f"E{n}.face"), Factor.FACE, data)
    return RosterEntry(person, (face,))


def packed(what: Roster, *, key: SigningKey = CONTROLLER) -> PackedRoster:
    return pack(what, key=key, seal_to=DOOR.public, random_bytes=RANDOM)


def opened(what: PackedRoster, *, newer_than: int | None = None) -> Roster:
    return unpack(
        what,
        controller=CONTROLLER.public,
        opening=DOOR,
        site=SITE,
        door=LAB,
        newer_than=newer_than,
    )


SMALL = packed(roster())
LARGE = packed(roster(people=4, noise=200_000))


def inbox(number: int = 0) -> RosterInbox:
    return RosterInbox(controller=CONTROLLER.public, site=SITE, door=LAB, number=number)


def test_what_was_packed_comes_out_again() -> None:
    assert opened(SMALL, newer_than=6) == roster()


def test_a_large_roster_travels_in_parts_that_a_broker_takes() -> None:
    assert len(LARGE.parts) > 2
    assert max(map(len, LARGE.parts)) <= roster_parts.PART_BYTES
    assert opened(LARGE) == roster(people=4, noise=200_000)


def test_nobody_reads_a_name_off_the_broker() -> None:
    assert "周工".encode() not in b"".join((*SMALL.parts, SMALL.manifest))


@settings(max_examples=300)
@given(st.data())
def test_any_flipped_bit_is_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(SMALL.manifest) + len(SMALL.parts[0]) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    whole = bytearray(SMALL.manifest + SMALL.parts[0])
    whole[place] ^= bit
    cut = len(SMALL.manifest)
    damaged = PackedRoster(bytes(whole[:cut]), (bytes(whole[cut:]),))

    with pytest.raises(RosterRejected):
        opened(damaged)


@given(st.integers(0, len(SMALL.manifest) - 1))
def test_a_truncated_manifest_is_refused(length: int) -> None:
    with pytest.raises(RosterRejected):
        opened(replace(SMALL, manifest=SMALL.manifest[:length]))


@given(st.integers(0, len(SMALL.parts[0]) - 1))
def test_a_truncated_part_is_refused(length: int) -> None:
    with pytest.raises(RosterRejected, match="part 0 of roster 7 is damaged"):
        opened(replace(SMALL, parts=(SMALL.parts[0][:length],)))


@pytest.mark.parametrize(
    ("what", "says"),
    [
        pytest.param(
            packed(roster(), key=SigningKey(bytes(32))), "not signed", id="forged"
        ),
        pytest.param(
            packed(replace(roster(), door=DoorId("canteen"))),
            "for door `canteen`",
            id="another door's",
        ),
        pytest.param(
            packed(replace(roster(), site=SiteId("other"))),
            "of site `other`",
            id="another site's",
        ),
        pytest.param(
            pack(
                roster(),
                key=CONTROLLER,
                seal_to=OpeningKey(bytes(32)).public,
                random_bytes=RANDOM,
            ),
            "cannot be opened",
            id="sealed to another key",
        ),
        pytest.param(replace(SMALL, parts=()), "0 are here", id="no part"),
        pytest.param(
            replace(LARGE, parts=(LARGE.parts[1], LARGE.parts[0], *LARGE.parts[2:])),
            "part 0 of roster 7 is damaged",
            id="parts swapped",
        ),
        pytest.param(
            replace(SMALL, parts=packed(roster(8)).parts),
            "part 0 of roster 7 is damaged",
            id="part of another roster",
        ),
    ],
)
def test_what_is_not_ours_is_refused_by_name(what: PackedRoster, says: str) -> None:
    with pytest.raises(RosterRejected, match=says):
        opened(what)


@pytest.mark.parametrize("held", [7, 8])
def test_a_door_never_goes_back(held: int) -> None:
    with pytest.raises(RosterRejected, match="not newer"):
        opened(SMALL, newer_than=held)


@given(st.permutations(range(len(LARGE.parts) + 1)))
def test_an_inbox_takes_parts_in_any_order(order: list[int]) -> None:
    box = inbox()
    found = [_deliver(box, LARGE, n) for n in order]

    assert found == [None] * len(LARGE.parts) + [LARGE]


def test_parts_of_an_older_roster_only_wait_to_be_replaced() -> None:
    old, box = packed(roster(6)), inbox()
    box.take("0", old.parts[0])

    assert box.take("manifest", SMALL.manifest) is None
    assert box.missing == (0,)
    assert box.take("0", SMALL.parts[0]) == SMALL


def test_a_damaged_part_of_this_roster_is_told_at_once() -> None:
    box = inbox()
    box.take("manifest", SMALL.manifest)

    with pytest.raises(RosterRejected, match="damaged"):
        box.take("0", SMALL.parts[0][:-1] + b"x")
    assert box.take("0", SMALL.parts[0]) == SMALL


def test_the_roster_in_force_may_lie_at_the_broker_for_ever() -> None:
    box = inbox(number=7)

    assert box.take("manifest", SMALL.manifest) is None
    assert box.take("0", SMALL.parts[0]) is None


def test_an_older_roster_is_refused_by_the_inbox() -> None:
    box = inbox()
    box.take("manifest", SMALL.manifest)
    box.take("0", SMALL.parts[0])
    box.in_force(7)

    with pytest.raises(RosterRejected, match="roster 6 is older than 7"):
        box.take("manifest", packed(roster(6)).manifest)


def test_an_emptied_topic_says_nothing() -> None:
    assert inbox().take("manifest", b"") is None


def _deliver(box: RosterInbox, what: PackedRoster, n: int) -> PackedRoster | None:
    if n == len(what.parts):
        return box.take("manifest", what.manifest)
    return box.take(str(n), what.parts[n])
