"""The grammar of topics: everything built is read back, nothing else is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError, MessageMalformed
from domain.ids import DoorId, SiteId
from wire import topics
from wire.topics import Kind, Topic

SITE, DOOR = SiteId("example"), DoorId("heat_treatment")
names = st.from_regex(topics._NAME, fullmatch=True)


@given(site=names, door=names, part=st.integers(0, 999_999))
def test_every_topic_we_build_is_read_back(site: str, door: str, part: int) -> None:
    s, d = SiteId(site), DoorId(door)

    assert topics.parse(topics.events(s, d)) == Topic(s, d, Kind.EVENTS)
    assert topics.parse(topics.ack(s, d)) == Topic(s, d, Kind.ACK)
    assert topics.parse(topics.commands(s, d)) == Topic(s, d, Kind.COMMANDS)
    assert topics.parse(topics.status(s, d)) == Topic(s, d, Kind.STATUS)
    assert topics.parse(topics.presence(s, d)) == Topic(s, d, Kind.PRESENCE)
    roster = topics.parse(topics.roster(s, d, part))
    assert roster == Topic(s, d, Kind.ROSTER, str(part))


@given(topic=st.text() | st.from_regex(re.compile("menshen/v1(/[a-z0-9.+#]*){1,5}")))
def test_a_stranger_s_topic_is_read_whole_or_refused(topic: str) -> None:
    try:
        parsed = topics.parse(topic)
    except MessageMalformed:
        return

    assert parsed.site in topic
    assert topics.is_name(parsed.door)


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param("menshen/v1/example/door", id="no kind"),
        pytest.param("menshen/v2/example/door/events", id="another version"),
        pytest.param("menshen/v1/example/door/gossip", id="unknown kind"),
        pytest.param("menshen/v1/example/door/events/1", id="a part of no roster"),
        pytest.param("menshen/v1/example/door/roster", id="a roster without a part"),
        pytest.param("menshen/v1/example/door/roster/01", id="a part written oddly"),
        pytest.param("menshen/v1/example/+/events", id="a wildcard"),
        pytest.param("menshen/v1/example/a.b/events", id="a dot"),
        pytest.param("menshen/v1/example/DOOR/events", id="capitals"),
        pytest.param("menshen/v1/example//events", id="an empty name"),
        pytest.param("menshen/v1/example/door/events\n", id="a line end"),
    ],
)
def test_what_is_not_of_the_grammar_is_refused(topic: str) -> None:
    with pytest.raises(MessageMalformed):
        topics.parse(topic)


@pytest.mark.parametrize(
    "name", ["", "+", "#", "a/b", "a.b", "A", "门", "a" * 65, "a\n"]
)
def test_no_name_can_reach_another_topic(name: str) -> None:
    with pytest.raises(CallerError):
        topics.events(SiteId(name), DOOR)
    with pytest.raises(CallerError):
        topics.status(SITE, DoorId(name))


@pytest.mark.parametrize("part", ["+", "#", "-1", "", "manifesto", 1_000_000])
def test_no_part_can_reach_another_topic(part: str | int) -> None:
    with pytest.raises(CallerError):
        topics.roster(SITE, DOOR, part)
