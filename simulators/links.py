"""The network between doors and office: in memory for stories, real for the demo.

Both give every door a link of its own that can be cut, and a broker that can be
killed and started again.
"""

import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from domain.ids import CONTROLLER, DoorId
from simulators.broker import NatsBroker
from simulators.memory_link import MemoryBroker
from simulators.network import Cable
from wire.broker_config import users_of
from wire.keys import DoorKeys, SiteKeys, user_name
from wire.link import Backoff, Link, Will
from wire.mqtt_link import Endpoint, MqttLink, tls_context


class Network(Protocol):
    """What a simulated site needs of its network."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def office_link(self, *, client_id: str | None = None) -> Link:
        """The office's; under another `client_id`, one beside it in its name."""

    async def door_link(self, keys: DoorKeys, will: Will) -> Link: ...

    def cut(self, door: DoorId) -> None: ...

    def restore(self, door: DoorId) -> None: ...

    def lose(self, door: DoorId) -> None:
        """The door vanishes without a goodbye: the broker says its last will."""

    async def kill_broker(self) -> None: ...

    async def start_broker(self) -> None: ...


class MemoryNetwork:
    """Links in memory, for the virtual clock."""

    def __init__(self, keys: SiteKeys, *, random: Callable[[], float]) -> None:
        self._keys = keys
        self._random = random
        self._broker = MemoryBroker(users_of(keys))

    async def start(self) -> None:
        self._broker.start()

    async def stop(self) -> None:
        self._broker.kill()

    def office_link(self, *, client_id: str | None = None) -> Link:
        client = client_id or self._keys.client_id
        name = user_name(CONTROLLER, 1)
        return self._broker.link(name, client_id=client, backoff=Backoff(self._random))

    async def door_link(self, keys: DoorKeys, will: Will) -> Link:
        return self._broker.link(
            user_name(keys.door, keys.issue),
            client_id=keys.client_id,
            will=will,
            backoff=Backoff(self._random),
        )

    def cut(self, door: DoorId) -> None:
        self._broker.cut(self._client(door))

    def restore(self, door: DoorId) -> None:
        self._broker.restore(self._client(door))

    def lose(self, door: DoorId) -> None:
        self._broker.lose(self._client(door))

    async def kill_broker(self) -> None:
        self._broker.kill()

    async def start_broker(self) -> None:
        self._broker.start()

    def _client(self, door: DoorId) -> str:
        public = self._keys.in_force(door)
        return public.client_id if public is not None else str(door)


class NatsNetwork:
    """A real NATS server as a child process; each door behind a cable of its own."""

    def __init__(
        self,
        folder: Path,
        keys: SiteKeys,
        *,
        random: Callable[[], float],
        binary: Path | None = None,
    ) -> None:
        self._keys = keys
        self._random = random
        self.broker = NatsBroker(folder, keys, binary=binary)
        self._cables: dict[DoorId, Cable] = {}

    async def start(self) -> None:
        await self.broker.start()

    async def stop(self) -> None:
        for cable in self._cables.values():
            await cable.unplug()
        await self.broker.stop()

    def office_link(self, *, client_id: str | None = None) -> Link:
        end = Endpoint(self.broker.host, self.broker.port)
        client = client_id or self._keys.client_id
        return self._link((end,), client, tls_context(self._keys.client), None)

    async def door_link(self, keys: DoorKeys, will: Will) -> Link:
        cable = self._cables.get(keys.door)
        if cable is None:
            cable = Cable(self.broker.host, self.broker.port)
            await cable.plug_in()
            self._cables[keys.door] = cable
        end = Endpoint(cable.host, cable.port)
        return self._link((end,), keys.client_id, tls_context(keys.client), will)

    def cut(self, door: DoorId) -> None:
        self._cables[door].cut()

    def restore(self, door: DoorId) -> None:
        self._cables[door].restore()

    def lose(self, door: DoorId) -> None:
        self._cables[door].lose()

    async def kill_broker(self) -> None:
        await self.broker.kill()

    async def start_broker(self) -> None:
        await self.broker.start()

    def _link(
        self,
        ends: Sequence[Endpoint],
        client_id: str,
        tls: ssl.SSLContext,
        will: Will | None,
    ) -> Link:
        return MqttLink(
            ends,
            client_id=client_id,
            tls=tls,
            backoff=Backoff(self._random),
            will=will,
        )
