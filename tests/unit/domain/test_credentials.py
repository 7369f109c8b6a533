"""When a credential admits."""

from datetime import datetime, timedelta

import pytest

from domain.credentials import Credential, Factor
from domain.ids import CredentialId
from tests.builders import NINE

INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("since", "until", "at", "admits"),
    [
        (None, None, NINE, True),
        (NINE, None, NINE, True),
        (NINE, None, NINE - INSTANT, False),
        (None, NINE, NINE - INSTANT, True),
        (None, NINE, NINE, False),
        (NINE, NINE + HOUR, NINE + HOUR - INSTANT, True),
        (NINE, NINE + HOUR, NINE + HOUR, False),
        (NINE, NINE, NINE, False),
    ],
)
def test_it_admits_from_its_first_instant_to_the_one_before_its_end(
    since: datetime | None, until: datetime | None, at: datetime, admits: bool
) -> None:
    badge = Credential(
        CredentialId("E1.badge"), Factor.BADGE, b"", since=since, until=until
    )

    assert badge.admits(at) is admits
