"""People of a site file, and of a file that changes some of them."""

from datetime import UTC, date, datetime

import pytest

from config.load import merge_person, site_of
from config.schema import PersonSpec, Site
from config.toml_reader import Problems, Reader
from config.toml_table import Table, parse
from domain.errors import SiteInvalid
from domain.ids import PersonId
from domain.people import PersonState, Rank
from tests.unit.config.sites import SOUND

BASE = """
name = "张三"
agreement_until = 2027-01-01
devices = "deposited"
face = 3
"""


def site(extra: str = "") -> Site:
    return site_of(SOUND + extra, "s.toml")


def merged(text: str, base: PersonSpec | None = None) -> PersonSpec:
    """The person of one [[people]] block in another file."""
    problems = Problems()
    people = parse(f"[[people]]\n{text}", "x.toml").items["people"].value
    assert isinstance(people, list)
    assert isinstance(people[0], Table)
    person = merge_person(base, Reader(people[0], problems), site())
    problems.raise_if_any()
    return person


def known() -> PersonSpec:
    return site(BASE).people[PersonId("E1")]


def test_a_new_person_has_no_qualification_they_were_not_given() -> None:
    person = merged('id = "E9"\npost = "welder"\ntraining_until = 2027-01-01')

    assert (person.agreement_until, person.commitment_until) == (None, None)
    assert person.training_until == date(2027, 1, 1)


def test_a_new_person_is_active_and_called_by_their_id() -> None:
    person = merged('id = "E9"\npost = "welder"')

    assert (person.name, person.state) == ("E9", PersonState.ACTIVE)
    assert (person.devices, person.grants, person.face) == ("none", (), None)


def test_what_is_not_written_of_a_known_person_stays() -> None:
    before = known()

    assert merged('id = "E1"', before) == before


def test_what_is_written_of_a_known_person_counts() -> None:
    changed = merged('id = "E1"\nstate = "suspended"\nzones = ["hall"]', known())

    assert changed.state is PersonState.SUSPENDED
    assert [grant.zone for grant in changed.grants] == ["hall"]
    assert changed.agreement_until == date(2027, 1, 1)


def test_an_empty_list_of_zones_takes_every_grant() -> None:
    assert merged('id = "E1"\nzones = []', known()).grants == ()


def test_zones_and_grants_add_up() -> None:
    person = merged(
        'id = "E9"\npost = "welder"\nzones = ["hall"]\ngrants = [{ zone = "furnace" }]'
    )

    assert [(g.zone, g.rank) for g in person.grants] == [
        ("hall", Rank.DEPARTMENT_HEAD),
        ("furnace", Rank.GENERAL_MANAGER),
    ]


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        pytest.param(
            "2026-11-23",
            "2026-11-24",
            (
                datetime(2026, 11, 22, 16, tzinfo=UTC),
                datetime(2026, 11, 24, 16, tzinfo=UTC),
            ),
            id="days are the site's, the last one included",
        ),
        pytest.param(
            "2026-11-23T08:00:00+08:00",
            "2026-11-23T09:00:00Z",
            (
                datetime(2026, 11, 23, 0, tzinfo=UTC),
                datetime(2026, 11, 23, 9, tzinfo=UTC),
            ),
            id="instants are exact",
        ),
        pytest.param(
            "2026-11-23T08:00:00",
            '"2026-11-23T09:00:00"',
            (
                datetime(2026, 11, 23, 0, tzinfo=UTC),
                datetime(2026, 11, 23, 1, tzinfo=UTC),
            ),
            id="without an offset it is the site's clock",
        ),
    ],
)
def test_a_grant_begins_and_ends(
    since: str, until: str, expected: tuple[datetime, datetime]
) -> None:
    grant = f'{{ zone = "hall", since = {since}, until = {until} }}'
    [made] = merged(f'id = "E9"\npost = "x"\ngrants = [{grant}]').grants

    assert (made.since, made.until) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param('id = "E9"', "`post` is missing", id="no post"),
        pytest.param('post = "x"', "`id` is missing", id="no id"),
        pytest.param(
            'id = "E9"\npost = "x"\nface = 41', "out of range; write 1 to 40", id="face"
        ),
        pytest.param(
            'id = "E9"\npost = "x"\ndevices = "many"', "`many` is not one", id="devices"
        ),
        pytest.param(
            'id = "E9"\npost = "x"\nstate = "here"', "`here` is not known", id="state"
        ),
        pytest.param(
            'id = "E9"\npost = "x"\nagreement_until = "soon"', "is not a date", id="day"
        ),
        pytest.param(
            'id = "E9"\npost = "x"\nagreement_until = 2027-01-01T00:00:00',
            "is not a date",
            id="a moment where a day belongs",
        ),
        pytest.param(
            'id = "E9"\npost = "x"\ngrants = [{ zone = "hall", rank = "boss" }]',
            "`boss` is not known",
            id="rank",
        ),
        pytest.param(
            'id = "E9"\npost = "x"\ngrants = [{ zone = "hall", schedule = "offices" }]',
            "no schedule `offices`; did you mean `office`?",
            id="schedule",
        ),
        pytest.param(
            'id = "E9"\npost = "x"\n'
            'grants = [{ zone = "hall", since = 2026-01-02, until = 2026-01-01 }]',
            "is not after `since`",
            id="ends before it begins",
        ),
        pytest.param(
            'id = "E9"\npost = "x"\nzone = "hall"', "did you mean `zones`?", id="key"
        ),
    ],
)
def test_a_person_that_cannot_be_is_refused(text: str, told: str) -> None:
    with pytest.raises(SiteInvalid) as refusal:
        merged(text)

    assert told in str(refusal.value)
