"""Every message survives its JSON, and its JSON never changes.

`tests/golden/wire/v1/` has one file per type. Files are added, never edited: what a
door said in version 1 must be read for ever. A class that is new gets its file by

    python -m tests.unit.wire.test_json_v1

which writes only files that are missing.
"""

import json
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.access_events import AccessDenied
from domain.agent_events import AgentStopped, DeviceFailed
from domain.commands import Command
from domain.errors import MessageMalformed, UnknownMessageType
from domain.visits import VisitorRight
from tests.unit.wire.values import RIGHTS, Anything, any_of, plain
from wire import envelope, json_v1
from wire.canonical import Json
from wire.codec import Body, codec_of, type_name
from wire.json_v1 import DOCUMENT_TYPES, EVENT_TYPES

GOLDEN: Final = Path(__file__).parents[2] / "golden" / "wire" / "v1"
RIGHTS_FILE: Final = GOLDEN.parent / "v1_visitor_rights.json"
ALL: Final = {**EVENT_TYPES, **DOCUMENT_TYPES}
PREVIOUS: Final = bytes(range(32))

every_event = pytest.mark.parametrize("name", sorted(EVENT_TYPES))
every_type = pytest.mark.parametrize("name", sorted(ALL))


def written(value: Anything) -> bytes:
    """A message as it goes on the wire."""
    if type_name(type(value)) in EVENT_TYPES:
        entry = json_v1.envelope_of(value, seq=7, previous=PREVIOUS)
        return envelope.encode(entry)
    return json_v1.to_bytes(value)


def read(name: str, data: bytes) -> Anything:
    if name in EVENT_TYPES:
        return json_v1.event_of(envelope.decode(data))
    return json_v1.from_bytes(DOCUMENT_TYPES[name], data)


def contains(whole: Anything, part: Anything) -> bool:
    """Whether `whole` says all that `part` says, and perhaps more."""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(k in whole and contains(whole[k], v) for k, v in part.items())
    if isinstance(whole, list) and isinstance(part, list):
        pairs = zip(whole, part, strict=True)
        return len(whole) == len(part) and all(contains(w, p) for w, p in pairs)
    return bool(whole == part)


@every_type
def test_every_type_has_a_golden_file_that_is_still_read_and_written(
    name: str,
) -> None:
    path = GOLDEN / f"{name}.json"
    assert path.exists(), f"no {path.name}: see this module's docstring"
    golden = path.read_bytes().rstrip(b"\n")
    again = written(read(name, golden))

    assert contains(json.loads(again), json.loads(golden))


def test_no_golden_file_is_of_a_type_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(ALL)


@every_type
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_every_message_survives_its_json(name: str, data: st.DataObject) -> None:
    value = data.draw(any_of(ALL[name]).filter(_has_a_door_name))
    once = written(value)

    assert read(name, once) == value
    assert written(read(name, once)) == once


@every_event
def test_keys_that_a_later_version_adds_are_ignored(name: str) -> None:
    event = plain(EVENT_TYPES[name])
    entry = json_v1.envelope_of(event, seq=0, previous=PREVIOUS)
    more = Body({**entry.body, "added_later": {"deep": [1]}})

    assert json_v1.event_of(_with(entry, body=more)) == event


@every_event
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_a_wrong_value_is_refused_with_its_path(name: str, data: st.DataObject) -> None:
    entry = json_v1.envelope_of(plain(EVENT_TYPES[name]), seq=0, previous=PREVIOUS)
    if not entry.body:
        return
    key = data.draw(st.sampled_from(sorted(entry.body)))
    wrongs: list[Json] = [{"a": 1}, [[]], "\0", 2**70]
    wrong = data.draw(st.sampled_from(wrongs))

    with pytest.raises(MessageMalformed, match=rf"body\.{key}"):
        json_v1.event_of(_with(entry, body=Body({**entry.body, key: wrong})))


def test_an_unknown_type_is_told_from_a_malformed_one() -> None:
    entry = json_v1.envelope_of(plain(AgentStopped), seq=0, previous=PREVIOUS)

    with pytest.raises(UnknownMessageType, match="door_sang"):
        json_v1.event_of(_with(entry, type="door_sang"))
    with pytest.raises(MessageMalformed, match=r"body\.device"):
        json_v1.event_of(_with(entry, type="device_failed"))


def test_an_order_of_a_later_version_is_unknown_not_malformed() -> None:
    data = json_v1.to_bytes(plain(Command)).replace(b"unlock_door", b"open_window")

    with pytest.raises(UnknownMessageType, match="order"):
        json_v1.from_bytes(Command, data)


@pytest.mark.parametrize("name", sorted(DOCUMENT_TYPES))
def test_no_document_passes_for_another(name: str) -> None:
    data = json_v1.to_bytes(plain(DOCUMENT_TYPES[name]))

    for other in set(DOCUMENT_TYPES) - {name}:
        with pytest.raises(UnknownMessageType):
            json_v1.from_bytes(DOCUMENT_TYPES[other], data)
    with pytest.raises(MessageMalformed):
        envelope.decode(data)


def test_text_no_database_holds_is_replaced_on_the_way_out() -> None:
    event = DeviceFailed(
        door=plain(AgentStopped).door,
        at=plain(AgentStopped).at,
        device=plain(DeviceFailed).device,
        error="read \0 and \ud800",
    )
    entry = json_v1.envelope_of(event, seq=0, previous=PREVIOUS)

    assert entry.body["error"] == "read \ufffd and \ufffd"
    assert envelope.decode(envelope.encode(entry)) == entry


def test_door_and_instant_stand_in_the_envelope_only() -> None:
    entry = json_v1.envelope_of(plain(AccessDenied), seq=0, previous=PREVIOUS)

    assert not {"door", "at", "type", "seq"} & set(entry.body)


def test_durations_carry_their_unit() -> None:
    golden = json.loads((GOLDEN / "door_held_open.json").read_bytes())

    assert golden["body"] == {"open_for_ms": 2005}


def test_a_visitor_s_right_is_read_for_ever_as_it_was_first_written() -> None:
    codec = codec_of(VisitorRight)
    again = [codec.encode(right) for right in RIGHTS]
    written_first = json.loads(RIGHTS_FILE.read_bytes())

    assert [codec.decode(each, "right") for each in written_first] == list(RIGHTS)
    assert contains(again, written_first)


@pytest.mark.parametrize("key", ["approval", "escorts", "visitors"])
def test_a_right_that_lacks_a_part_is_never_read(key: str) -> None:
    nothing: dict[str, Json] = {"approval": None, "escorts": [], "visitors": []}
    json_ = codec_of(VisitorRight).encode(RIGHTS[0])
    assert isinstance(json_, dict)
    visit = json_["visit"]
    assert isinstance(visit, dict)

    with pytest.raises(MessageMalformed, match="no right"):
        codec_of(VisitorRight).decode(
            {**json_, "visit": {**visit, key: nothing[key]}}, "right"
        )


def test_a_roster_of_before_visitors_has_no_rights() -> None:
    golden = (GOLDEN / "roster.json").read_bytes().rstrip(b"\n")

    assert [e.right for e in read("roster", golden).entries] == [None]


def _has_a_door_name(value: Anything) -> bool:
    """An envelope's sender is a name; elsewhere any text will do."""
    if type_name(type(value)) in EVENT_TYPES:
        object.__setattr__(value, "door", "lab")
    return True


def _with(entry: envelope.Envelope, **changes: Anything) -> envelope.Envelope:
    fields = {name: getattr(entry, name) for name in entry.__dataclass_fields__}
    return envelope.Envelope(**{**fields, **changes})


def write_missing() -> None:
    GOLDEN.mkdir(parents=True, exist_ok=True)
    if not RIGHTS_FILE.exists():
        rights = [codec_of(VisitorRight).encode(right) for right in RIGHTS]
        text = json.dumps(rights, ensure_ascii=False, sort_keys=True)
        RIGHTS_FILE.write_text(f"{text}\n", "utf-8")
    for name, cls in ALL.items():
        path = GOLDEN / f"{name}.json"
        if not path.exists():
            path.write_bytes(written(plain(cls)) + b"\n")


if __name__ == "__main__":
    write_missing()
