"""The broker's configuration: TLS only, one user per certificate, least rights.

Two brokers get the same rules in their own words: the NATS server (the default) and
Mosquitto. The law: a door speaks only its own `events` and `status` and hears only
its own `ack`, `commands`, `roster` and `presence`; the controller the mirror image,
for all doors. Nobody without a certificate of the site's authority gets as far as
MQTT, and there is no plaintext listener to forget.

A refused SUBSCRIBE gets a failure code; a refused PUBLISH is acknowledged and dropped
(both brokers). Sources: docs.nats.io (MQTT, TLS, authorization), mosquitto.conf(5).
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.ids import CONTROLLER, DoorId, SiteId
from wire import topics
from wire.keys import SiteKeys, user_name
from wire.link import MAX_PAYLOAD
from wire.topics import Kind

# Bytes that a broker passes: brokers count topic and headers too.
_MAX_PACKET: Final = MAX_PAYLOAD + 16 * 1024
# Seconds until the NATS server sends again what was not acknowledged: by this timer
# only, also after a reconnect, so it bounds how long an undone message rests. A
# consumer slower than that is sent it twice for nothing (`mqtt_link` drops those).
ACK_WAIT: Final = 5
# Messages under way to one client without its acknowledgement.
MAX_IN_FLIGHT: Final = 100
# Messages kept for a client that is away. Doors keep their own outboxes, so this
# only has to bridge a restart of the controller.
MAX_QUEUED: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where it listens, what it stores where, and by which certificate it is known."""

    host: str
    port: int
    store: Path
    certificate: Path
    key: Path
    authority: Path
    ack_wait: int = ACK_WAIT


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A certificate's subject, and what its owner may say and hear (filters)."""

    name: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def broker_of(keys: SiteKeys, *, host: str, port: int, store: Path) -> Broker:
    folder = keys.folder.resolve()
    return Broker(
        host=host,
        port=port,
        store=store,
        certificate=folder / "broker" / "server.pem",
        key=folder / "broker" / "server.key",
        authority=folder / "authority.pem",
    )


def users_of(keys: SiteKeys, *, expected: Sequence[DoorId] = ()) -> tuple[User, ...]:
    """The controller, every door whose keys are in force, and those `expected` doors
    that never had keys, under the first they will get."""
    names = sorted({each.door for each in keys.doors})
    in_force = [k for name in names if (k := keys.in_force(name)) is not None]
    first = [(door, 1) for door in expected if door not in names]
    return site_users(keys.site, [*((k.door, k.issue) for k in in_force), *first])


def site_users(site: SiteId, doors: Iterable[tuple[DoorId, int]]) -> tuple[User, ...]:
    """The controller, and `doors` each with the issue of its keys."""
    return (
        _controller(site),
        *(_door(site, door, user_name(door, issue)) for door, issue in doors),
    )


def write_broker_files(
    keys: SiteKeys, *, host: str, port: int, expected: Sequence[DoorId] = ()
) -> Path:
    """Write `broker/nats.conf`, and the same for Mosquitto, in the folder of keys.

    Returns the former. What was written before is replaced.
    """
    folder = keys.folder.resolve() / "broker"
    store = folder / "store"
    store.mkdir(mode=0o700, exist_ok=True)
    broker = broker_of(keys, host=host, port=port, store=store)
    users = users_of(keys, expected=expected)
    acl = folder / "mosquitto.acl"
    texts = {
        folder / "nats.conf": nats_config(broker, users),
        folder / "mosquitto.conf": mosquitto_config(broker, acl=acl, user="mosquitto"),
        acl: mosquitto_acl(users),
    }
    for path, text in texts.items():
        new = path.with_suffix(".new")
        new.write_text(text)
        new.chmod(0o600)
        new.replace(path)
    return folder / "nats.conf"


def nats_config(broker: Broker, users: Sequence[User]) -> str:
    """Configuration of a NATS server that serves MQTT, and nothing without TLS.

    Its own protocol cannot be switched off: it listens on a port of loopback that
    the system chooses, under the same TLS, and every user is confined to MQTT.
    """
    tls = f"""tls {{
    cert_file: {_quoted(broker.certificate)}
    key_file: {_quoted(broker.key)}
    ca_file: {_quoted(broker.authority)}
    verify_and_map: true
    min_version: "1.2"
    timeout: 5
  }}"""
    listed = "\n".join(_nats_user(user) for user in users)
    return f"""# Written by menshen; changes are lost. Rules: wire/broker_config.py
server_name: "menshen"
listen: "127.0.0.1:-1"
max_payload: {_MAX_PACKET}
jetstream {{
  store_dir: {_quoted(broker.store)}
}}
{tls}
mqtt {{
  listen: {_quoted(f"{_bracketed(broker.host)}:{broker.port}")}
  ack_wait: "{broker.ack_wait}s"
  max_ack_pending: {MAX_IN_FLIGHT}
  {tls}
}}
authorization {{
  users: [
{listed}
  ]
}}
"""


def mosquitto_config(broker: Broker, *, acl: Path, user: str) -> str:
    """Configuration of Mosquitto; `acl` is where `mosquitto_acl` will be.

    `user`: the system's account that owns key and store; Mosquitto changes to it
    when root starts it.
    """
    return f"""# Written by menshen; changes are lost. Rules: wire/broker_config.py
per_listener_settings false
allow_anonymous false
user {user}
acl_file {acl}

listener {broker.port} {broker.host}
cafile {broker.authority}
certfile {broker.certificate}
keyfile {broker.key}
require_certificate true
use_subject_as_username true
tls_version tlsv1.2
max_inflight_messages {MAX_IN_FLIGHT}
# The default drops all beyond 1000, after having acknowledged them.
max_queued_messages {MAX_QUEUED}
max_packet_size {_MAX_PACKET}
set_tcp_nodelay true

persistence true
persistence_location {broker.store}/
# After every change: the default, half an hour, loses acknowledged messages.
autosave_on_changes true
autosave_interval 1
"""


def mosquitto_acl(users: Sequence[User]) -> str:
    lines = []
    for user in users:
        lines.append(f"user {_reversed(user.name)}")
        lines += [f"topic write {filter_}" for filter_ in user.publish]
        lines += [f"topic read {filter_}" for filter_ in user.subscribe]
    return "\n".join(lines) + "\n"


def _door(site: SiteId, door: DoorId, user: str) -> User:
    return User(
        name=user,
        publish=(topics.events(site, door), topics.status(site, door)),
        subscribe=(
            topics.ack(site, door),
            topics.commands(site, door),
            topics.roster_filter(site, door),
            topics.presence(site, door),
        ),
    )


def _controller(site: SiteId) -> User:
    said = (Kind.ACK, Kind.COMMANDS, Kind.PRESENCE)
    return User(
        name=user_name(CONTROLLER, 1),
        publish=(
            *(topics.every_door(site, kind) for kind in said),
            topics.every_door(site, Kind.ROSTER) + "/+",
        ),
        subscribe=(
            topics.every_door(site, Kind.EVENTS),
            topics.every_door(site, Kind.STATUS),
        ),
    )


def _nats_user(user: User) -> str:
    publish = json.dumps([_subject(f) for f in user.publish])
    subscribe = json.dumps([_subject(f) for f in user.subscribe])
    return f"""    {{
      user: {_quoted(user.name)}
      allowed_connection_types: ["MQTT"]
      permissions: {{
        publish: {{ allow: {publish} }}
        subscribe: {{ allow: {subscribe} }}
      }}
    }}"""


def _subject(filter_: str) -> str:
    """An MQTT filter as NATS sees it; names hold no dot (`topics`)."""
    return filter_.replace("/", ".").replace("+", "*")


def _reversed(user: str) -> str:
    """Mosquitto writes a subject the other way round (RFC 2253: last first)."""
    return ",".join(reversed(user.split(",")))


def _quoted(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
