"""How weekly hours are written."""

import pytest

from config.hours import parse
from domain.errors import InputError
from domain.schedule import Window


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        pytest.param("mon 08:00-18:00", [(0, 480, 1080)], id="one day"),
        pytest.param(
            "sat-mon 09:30-10:00",
            [(5, 570, 600), (6, 570, 600), (0, 570, 600)],
            id="a range past the end of the week",
        ),
        pytest.param(
            "tue,thu 00:00-24:00", [(1, 0, 1440), (3, 0, 1440)], id="whole days"
        ),
        pytest.param(
            "sun 22:00-06:00",
            [(6, 1320, 1440), (0, 0, 360)],
            id="past midnight is the morning after",
        ),
        pytest.param("fri 22:00-00:00", [(4, 1320, 1440)], id="until midnight"),
        pytest.param(
            "mon-tue,tue 01:00-02:00",
            [(0, 60, 120), (1, 60, 120)],
            id="a day named twice counts once",
        ),
    ],
)
def test_hours_are_windows(text: str, windows: list[tuple[int, int, int]]) -> None:
    assert parse(text) == tuple(Window(*window) for window in windows)


def test_hours_of_a_holiday_name_no_day() -> None:
    assert parse("10:00-12:00", weekly=False) == (Window(0, 600, 720),)


@pytest.mark.parametrize(
    ("text", "weekly"),
    [
        pytest.param("08:00-18:00", True, id="no day"),
        pytest.param("mon 08:00-18:00", False, id="a day on a holiday"),
        pytest.param("mon 8:00-18:00", True, id="one digit"),
        pytest.param("mon 08:60-18:00", True, id="sixty minutes"),
        pytest.param("mon 08:00-24:01", True, id="after midnight"),
        pytest.param("mon 24:00-06:00", True, id="from midnight of the day after"),
        pytest.param("mon 08:00-08:00", True, id="no time at all"),
        pytest.param("mon-fry 08:00-18:00", True, id="no such day"),
        pytest.param("mon- 08:00-18:00", True, id="half a range"),
        pytest.param("mon 08:00–18:00", True, id="a dash that is none"),
        pytest.param("", True, id="nothing"),
    ],
)
def test_what_is_no_hours_is_refused(text: str, weekly: bool) -> None:
    with pytest.raises(InputError):
        parse(text, weekly=weekly)
