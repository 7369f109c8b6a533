"""Which movement a door believes: its own, or what another machine's door saw."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import MessageMalformed, SignatureInvalid
from domain.ids import DoorId, PersonId, SiteId, ZoneId
from domain.occupancy import Stay, ZoneOccupancy
from wire.messages import Movement, PresenceSnapshot
from wire.presence import merge, pack, unpack
from wire.sealing import SigningKey

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE, EAST, HALL = SiteId("works"), DoorId("east"), ZoneId("hall")
ADA = PersonId("E1001")
KEY = SigningKey(bytes(range(32)))


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


def moved(minute: int) -> tuple[Movement, ...]:
    return (Movement(person=ADA, at=at(minute), declaration=None),)


def told(
    *,
    entered: tuple[Movement, ...] = (),
    left: tuple[Movement, ...] = (),
    unknown_at: datetime | None = None,
    reset_at: datetime | None = None,
    doubtful: bool = False,
) -> PresenceSnapshot:
    return PresenceSnapshot(
        site=SITE,
        door=EAST,
        zone=HALL,
        at=at(10),
        entered=entered,
        left=left,
        unknown_at=unknown_at,
        reset_at=reset_at,
        doubtful=doubtful,
    )


def own(minute: int | None) -> ZoneOccupancy:
    return ZoneOccupancy({} if minute is None else {ADA: Stay(at(minute), None)})


@pytest.mark.parametrize(
    ("mine", "others", "since", "certain"),
    [
        pytest.param(None, told(), None, None, id="nobody saw her"),
        pytest.param(None, told(entered=moved(3)), 3, True, id="only they saw her"),
        pytest.param(2, told(), 2, True, id="only I saw her"),
        pytest.param(2, told(left=moved(3)), None, None, id="they let her out later"),
        pytest.param(4, told(left=moved(3)), 4, True, id="she came back past me"),
        pytest.param(2, told(entered=moved(3)), 3, True, id="their later word"),
        pytest.param(4, told(entered=moved(3)), 4, True, id="my later word"),
        pytest.param(2, told(unknown_at=at(3)), 2, False, id="they lost track since"),
        pytest.param(4, told(unknown_at=at(3)), 4, True, id="they lost track before"),
        pytest.param(
            2, told(reset_at=at(3)), None, None, id="they were told to forget"
        ),
        pytest.param(4, told(reset_at=at(3)), 4, True, id="forgotten before"),
    ],
)
def test_the_later_movement_counts(
    mine: int | None,
    others: PresenceSnapshot,
    since: int | None,
    certain: bool | None,
) -> None:
    stay = merge(own(mine), others).stays.get(ADA)

    assert (stay and stay.since) == (None if since is None else at(since))
    assert (stay and stay.certain) == certain


def test_a_doubt_of_either_is_a_doubt() -> None:
    assert merge(own(None), told(doubtful=True)).doubtful
    assert merge(ZoneOccupancy({}, doubtful=True), told()).doubtful


def test_a_snapshot_arrives_as_it_was_sent() -> None:
    sent = told(entered=moved(3), unknown_at=at(1))

    received = unpack(pack(sent, KEY), controller=KEY.public, site=SITE, door=EAST)

    assert received == sent


def test_only_the_controllers_word_counts() -> None:
    forged = pack(told(), SigningKey(bytes(32)))

    with pytest.raises(SignatureInvalid):
        unpack(forged, controller=KEY.public, site=SITE, door=EAST)


def test_another_doors_snapshot_is_refused() -> None:
    with pytest.raises(MessageMalformed, match="meant for door `east`"):
        unpack(pack(told(), KEY), controller=KEY.public, site=SITE, door=DoorId("w"))
