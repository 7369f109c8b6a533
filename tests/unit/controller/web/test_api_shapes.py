"""What the API's description says of a request is what reading it does."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Annotated, Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.web.api.people import PersonData, Report
from controller.web.api.shapes import Fault, Many, Text, Whole, read, schema_of
from controller.web.api.table import ENDPOINTS
from controller.web.api.visits import VisitRequest
from wire import canonical


class Colour(StrEnum):
    RED = "red"
    GREY = "grey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    serial: Annotated[str, Text(most=5)]
    note: Annotated[str, Text(most=5, least=0)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """Everything that a request may hold."""

    colour: Colour
    count: Annotated[int, Whole(least=1, most=9)]
    flag: bool
    day: date | None
    at: datetime
    parts: Annotated[tuple[Part, ...], Many(least=1, most=2)]


GOOD: Final[dict[str, Any]] = {
    "colour": "red",
    "count": 3,
    "flag": True,
    "day": "2026-11-23",
    "at": "2026-11-23T08:00:00+08:00",
    "parts": [{"serial": "A 1"}, {"serial": "b", "note": ""}],
}


def faults_of(value: object, cls: type = Everything) -> list[Fault]:
    faults: list[Fault] = []
    read(cls, canonical.loads(json.dumps(value).encode(), "x"), "body", faults)
    return faults


def test_what_fits_is_read_as_the_types_say() -> None:
    faults: list[Fault] = []
    found = read(Everything, GOOD, "body", faults)

    assert faults == []
    assert found == Everything(
        colour=Colour.RED,
        count=3,
        flag=True,
        day=date(2026, 11, 23),
        at=datetime(2026, 11, 23, tzinfo=UTC),
        parts=(Part(serial="A 1"), Part(serial="b")),
    )
    assert found.at.tzinfo == timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"colour": "blue"}, "body.colour"),
        ({"colour": ["red"]}, "body.colour"),
        ({"count": 0}, "body.count"),
        ({"count": 10}, "body.count"),
        ({"count": True}, "body.count"),
        ({"count": 1.0}, "body.count"),
        ({"flag": 1}, "body.flag"),
        ({"flag": None}, "body.flag"),
        ({"day": "2026-02-30"}, "body.day"),
        ({"day": "20261123"}, "body.day"),
        ({"at": "2026-11-23T08:00:00"}, "body.at"),
        ({"at": "2026-11-23T25:00:00Z"}, "body.at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "body.at"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "body.at"),
        ({"at": "２026-11-23T08:00:00Z"}, "body.at"),
        ({"parts": []}, "body.parts"),
        ({"parts": "ab"}, "body.parts"),
        ({"parts": [{"serial": "a"}] * 3}, "body.parts"),
        ({"parts": [{"serial": "a"}, {"serial": ""}]}, "body.parts[1].serial"),
        ({"parts": [{"serial": "a\n"}]}, "body.parts[0].serial"),
        ({"parts": [{"serial": "\u3000a"}]}, "body.parts[0].serial"),
        ({"parts": [{"serial": "a\u0000"}]}, "body.parts[0].serial"),
        ({"parts": [{"note": "a"}]}, "body.parts[0].serial"),
        ({"parts": [{"serial": "a", "x": 1}]}, "body.parts[0].x"),
        ({"extra": 1}, "body.extra"),
    ],
)
def test_what_does_not_fit_is_named_by_its_place(
    change: dict[str, object], where: str
) -> None:
    assert [fault.where for fault in faults_of({**GOOD, **change})] == [where]


def test_every_fault_is_told_at_once() -> None:
    wrong = {"colour": 1, "count": 99, "flag": True, "day": 1, "parts": [1]}

    assert [fault.where for fault in faults_of(wrong)] == [
        "body.colour", "body.count", "body.day", "body.at", "body.parts[0]",
    ]  # fmt: skip


JSON: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)
TAKEN: Final = (PersonData, Report, VisitRequest, Everything)


@pytest.mark.parametrize("cls", TAKEN)
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_nothing_that_json_can_say_breaks_the_reading(
    cls: type, data: st.DataObject
) -> None:
    names = schema_names(cls)
    value = data.draw(st.dictionaries(st.sampled_from(names), JSON) | JSON)
    faults: list[Fault] = []
    found = read(cls, value, "body", faults)

    assert (found is None) == bool(faults)


def schema_names(cls: type) -> list[str]:
    named: dict[str, Any] = {}
    schema_of(cls, named)
    return sorted(named[cls.__name__]["properties"])


def test_no_two_shapes_of_the_description_have_one_name() -> None:
    def shapes(tp: type, found: dict[str, set[int]]) -> None:
        named: dict[str, Any] = {}
        schema_of(tp, named)
        for name, schema in named.items():
            found.setdefault(name, set()).add(hash(json.dumps(schema, sort_keys=True)))

    found: dict[str, set[int]] = {}
    for each in ENDPOINTS:
        for tp in (each.gives, each.takes, each.query):
            if tp is not None:
                shapes(tp, found)

    assert [name for name, kinds in found.items() if len(kinds) > 1] == []
