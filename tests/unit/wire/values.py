"""Arbitrary values of any class the wire speaks, and one plain example of each."""

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, NewType, TypeAlias, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from domain.visit_devices import DeviceDeclaration
from domain.visits import Declined, VisitClass, VisitorRight
from tests.builders import LI, NINE
from tests.visits import LAPTOP, STICK, into_core, right, visit, visitor
from wire.codec import Digest

_CARRIED: Final = DeviceDeclaration(devices=(LAPTOP, STICK), locker=7, at=NINE)
_TOLD: Final = Declined(text="inspection/1", witness=LI, at=NINE)
# A right is made from a visit and in no other way.
RIGHTS: Final = (
    right(into_core(visitors=(visitor(devices=_CARRIED),))),
    right(),
    right(visit(kind=VisitClass.INSPECTION, visitors=(visitor(undertaking=_TOLD),))),
)

# A class, or an instance of one, only known at run time.
Anything: TypeAlias = Any

_TEXT: Final = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), max_size=8
)
_PLAIN: Final[dict[Any, tuple[st.SearchStrategy[Any], Any]]] = {
    str: (_TEXT, "text"),
    bool: (st.booleans(), True),
    int: (st.integers(-(2**63), 2**63 - 1), 7),
    float: (st.floats(-1e9, 1e9), 21.5),
    bytes: (st.binary(max_size=40), b"\x00\x01\xff"),
    date: (st.dates(), date(2027, 1, 1)),
    datetime: (
        st.datetimes(timezones=st.just(UTC)),
        datetime(2026, 11, 23, 0, 0, 1, 5, tzinfo=UTC),
    ),
    timedelta: (
        st.integers(0, 10**12).map(lambda ms: timedelta(milliseconds=ms)),
        timedelta(seconds=2, milliseconds=5),
    ),
    Digest: (st.binary(min_size=32, max_size=32), bytes(range(32))),
}


def any_of(tp: Anything) -> st.SearchStrategy[Any]:
    """Arbitrary values of a type."""
    if tp in _PLAIN:
        return _PLAIN[tp][0]
    if isinstance(tp, NewType):
        return any_of(tp.__supertype__)
    origin: object = get_origin(tp)
    args = get_args(tp)
    if origin is tuple:
        return st.lists(any_of(args[0]), max_size=3).map(tuple)
    if origin is frozenset:
        return st.frozensets(any_of(args[0]), max_size=3)
    if origin is Mapping:
        return st.dictionaries(any_of(args[0]), any_of(args[1]), max_size=3)
    if args:
        return st.one_of([any_of(each) for each in args])
    if tp is types.NoneType:
        return st.none()
    if issubclass(tp, StrEnum):
        return st.sampled_from(list(tp))
    if tp is VisitorRight:
        return st.sampled_from(RIGHTS)
    fields = {name: any_of(hint) for name, hint in _hints(tp).items()}
    return st.fixed_dictionaries(fields).map(lambda values: tp(**values))


def plain(tp: Anything) -> Anything:
    """One ordinary value of a type, always the same."""
    if tp in _PLAIN:
        return _PLAIN[tp][1]
    if isinstance(tp, NewType):
        return plain(tp.__supertype__)
    origin: object = get_origin(tp)
    args = get_args(tp)
    if origin is tuple:
        return (plain(args[0]),)
    if origin is frozenset:
        return frozenset({plain(args[0])})
    if origin is Mapping:
        return {plain(args[0]): plain(args[1])}
    if args:
        return plain(args[0])
    if issubclass(tp, StrEnum):
        return next(iter(tp))
    if tp is VisitorRight:
        return RIGHTS[0]
    return tp(**{name: plain(hint) for name, hint in _hints(tp).items()})


def _hints(cls: Anything) -> dict[str, Any]:
    hints = get_type_hints(cls)
    return {each.name: hints[each.name] for each in dataclasses.fields(cls)}
