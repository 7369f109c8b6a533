"""A real broker as a child process: start it, stop it, kill it, start it again.

The port is free when it is chosen and stays the same over restarts, as a real
broker's would. Nothing here waits by guessing: a broker is ready when it accepts a
connection.
"""

import asyncio
import contextlib
import getpass
import shutil
import signal
import socket
from abc import ABC, abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import Final

from domain.errors import DeviceSilent, InputError
from wire.broker_binary import find_broker
from wire.broker_config import (
    ACK_WAIT,
    Broker,
    broker_of,
    mosquitto_acl,
    mosquitto_config,
    nats_config,
    users_of,
)
from wire.keys import SiteKeys

READY_WITHIN: Final = 10.0  # seconds; measured 0.02 on an idle machine
STOPS_WITHIN: Final = 10.0
_GLANCE: Final = 0.01  # seconds between two knocks at the door
_HOST: Final = "127.0.0.1"


class BrokerProcess(ABC):
    """One broker. `folder` holds its configuration, its store and its log.

    `keys` says who its users are, anew at every start and reload.
    """

    def __init__(
        self, folder: Path, keys: SiteKeys, *, port: int | None = None
    ) -> None:
        self.folder = folder
        self.keys = keys
        self._settings = broker_of(
            keys, host=_HOST, port=port or free_port(), store=folder / "store"
        )
        self._process: asyncio.subprocess.Process | None = None

    @property
    def host(self) -> str:
        return _HOST

    @property
    def port(self) -> int:
        return self._settings.port

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        return self.folder / "broker.log"

    async def start(self) -> None:
        """Start it and wait until it serves.

        Raises:
            DeviceSilent: it ended or did not answer in time; tells the log's end.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._settings.store.mkdir(exist_ok=True)
        command = self._prepare(self._settings)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )
        try:
            async with asyncio.timeout(READY_WITHIN):
                await self._until_it_serves()
        except TimeoutError:
            await self.kill()
            raise DeviceSilent(f"the broker does not serve: {self._tail()}") from None

    async def stop(self) -> None:
        """Ask it to end, as the system does at shutdown. Idempotent."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(STOPS_WITHIN):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
        self._process = None

    async def kill(self) -> None:
        """End it the way a power cut does (SIGKILL). Idempotent."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._process = None

    def reload(self) -> None:
        """Let it read who its users are now, without a restart (SIGHUP)."""
        if self._process is not None:
            self._prepare(self._settings)
            self._process.send_signal(signal.SIGHUP)

    @abstractmethod
    def _prepare(self, broker: Broker) -> list[str]:
        """Write the configuration; the command that starts with it."""

    async def _until_it_serves(self) -> None:
        while True:
            if self._process is None or self._process.returncode is not None:
                raise DeviceSilent(f"the broker ended at once: {self._tail()}")
            try:
                _, writer = await asyncio.open_connection(self.host, self.port)
            except OSError:
                await asyncio.sleep(_GLANCE)
                continue
            writer.close()
            return

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()
        return " | ".join(lines[-5:])


class NatsBroker(BrokerProcess):
    """The default broker: the NATS server of this environment."""

    def __init__(
        self,
        folder: Path,
        keys: SiteKeys,
        *,
        port: int | None = None,
        binary: Path | None = None,
        ack_wait: int = ACK_WAIT,
    ) -> None:
        super().__init__(folder, keys, port=port)
        self._settings = replace(self._settings, ack_wait=ack_wait)
        self._binary = find_broker(binary)

    def _prepare(self, broker: Broker) -> list[str]:
        path = self.folder / "nats.conf"
        path.write_text(nats_config(broker, users_of(self.keys)))
        return [str(self._binary), "--config", str(path)]


class MosquittoBroker(BrokerProcess):
    """The other broker, from Debian, so that nothing depends on one."""

    def __init__(
        self, folder: Path, keys: SiteKeys, *, port: int | None = None
    ) -> None:
        super().__init__(folder, keys, port=port)
        self._binary = find_mosquitto()

    def _prepare(self, broker: Broker) -> list[str]:
        config, acl = self.folder / "mosquitto.conf", self.folder / "mosquitto.acl"
        config.write_text(mosquitto_config(broker, acl=acl, user=getpass.getuser()))
        acl.write_text(mosquitto_acl(users_of(self.keys)))
        acl.chmod(0o600)
        return [str(self._binary), "-c", str(config)]


def find_mosquitto() -> Path:
    """Debian's Mosquitto; its folder is not in everybody's PATH.

    Raises:
        InputError: it is not installed.
    """
    found = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        raise InputError("mosquitto is not installed: apt-get install mosquitto")
    return Path(found)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port
