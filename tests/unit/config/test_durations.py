"""How durations are written."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import durations
from domain.errors import InputError


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        pytest.param("15s", timedelta(seconds=15), id="seconds"),
        pytest.param("10m", timedelta(minutes=10), id="minutes"),
        pytest.param("100h", timedelta(hours=100), id="hours"),
        pytest.param("93d", timedelta(days=93), id="days"),
        pytest.param("1.5s", timedelta(milliseconds=1500), id="a fraction"),
        pytest.param("0s", timedelta(0), id="nothing"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, meant: timedelta) -> None:
    assert durations.parse(text) == meant


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "s",
        "-1s",
        "1 s",
        "1s ",
        "1w",
        "1ms",
        "1h30m",
        "1e3s",
        "１s",
        "nan",
        "+1s",
    ],
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="write a number and s, m, h or d"):
        durations.parse(text)


def test_a_duration_beyond_every_calendar_is_refused() -> None:
    with pytest.raises(InputError, match="longer than ten years"):
        durations.parse("999999999d")


@given(st.integers(0, 10 * 365 * 86_400))
def test_what_is_written_reads_back(seconds: int) -> None:
    duration = timedelta(seconds=seconds)

    assert durations.parse(durations.written(duration)) == duration
